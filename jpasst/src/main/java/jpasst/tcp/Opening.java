// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.ESTABLISHED;
import static jpasst.tcp.TcpConnection.NEAR;
import static jpasst.tcp.TcpConnection.SCALED;
import static jpasst.tcp.TcpConnection.SYN_RETRIED;
import static jpasst.tcp.TcpConnection.TAP_SYN_ACK_SENT;
import static jpasst.tcp.TcpConnection.TAP_SYN_RCVD;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Ini;
import jpasst.flow.New;
import jpasst.flow.Pif;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.linux.TcpInfo;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.TcpHeader;
import jpasst.wire.TcpOptions;

/**
 * Connections that the guest opens: its SYN becomes a {@code connect}, and only when the peer has
 * accepted does the guest see SYN and ACK. Loop thread only.
 */
final class Opening {
    private static final int DEFAULT_MSS = 536;
    /** Nobody means less; what Linux takes for the least (tcp_min_snd_mss). */
    private static final int MIN_MSS = 48;
    private static final int MAX_MSS_V4 = 65492;
    private static final int MAX_MSS_V6 = 65472;
    private static final int MAX_SCALE_FROM_TAP = 14;
    private static final int PAGE_BYTES = 4096;
    /** A longer round trip is as good as this one. */
    private static final long MAX_RTT_US = 10_000_000;

    private final FlowTable table;
    private final OutboundSocket sockets;
    private final Segments segments;
    private final PeekReader peek;
    private final Timers timers;
    private final Ending ending;
    private final TcpSettings settings;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit failures;
    private final MemorySegment info;

    Opening(Arena arena, FlowTable table, OutboundSocket sockets, Segments segments,
            PeekReader peek, Timers timers, Ending ending, TcpSettings settings,
            Counters counters, Log log) {
        this.table = table;
        this.sockets = sockets;
        this.segments = segments;
        this.peek = peek;
        this.timers = timers;
        this.ending = ending;
        this.settings = settings;
        this.counters = counters;
        this.log = new FlowLog(log);
        failures = new RateLimit(log, Level.WARNING);
        info = TcpInfo.allocate(arena);
    }

    /** Takes a SYN which belongs to no connection. */
    void open(IpPacket packet, TcpHeader syn, long nowNs) {
        if (!isAcceptable(packet, syn)) return;
        New slot = table.allocate();
        if (slot == null) return;
        Ini ini = slot.initiate(Pif.TAP, packet.sourceHigh(), packet.sourceLow(),
                syn.sourcePort(), packet.destinationHigh(), packet.destinationLow(),
                syn.destinationPort());
        Tgt tgt = ini.target(IpProtocol.TCP, 0);
        if (tgt == null || tgt.flow().pif(1) != Pif.HOST) {
            counters.increment(Counter.DROP_NO_TARGET);
            if (tgt == null) ini.cancel();
            else tgt.cancel();
            return;
        }
        connect(tgt, packet, syn, nowNs);
    }

    private boolean isAcceptable(IpPacket packet, TcpHeader syn) {
        if (syn.sourcePort() == 0 || syn.destinationPort() == 0) {
            counters.increment(Counter.DROP_BAD_PORT);
            return false;
        }
        if (!Ip.isUnicast(packet.sourceHigh(), packet.sourceLow())
                || !Ip.isUnicast(packet.destinationHigh(), packet.destinationLow())) {
            counters.increment(Counter.DROP_BAD_ADDRESS);
            return false;
        }
        return true;
    }

    private void connect(Tgt tgt, IpPacket packet, TcpHeader syn, long nowNs) {
        Flow flow = tgt.flow();
        FlowSide host = flow.side(1);
        int socket = sockets.open(host);
        if (socket < 0) {
            refuse(flow, "socket", -socket, nowNs);
            tgt.cancel();
            return;
        }
        var c = new TcpConnection(0, socket);
        Typed typed = tgt.type(FlowType.TCP, c);
        startGuestSide(flow, c, packet, syn, nowNs);
        int rc = sockets.connect(flow, c, c.mss, nowNs);
        if (rc < 0) {
            // The guest is told as the kernel would tell a local application: at once.
            segments.control(flow, c, TcpHeader.RST | TcpHeader.ACK, c.seqToTap, c.seqFromTap,
                    Segments.DEFAULT_WINDOW);
            counters.increment(Counter.TCP_RESETS_TO_TAP);
            refuse(flow, "connect", -rc, nowNs);
            table.remove(flow.sidx(c.tapSide));
            ending.release(c);
            typed.cancel();
            return;
        }
        typed.activate();
    }

    private void refuse(Flow flow, String call, int errno, long nowNs) {
        counters.increment(Counter.DROP_NO_SOCKET);
        if (OutboundSocket.isShortage(errno)) {
            log.limited(failures, nowNs, flow, OutboundSocket.explain(call, errno));
        } else if (log.debugging()) {
            log.debug(flow, OutboundSocket.explain(call, errno));
        }
    }

