// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv6Header;
import jpasst.wire.PacketHead;
import jpasst.wire.UdpHeader;

/**
 * The one frame in which services answer: they write their message at {@link #MESSAGE_AT}, say
 * where it goes, and have headers put in front of it. Loop thread only.
 *
 * <p>Checksums are complete, not left to the link: DHCP clients read from packet sockets, where
 * they see frames as they were sent.
 */
final class Outgoing {
    /** Where messages begin in {@link #memory}. */
    static final int MESSAGE_AT =
            Frame.HEADROOM + PacketHead.MAXIMUM_LENGTH + UdpHeader.LENGTH;

    private final Addresses addresses;
    private final FrameSink tap;
    private final Counters counters;
    private final Frame frame;
    private final PacketHead head = new PacketHead();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();
    private final Ipv6Header ipv6 = new Ipv6Header();

    /** @param arena lives as long as this; memory for one frame is taken from it */
    Outgoing(Addresses addresses, FrameSink tap, Counters counters, Arena arena) {
        this.addresses = addresses;
        this.tap = tap;
        this.counters = counters;
        frame = new Frame(arena);
    }

    /** Where the message is to be written. */
    MemorySegment memory() {
        return frame.reset().memory();
    }

    /** Sets where the message comes from and goes to, addresses of one family. */
    Outgoing addresses(long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow) {
        head.link(addresses.guestMac(), addresses.ourTapMac())
                .addresses(sourceHigh, sourceLow, destinationHigh, destinationLow);
        return this;
    }

    /**
     * Sends the message as a datagram.
     *
     * @param length bytes of the message
     * @param flowLabel 20 bits, for IPv6; 0 over IPv4
     * @param sent what to count
     */
    void sendUdp(int sourcePort, int destinationPort, int length, int flowLabel, Counter sent) {
        long at = MESSAGE_AT - UdpHeader.LENGTH;
        int datagram = UdpHeader.LENGTH + length;
        var memory = frame.memory();
        udp.wrap(memory, at).write(sourcePort, destinationPort, datagram);
        udp.checksum(Checksum.finishUdp(Checksum.sum(memory, at, datagram,
                head.pseudoHeader(IpProtocol.UDP, datagram))));
        long frameAt = head.write(memory, at, datagram, IpProtocol.UDP);
        if (flowLabel != 0) {
            ipv6.wrap(memory, frameAt + EthernetHeader.LENGTH).flowLabel(flowLabel);
        }
        send(frameAt, length, sent);
    }

    /** Sends the message, which begins with an ICMPv6 header. */
    void sendIcmp(int length, Counter sent) {
        var memory = frame.memory();
        icmp.wrap(memory, MESSAGE_AT)
                .fillChecksum(length, head.pseudoHeader(IpProtocol.ICMPV6, length));
        send(head.write(memory, MESSAGE_AT, length, IpProtocol.ICMPV6), length, sent);
    }

    /** No message is so short that its frame would need padding. */
    private void send(long frameAt, int length, Counter sent) {
        int whole = (int) (MESSAGE_AT - frameAt) + length;
        assert whole >= EthernetHeader.MINIMUM_FRAME;
        frame.wrap(frame.memory(), frameAt, whole);
        counters.increment(tap.send(frame) ? sent : Counter.DROP_TAP_REFUSED);
    }
}
