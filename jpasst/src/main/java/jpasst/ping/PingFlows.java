// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

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
import jpasst.forward.SideSockets;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;

/**
 * Ping: takes echo requests from the guest, events of ping sockets, and the table's questions.
 * Loop thread only. See the package for the whole story.
 */
public final class PingFlows implements EventHandler, FlowHandler {
    /** A flow without request for so long ends. */
    static final long TIMEOUT_NS = 60_000_000_000L;

    /** Replies read for one event; if there are more, the event comes again. */
    private static final int MAXIMUM_REPLIES = 16;
    /** Error events without an error, in a row, after which the flow is given up. */
    private static final int MAXIMUM_BASELESS_ERRORS = 3;

    private final FlowTable table;
    private final EventLoop loop;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit refusals;
    private final RateLimit strangeReplies;
    private final PingFactory factory;
    private final EchoReplies replies;
    private final IcmpHeader icmp = new IcmpHeader();
    private final FlowSide probe = new FlowSide();

    /**
     * Registers itself with nobody: that is up to the caller, as handler of
     * {@link FlowType#PING4} and {@link FlowType#PING6} in the table and of their event type in
     * the loop.
     *
     * @param arena lives as long as this; memory for one frame is taken from it
     */
    public PingFlows(FlowTable table, EventLoop loop, Addresses addresses, FrameSink tap,
            Counters counters, Log log, Arena arena) {
        this.table = table;
        this.loop = loop;
        this.counters = counters;
        this.log = new FlowLog(log);
        refusals = new RateLimit(log, Level.WARNING);
        strangeReplies = new RateLimit(log, Level.ERROR);
        factory = new PingFactory(table, loop, new SideSockets(addresses, arena), counters, log);
        replies = new EchoReplies(addresses, tap, counters, arena);
    }

    /** Whether a packet is an ICMP or ICMPv6 echo request of its family, and so for us. */
    public boolean isEchoRequest(IpPacket packet) {
        return packet.protocol() == protocol(packet)
                && packet.payloadLength() >= IcmpHeader.LENGTH
                && icmp.wrap(packet.memory(), packet.payloadAt()).type() == requestType(packet);
    }

    private static int protocol(IpPacket packet) {
        return packet.isV4() ? IpProtocol.ICMP : IpProtocol.ICMPV6;
    }

    private static int requestType(IpPacket packet) {
        return packet.isV4() ? IcmpHeader.V4_ECHO_REQUEST : IcmpHeader.V6_ECHO_REQUEST;
    }

    /**
     * Takes one ICMP or ICMPv6 packet from the guest, whose addresses have been checked; anything
     * but an echo request is ignored.
     *
     * @param frame the frame around it, for its offload facts
     */
    public void fromTap(Frame frame, IpPacket packet, long nowNs) {
        icmp.wrap(packet.memory(), packet.payloadAt());
        if (!icmp.isValid(packet.payloadLength())) {
            counters.increment(Counter.DROP_MALFORMED_ICMP);
            return;
        }
        if (icmp.type() != requestType(packet) || icmp.code() != 0) {
            counters.increment(Counter.DROP_UNSUPPORTED_ICMP);
            return;
        }
        if (!frame.checksumTrusted() && !Checksum.verifyIcmp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        Flow flow = find(packet, nowNs);
        if (flow != null) {
            counters.increment(Counter.PING_REQUESTS_FROM_TAP);
            forward(flow, packet, nowNs);
        }
    }

    /** The flow of this source, destination and identifier; null if there can be none. */
    private Flow find(IpPacket packet, long nowNs) {
        int identifier = icmp.identifier();
        probe.set(packet.sourceHigh(), packet.sourceLow(), identifier,
                packet.destinationHigh(), packet.destinationLow(), identifier);
        int sidx = table.lookup(protocol(packet), Pif.TAP, probe);
        if (!Sidx.isValid(sidx)) {
            sidx = factory.fromTap(packet.isV4() ? FlowType.PING4 : FlowType.PING6, probe, nowNs);
        }
        return table.at(sidx);
    }

    /** The kernel puts in an identifier of its own and the checksum. */
    private void forward(Flow flow, IpPacket packet, long nowNs) {
        PingFlow body = flow.body();
        body.lastRequestNs = nowNs;
        long rc = send(body.socket, packet);
        if (rc < 0 && rc != -Errno.EAGAIN && rc != -Errno.ENOBUFS) {
            rc = send(body.socket, packet); // The error may have been that of an earlier request.
        }
        if (rc < 0) {
            counters.increment(Counter.DROP_SOCKET_REFUSED);
            if (refusals.permits(nowNs)) {
                log.warn(flow, "couldn't send echo request: " + Errno.message((int) -rc));
            }
        }
    }

    private static long send(int fd, IpPacket packet) {
        return Sockets.send(fd, packet.memory(), packet.payloadAt(), packet.payloadLength(), 0);
    }

    @Override
    public void onEvent(int fd, int sidx, int events, long nowNs) {
        Flow flow = table.at(sidx);
        if (flow == null || flow.state() != FlowState.ACTIVE || !isPing(flow)) {
            return;
        }
        PingFlow body = flow.body();
        if (body.socket != fd) {
            return;
        }
        if ((events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0 && !recovers(body)) {
            log.limited(refusals, nowNs, flow, "socket error which cannot be cleared");
            close(flow, body);
            return;
        }
        if ((events & Epoll.EPOLLIN) != 0) {
            receive(flow, body, nowNs);
        }
    }

    private static boolean isPing(Flow flow) {
        return flow.type() == FlowType.PING4 || flow.type() == FlowType.PING6;
    }

    /** Nothing is told to the guest: its requests just stay without answer. */
    private static boolean recovers(PingFlow body) {
        if (Sockets.pendingError(body.socket) > 0) {
            body.baselessErrors = 0;
            return true;
        }
        return ++body.baselessErrors < MAXIMUM_BASELESS_ERRORS;
    }

    private void receive(Flow flow, PingFlow body, long nowNs) {
        for (int i = 0; i < MAXIMUM_REPLIES; i++) {
            int length = replies.read(body.socket);
            if (length < 0) {
                return;
            }
            if (!replies.isReply(flow, length)) {
                log.limited(strangeReplies, nowNs, flow, "not an echo reply");
                continue;
            }
            int sequence = replies.sequence();
            if (sequence != body.lastSequence) {
                body.lastSequence = sequence;
                replies.send(flow, length);
            }
        }
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        return flow.<PingFlow>body().closed();
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        PingFlow body = flow.body();
        if (!body.closed() && nowNs - body.lastRequestNs > TIMEOUT_NS) {
            close(flow, body);
        }
        return body.closed();
    }

    private void close(Flow flow, PingFlow body) {
        loop.forget(body.socket);
        Files.close(body.socket);
        body.socket = PingFlow.NO_SOCKET;
        table.remove(flow.sidx(0));
        table.markDeferred(flow);
    }
}
