// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.MemorySegment;

import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpProtocol;
import jpasst.wire.PacketHead;
import jpasst.wire.UdpHeader;

/**
 * Makes frames to the guest out of payload that is in memory already, by writing headers in front
 * of it: {@link #HEADERS} bytes there, and those the tap puts before a frame, are overwritten.
 */
final class TapDatagrams implements Outlet {
    /** Room for Ethernet, IPv6 and UDP header in front of payload. */
    static final int HEADERS = 64;

    private final Addresses addresses;
    private final FrameSink tap;
    private final Counters counters;
    private final Frame frame = new Frame();
    private final PacketHead head = new PacketHead();
    private final UdpHeader udp = new UdpHeader();

    TapDatagrams(Addresses addresses, FrameSink tap, Counters counters) {
        this.addresses = addresses;
        this.tap = tap;
        this.counters = counters;
    }

    /**
     * Sends one datagram, or several of one length as one super-frame.
     *
     * @param side the flow's side on the tap
     * @param length bytes of payload, at most 65507 over IPv4 and 65527 over IPv6
     */
    @Override
    public void send(Flow flow, int side, MemorySegment memory, long at, int length, int each) {
        long udpAt = at - UdpHeader.LENGTH;
        int datagram = UdpHeader.LENGTH + length;
        address(flow, side);
        FlowSide tapSide = flow.side(side);
        // The link completes the checksum; the field holds the pseudo header's sum for that.
        udp.wrap(memory, udpAt).write(tapSide.ourPort(), tapSide.endpointPort(), datagram)
                .checksum(head.pseudoHeader(IpProtocol.UDP, datagram));
        long frameAt = head.write(memory, udpAt, datagram, IpProtocol.UDP);

        frame.wrap(memory, frameAt, (int) (at - frameAt) + length)
                .partialChecksum((int) (udpAt - frameAt), UdpHeader.CHECKSUM_OFFSET);
        int count = 1;
        if (each < length) {
            count = (length + each - 1) / each;
            frame.gso(Frame.GSO_UDP_L4, each, (int) (at - frameAt));
        }
        boolean taken = tap.send(frame);
        counters.add(taken ? Counter.UDP_DATAGRAMS_TO_TAP : Counter.DROP_TAP_REFUSED, count);
    }

    /** Nothing is left to do: the tap takes a frame, or refuses it, as it is sent. */
    @Override
    public void flush() {
    }

    /**
     * Sends an ICMP error which is in memory from its IP header on.
     *
     * @param side the flow's side on the tap
     */
    void sendError(Flow flow, int side, MemorySegment memory, long at, int length) {
        address(flow, side);
        long frameAt = head.writeLink(memory, at);
        frame.wrap(memory, frameAt, EthernetHeader.LENGTH + length);
        boolean taken = tap.send(frame);
        counters.increment(taken ? Counter.ICMP_ERRORS_TO_TAP : Counter.DROP_TAP_REFUSED);
    }

    private void address(Flow flow, int side) {
        FlowSide tapSide = flow.side(side);
        head.link(addresses.guestMac(), addresses.neighbors().macFor(flow))
                .addresses(tapSide.ourHigh(), tapSide.ourLow(),
                        tapSide.endpointHigh(), tapSide.endpointLow());
    }
}
