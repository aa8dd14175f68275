// SPDX-License-Identifier: Apache-2.0

/**
 * Packet codecs: the bytes of Ethernet, ARP, IP, TCP, UDP, ICMP, neighbor discovery, DHCP and
 * DHCPv6, and the Internet checksum. What a packet means for a flow, and whether to answer it, is
 * decided above.
 *
 * <h2>Flyweights</h2>
 * A header class owns no bytes. {@code wrap(memory, at)} points it at a header inside a frame;
 * getters and setters, named as in the RFC, read and write there, in network byte order. An owner
 * makes one instance of each class at start-up and moves it from packet to packet: nothing on this
 * path allocates. Setters return the header, so that a header is written in one chain; where a
 * class has a {@code write(...)}, it fills all of the header with few wide stores.
 *
 * <h2>Trust</h2>
 * Bytes come from a guest which may be hostile. {@code isValid(available)} tells whether the
 * header, with what its own length fields claim, lies within the bytes that are there. After it
 * said yes, no getter can fail; before, only {@code wrap} and {@code isValid} may be called. A bad
 * packet is never an exception, always an answer: false, or a {@link jpasst.wire.DropReason}.
 *
 * <h2>Life of a packet from the guest</h2>
 * {@link jpasst.wire.EthernetHeader} gives the EtherType; {@link jpasst.wire.IpPacket} checks the
 * IP header, walks extension headers, trims padding, refuses fragments, and holds the facts common
 * to both families; {@link jpasst.wire.AddressCheck} refuses addresses no packet may have;
 * {@link jpasst.wire.Checksum} verifies what the link did not vouch for; the protocol handler then
 * wraps its own header at {@code payloadAt()}.
 *
 * <h2>Threads and cost</h2>
 * Flyweights belong to one thread. Parsing a packet is a few dozen loads; a checksum is one pass
 * over the bytes, at memory speed.
 *
 * <p>Start reading at {@link jpasst.wire.IpPacket}.
 */
package jpasst.wire;
