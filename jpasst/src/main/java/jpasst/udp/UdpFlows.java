// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowState;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.forward.SideSockets;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.UdpHeader;

/**
 * UDP: takes datagrams from the guest, events of flow sockets, and the table's questions. Loop
 * thread only. See the package for the whole story.
 */
public final class UdpFlows implements EventHandler, FlowHandler {
    /** Datagrams read at most from a new socket before the loop goes round once more. */
    private static final int MAXIMUM_FLUSH = 256;
    /** Error events without an error, in a row, after which the flow is given up. */
    private static final int MAXIMUM_BASELESS_ERRORS = 3;

    private final FlowTable table;
    private final EventLoop loop;
    private final UdpTimeouts timeouts;
    private final Counters counters;
    private final FlowLog flowLog;
    private final RateLimit failures;
    private final UdpFactory factory;
    private final SendQueue queue;
    private final SocketReceiver receiver;
    private final UdpErrors errors;
    private final GuestIcmp guestIcmp = new GuestIcmp();

    private final UdpHeader header = new UdpHeader();
    private final FlowSide probe = new FlowSide();
    /** The flow of the last datagram from the guest, {@link Sidx#INVALID} between batches. */
    private int lastSidx = Sidx.INVALID;

    /**
     * Registers itself with nobody: that is up to the caller, as handler of
     * {@link FlowType#UDP} in the table and of its event type in the loop.
     *
     * @param arena lives as long as this; about 1.3 MiB are taken from it
     */
    public UdpFlows(UdpTimeouts timeouts, FlowTable table, EventLoop loop, Addresses addresses,
            Forwarding forwarding, FrameSink tap, Counters counters, Log log, Arena arena) {
        this.timeouts = timeouts;
        this.table = table;
        this.loop = loop;
        this.counters = counters;
        flowLog = new FlowLog(log);
        failures = new RateLimit(log, Level.WARNING);
        var sockets = new UdpSockets(new SideSockets(addresses, arena));
        if (log.debugging()) {
            log.debug("UDP segmentation by the kernel: " + sockets.segmentation()
                    + ", coalescing: " + sockets.coalescing());
        }
        factory = new UdpFactory(table, loop, sockets, counters, log);
        queue = new SendQueue(arena, sockets.segmentation(), counters);
        var toTap = new TapDatagrams(addresses, tap, counters);
        receiver = new SocketReceiver(arena, toTap, counters);
        errors = new UdpErrors(arena, forwarding, toTap, log);
    }

    /**
     * Takes one UDP packet from the guest, whose addresses have been checked. Its bytes must stay
     * as they are until {@link #endBatch}.
     *
     * @param frame the frame around it, for its offload facts
     */
    public void fromTap(Frame frame, IpPacket packet, long nowNs) {
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
        if (Sidx.isValid(lastSidx) && table.sideAt(lastSidx).sameAs(probe)) {
            return table.at(lastSidx);
        }
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
    public void icmpFromTap(Frame frame, IpPacket packet, long nowNs) {
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
        close(flow, flow.body());
    }

    /** Sends what {@link #fromTap} has queued. To be called after each batch of frames. */
    public void endBatch(long nowNs) {
        queue.flush();
        lastSidx = Sidx.INVALID;
    }

    @Override
    public void onEvent(int fd, int sidx, int events, long nowNs) {
        Flow flow = table.at(sidx);
        if (flow == null || flow.state() != FlowState.ACTIVE || flow.type() != FlowType.UDP) {
            return;
        }
        int from = Sidx.side(sidx);
        UdpFlow body = flow.body();
        UdpSide side = body.side(from);
        if (body.closed() || side.socket != fd) {
            return;
        }
        if ((events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0
                && !recovers(flow, side, from, nowNs)) {
            close(flow, body);
            return;
        }
        if ((events & Epoll.EPOLLIN) != 0) {
            if (side.flush) {
                flush(flow, body, from, nowNs);
            } else {
                receiver.receive(flow, body, from, nowNs);
            }
        }
    }

    /** An error may have been cleared by a send meanwhile; but the same event must not stay. */
    private boolean recovers(Flow flow, UdpSide side, int from, long nowNs) {
        if (errors.handle(flow, side, from, nowNs)) {
            side.baselessErrors = 0;
            return true;
        }
        if (++side.baselessErrors < MAXIMUM_BASELESS_ERRORS) {
            return true;
        }
        flowLog.limited(failures, nowNs, flow, "socket error which cannot be cleared");
        return false;
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        UdpFlow body = flow.body();
        for (int side = 0; side < 2 && !body.closed(); side++) {
            if (body.side(side).flush) {
                flush(flow, body, side, nowNs);
            }
        }
        return body.closed();
    }

    /**
     * Reads what a new socket got between bind and connect: of its own peer, or of peers of other
     * flows, which get it. Until all is read, no datagram may overtake these.
     */
    private void flush(Flow flow, UdpFlow body, int from, long nowNs) {
        UdpSide side = body.side(from);
        for (int i = 0; i < MAXIMUM_FLUSH; i++) {
            int bytes = receiver.receiveFromAnybody(side.socket);
            if (bytes < 0) {
                // An error is left to its event; nothing can be read until then.
                side.flush = false;
                return;
            }
            deliver(flow, from, bytes, nowNs);
        }
        table.markDeferred(flow);
    }

    private void deliver(Flow flow, int from, int bytes, long nowNs) {
        FlowSide own = flow.side(from);
        var sender = receiver.sender();
        probe.set(SocketAddress.high(sender, 0), SocketAddress.low(sender, 0),
                SocketAddress.port(sender, 0), own.ourHigh(), own.ourLow(), own.ourPort());
        int sidx = probe.sameAs(own) ? flow.sidx(from)
                : table.lookup(IpProtocol.UDP, flow.pif(from), probe);
        if (!Sidx.isValid(sidx) || table.pifAt(Sidx.opposite(sidx)) != Pif.TAP) {
            counters.increment(Counter.DROP_NO_FLOW);
            return;
        }
        Flow to = table.at(sidx);
        int side = Sidx.side(sidx);
        int count = receiver.forward(to, 1 - side, bytes);
        to.<UdpFlow>body().active(side, count, nowNs);
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        UdpFlow body = flow.body();
        if (!body.closed() && body.isExpired(timeouts, nowNs)) {
            close(flow, body);
        }
        return body.closed();
    }

    /** Ends a flow: its slot is freed by the next deferred pass. */
    private void close(Flow flow, UdpFlow body) {
        for (int side = 0; side < 2; side++) {
            UdpSide part = body.side(side);
            if (queue.holds(part)) {
                queue.flush();
            }
            if (part.socket != UdpSide.NO_SOCKET) {
                loop.forget(part.socket);
                Files.close(part.socket);
                part.socket = UdpSide.NO_SOCKET;
            }
            table.remove(flow.sidx(side));
        }
        if (Sidx.flow(lastSidx) == flow.index()) {
            lastSidx = Sidx.INVALID;
        }
        body.close();
        table.markDeferred(flow);
    }
}
