// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.frame.Frame;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.UdpHeader;

/** Passes datagrams of the guest on to the sockets of their flows, which it starts if need be. */
final class FromGuest {
    private final FlowTable table;
    private final UdpFactory factory;
    private final SendQueue queue;
    private final Closing closing;
    private final Counters counters;
    private final FlowLog flowLog;
    private final GuestIcmp guestIcmp = new GuestIcmp();

    private final UdpHeader header = new UdpHeader();
    private final FlowSide probe = new FlowSide();
    /** The flow of the last datagram from the guest, {@link Sidx#INVALID} between batches. */
    private int lastSidx = Sidx.INVALID;
    /** Flows that had ended then. */
    private long lastClosed;

    FromGuest(FlowTable table, UdpFactory factory, SendQueue queue, Closing closing,
            Counters counters, Log log) {
        this.table = table;
        this.factory = factory;
        this.queue = queue;
        this.closing = closing;
        this.counters = counters;
        flowLog = new FlowLog(log);
    }

    /**
     * Takes one UDP packet from the guest, whose addresses have been checked. Its bytes must stay
     * as they are until {@link #endBatch}.
     *
     * @param frame the frame around it, for its offload facts
     */
    void fromTap(Frame frame, IpPacket packet, long nowNs) {
        header.wrap(packet.memory(), packet.payloadAt());
        if (!header.isValid(packet.payloadLength())) {
            counters.increment(Counter.DROP_MALFORMED_UDP);
            return;
        }
        if (!frame.checksumTrusted() && !Checksum.verifyTcpUdp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        probe.set(packet.sourceHigh(), packet.sourceLow(), header.sourcePort(),
                packet.destinationHigh(), packet.destinationLow(), header.destinationPort());
        int bytes = header.length() - UdpHeader.LENGTH;
        int each = datagramLength(frame, bytes);
        Flow flow = find(nowNs);
        if (flow != null) {
            forward(flow, packet, bytes, each, nowNs);
        }
    }

    /** Bytes of payload of each datagram in the frame; all there are unless it is a super-frame. */
    private static int datagramLength(Frame frame, int bytes) {
        boolean several = frame.gsoType() == Frame.GSO_UDP_L4 && frame.gsoSize() > 0;
        return several ? Math.min(frame.gsoSize(), bytes) : bytes;
    }

    /** The flow whose tap side is the probe, perhaps a new one; null if there can be none. */
    private Flow find(long nowNs) {
        if (Sidx.isValid(lastSidx) && lastClosed == closing.count()
                && table.sideAt(lastSidx).sameAs(probe)) {
            return table.at(lastSidx);
        }
        lastClosed = closing.count();
        lastSidx = table.lookup(IpProtocol.UDP, Pif.TAP, probe);
        if (!Sidx.isValid(lastSidx)) {
            lastSidx = factory.fromTap(probe, nowNs);
        }
        return table.at(lastSidx);
    }

    private void forward(Flow flow, IpPacket packet, int bytes, int each, long nowNs) {
        int tapSide = Sidx.side(lastSidx);
        UdpFlow body = flow.body();
        UdpSide out = body.side(1 - tapSide);
        int count = each == 0 ? 1 : (bytes + each - 1) / each;
        body.active(tapSide, count, nowNs);
        counters.add(Counter.UDP_DATAGRAMS_FROM_TAP, count);
        if (packet.hopLimit() != out.hopLimit && !setHopLimit(flow, out, 1 - tapSide, packet)) {
            counters.add(Counter.DROP_SOCKET_REFUSED, count);
            return;
        }
        queue.add(out, packet.memory(), packet.payloadAt() + UdpHeader.LENGTH, bytes, each);
    }

    /** Copies the packet's TTL, so that traceroute works. One of zero does not travel. */
    private boolean setHopLimit(Flow flow, UdpSide out, int side, IpPacket packet) {
        int hopLimit = packet.hopLimit();
        if (hopLimit == 0) {
            return false;
        }
        queue.flush();
        if (UdpSockets.setHopLimit(out.socket, flow.side(side), hopLimit) < 0) {
            return false;
        }
        out.hopLimit = hopLimit;
        return true;
    }

    /**
     * Takes an ICMP or ICMPv6 message from the guest, other than an echo request: if the guest
     * says that nobody listens at the port of one of its own flows, that flow ends, and the kernel
     * will tell the peer the same when it sends more. All other messages are ignored.
     */
    void icmpFromTap(Frame frame, IpPacket packet) {
        if (!frame.checksumTrusted() && !Checksum.verifyIcmp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        if (!guestIcmp.isPortUnreachable(packet, probe)) {
            counters.increment(Counter.DROP_UNSUPPORTED_ICMP);
            return;
        }
        int sidx = table.lookup(IpProtocol.UDP, Pif.TAP, probe);
        // Of flows from outside a listening socket would only make another one.
        if (!Sidx.isValid(sidx) || Sidx.side(sidx) != 0) {
            counters.increment(Counter.DROP_UNSUPPORTED_ICMP);
            return;
        }
        Flow flow = table.at(sidx);
        if (flowLog.debugging()) {
            flowLog.debug(flow, "guest's port unreachable");
        }
        closing.close(flow);
    }

    /** Sends what {@link #fromTap} has queued. */
    void endBatch() {
        queue.flush();
        lastSidx = Sidx.INVALID;
    }
}
