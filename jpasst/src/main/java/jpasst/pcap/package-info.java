// SPDX-License-Identifier: Apache-2.0

/**
 * Capture of everything that passes the tap, in the classic pcap format, for option {@code -p}.
 *
 * <h2>What it is for</h2>
 * Seeing what the guest said and was told, with tshark or tcpdump. It is not a packet filter and
 * keeps no state about flows.
 *
 * <h2>Life of a record</h2>
 * A frame from the guest is given to {@link jpasst.pcap.Capture#record} by the tap's input; one to
 * the guest passes {@link jpasst.pcap.PcapSink}, a frame sink round another, which records what
 * the other took. Bytes are copied behind a record header into a buffer; a partial checksum is
 * completed in that copy, never in the frame. Super-frames are one record with their full length,
 * whatever the sink below makes of them. The buffer goes to the file when it is full, and at the
 * end of each round of the event loop ({@link jpasst.pcap.Capture#flush}).
 *
 * <h2>Errors</h2>
 * The first write that fails is reported, and ends the capture: the file stays readable up to
 * there. Traffic is never held up by it, except by a FIFO whose reader is slow.
 *
 * <h2>Cost and bounds</h2>
 * One buffer of 256 KiB; a copy, a clock reading and at most one checksum per frame. Nothing is
 * allocated per frame. Loop thread only.
 *
 * <p>Start reading at {@link jpasst.pcap.Capture}.
 */
package jpasst.pcap;