    private void startGuestSide(Flow flow, TcpConnection c, IpPacket packet, TcpHeader syn,
            long nowNs) {
        boolean v4 = packet.isV4();
        long optionsAt = packet.payloadAt() + TcpHeader.LENGTH;
        int optionsLength = syn.dataOffset() - TcpHeader.LENGTH;
        c.mss = clampMss(TcpOptions.maximumSegmentSize(packet.memory(), optionsAt, optionsLength),
                v4);
        int scale = TcpOptions.windowScale(packet.memory(), optionsAt, optionsLength);
        if (scale >= 0) c.set(SCALED);
        c.scaleFromTap = scale < 0 || scale > MAX_SCALE_FROM_TAP ? 0 : scale;
        c.ourMss = ourMss(v4);
        // The window of a SYN is never scaled (RFC 7323 section 2.2).
        c.windowFromTap = Math.max(1, syn.window());
        c.seqInitFromTap = syn.sequenceNumber();
        c.seqFromTap = c.seqInitFromTap + 1;
        c.seqAckToTap = c.seqFromTap;
        c.edgeToTap = c.seqFromTap + Segments.DEFAULT_WINDOW;
        long hash = table.insert(flow.sidx(c.tapSide));
        // RFC 6528: a clock of 32 ns ticks, and a secret hash of the connection.
        c.seqToTap = (int) (nowNs >>> 5) + ((int) (hash >>> 32) ^ (int) hash);
        c.seqMaxToTap = c.seqToTap;
        c.seqAckFromTap = c.seqToTap;
        c.seqAckPending = c.seqToTap;
        c.events = TAP_SYN_RCVD;
        c.lastFromTapNs = nowNs;
        c.lastActivityNs = nowNs;
        c.rateSinceNs = nowNs;
        FlowSide host = flow.side(1);
        if (Ip.isLoopback(host.endpointHigh(), host.endpointLow())) c.set(NEAR);
    }

    private static int clampMss(int announced, boolean v4) {
        int mss = announced <= 0 ? DEFAULT_MSS : announced;
        return Math.clamp(mss & ~3, MIN_MSS, v4 ? MAX_MSS_V4 : MAX_MSS_V6);
    }

    /** The segment size that the guest is told, or 0 to take the socket's later. */
    private int ourMss(boolean v4) {
        if (settings.mtu() == 0) return 0;
        return wholePages(settings.mtu() - Segments.headerLength(v4));
    }

    private static int wholePages(int mss) {
        return mss > PAGE_BYTES ? mss - mss % PAGE_BYTES : mss;
    }

    /** The socket is connected: tells the guest. */
    void connected(Flow flow, TcpConnection c, long nowNs) {
        c.rttUs = (int) Math.min((nowNs - c.lastFromTapNs) / Timers.MICROSECOND_NS, MAX_RTT_US);
        if (c.ourMss == 0) {
            int known = TcpInfo.fetch(c.socket, info);
            c.ourMss = known > 0 ? wholePages(TcpInfo.sndMss(info)) : DEFAULT_MSS;
        }
        c.events |= TAP_SYN_ACK_SENT;
        c.seqMaxToTap = c.seqToTap + 1;
        sendSynAck(flow, c, nowNs);
    }

    private void sendSynAck(Flow flow, TcpConnection c, long nowNs) {
        int window = Math.min(c.windowLimit, 0xffff);
        c.edgeToTap = c.seqFromTap + window;
        segments.control(flow, c, TcpHeader.SYN | TcpHeader.ACK, c.seqAckFromTap, c.seqFromTap,
                window);
        c.seqToTap = c.seqMaxToTap;
        timers.retransmitDue(flow, c, nowNs);
    }

    /** The guest did not answer our SYN and ACK. */
    void timedOut(Flow flow, TcpConnection c, long nowNs) {
        if (!c.has(TAP_SYN_ACK_SENT) || timers.handshakeFailed(c)) {
            log.debug(flow, "handshake timeout");
            ending.reset(flow, c);
            return;
        }
        c.retries++;
        c.set(SYN_RETRIED);
        sendSynAck(flow, c, nowNs);
    }

    /**
     * Takes a segment of a connection that is not established.
     *
     * @return whether the connection is established now, and the segment is to be handled as such
     */
    boolean segment(Flow flow, TcpConnection c, TcpHeader tcp, long nowNs) {
        if (tcp.has(TcpHeader.RST)) {
            ending.abandon(flow, c);
            return false;
        }
        if (tcp.has(TcpHeader.SYN)) {
            repeatedSyn(flow, c, tcp, nowNs);
            return false;
        }
        if (!c.has(TAP_SYN_ACK_SENT) || !tcp.has(TcpHeader.ACK)
                || tcp.acknowledgmentNumber() != c.seqMaxToTap) {
            ending.reset(flow, c);
            return false;
        }
        establish(flow, c, nowNs);
        return !c.isClosed();
    }

    private void repeatedSyn(Flow flow, TcpConnection c, TcpHeader tcp, long nowNs) {
        boolean same = tcp.sequenceNumber() == c.seqInitFromTap && !tcp.has(TcpHeader.ACK);
        if (!same) {
            ending.reset(flow, c);
        } else if (c.has(TAP_SYN_ACK_SENT)) {
            sendSynAck(flow, c, nowNs);
        }
    }

    private void establish(Flow flow, TcpConnection c, long nowNs) {
        c.events = c.is(TcpConnection.INPUT_ENDED)
                ? ESTABLISHED | TcpConnection.SOCK_FIN_RCVD : ESTABLISHED;
        c.seqAckFromTap = c.seqMaxToTap;
        c.seqAckPending = c.seqMaxToTap;
        c.retries = 0;
        c.clear(TcpConnection.ACK_FROM_TAP_DUE);
        int rc = peek.start(c.socket);
        if (rc < 0) {
            ending.socketFailed(flow, c, "SO_PEEK_OFF", -rc);
            return;
        }
        timers.watchIdle(flow, c, nowNs + Timers.KEEPALIVE_NS);
    }
}
