// SPDX-License-Identifier: Apache-2.0

/**
 * Frames in hand, and where they go.
 *
 * <h2>What a frame is</h2>
 * A {@link jpasst.frame.Frame} is the bytes of one Ethernet frame, without checksum, in off-heap
 * memory, together with its <em>offload facts</em>: what {@code struct virtio_net_hdr} says of a
 * packet (virtio 1.2 section 5.1.6). Either the transport checksum is still to be completed from a
 * given place on, or the frame is a super-frame of up to 64 KiB which stands for many segments, or
 * its checksum need not be verified. A tap device and vhost-user pass these facts on natively.
 *
 * <h2>Life of an outgoing frame</h2>
 * A protocol writes headers and data into a frame once, against the facts: it puts the pseudo
 * header sum in the checksum field and says how large a segment may be. Then it hands the frame to
 * a {@link jpasst.frame.FrameSink}, which takes it at once or refuses it; nobody keeps it. Sinks
 * nest: a capture round a tap, a {@link jpasst.frame.SoftwareOffload} round a sink whose other end
 * knows no offloads. The latter cuts super-frames into segments and completes checksums, so that
 * the protocols need not know; it asks beforehand whether there is room for all of them, and makes
 * them where the sink wants them if the sink gathers frames and lends the place. Where there is
 * much data, TCP reads it from its socket straight into the places of a whole run of segments.
 *
 * <h2>Ownership</h2>
 * Frames are made at start-up, reused, and belong to the loop thread. A frame of its own has
 * {@link jpasst.frame.Frame#HEADROOM} bytes in front, for what a transport puts before the frame.
 * A sink may complete the checksum in place, and says so in the facts; it changes nothing else.
 *
 * <h2>Cost</h2>
 * Nothing is allocated per frame. A super-frame passed on natively costs nothing here; one cut in
 * software costs a copy and a checksum of its bytes, one made in its place the checksum alone.
 *
 * <p>Start reading at {@link jpasst.frame.Frame}.
 */
package jpasst.frame;
