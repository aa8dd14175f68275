// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.TAP_SYN_ACK_SENT;
import static jpasst.tcp.TcpConnection.TAP_SYN_RCVD;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Ini;
import jpasst.flow.New;
import jpasst.flow.Pif;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.linux.Shortage;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.TcpHeader;

/**
 * Connections that the guest opens: its SYN becomes a {@code connect}, and only when the peer has
 * accepted does the guest see SYN and ACK. Loop thread only.
 */
final class OutboundOpening {
    /** A longer round trip is as good as this one. */
    private static final long MAX_RTT_US = 10_000_000;
    private static final int SYN_ACK = TcpHeader.SYN | TcpHeader.ACK;

    private final FlowTable table;
    private final OutboundSocket sockets;
    private final Handshake handshake;
    private final Segments segments;
    private final Ending ending;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit failures;

    OutboundOpening(FlowTable table, OutboundSocket sockets, Handshake handshake,
            Segments segments, Ending ending, Counters counters, Log log) {
        this.table = table;
        this.sockets = sockets;
        this.handshake = handshake;
        this.segments = segments;
        this.ending = ending;
        this.counters = counters;
        this.log = new FlowLog(log);
        failures = new RateLimit(log, Level.WARNING);
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
        int socket = sockets.open(flow.side(1));
        if (socket < 0) {
            refuse(flow, "socket", -socket, nowNs);
            tgt.cancel();
            return;
        }
        var c = new TcpConnection(0, socket);
        Typed typed = tgt.type(FlowType.TCP, c);
        startGuestSide(flow, c, packet, syn, nowNs);
        int rc = sockets.connect(flow, c, c.mss, nowNs);
        if (rc == 0) rc = handshake.watch(flow, c);
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
        if (Shortage.is(errno)) {
            log.limited(failures, nowNs, flow, Shortage.explain(call, errno));
        } else if (log.debugging()) {
            log.debug(flow, Shortage.explain(call, errno));
        }
    }

    private void startGuestSide(Flow flow, TcpConnection c, IpPacket packet, TcpHeader syn,
            long nowNs) {
        handshake.takeSyn(c, packet, syn);
        // The kernel counts the SYN of a connecting socket among the acknowledged bytes.
        c.seqInitFromTap = c.seqFromTap - 1;
        c.edgeToTap = c.seqFromTap + Segments.DEFAULT_WINDOW;
        handshake.begin(flow, c, TAP_SYN_RCVD, nowNs);
    }

    /** The socket is connected: tells the guest. */
    void connected(Flow flow, TcpConnection c, long nowNs) {
        c.rttUs = (int) Math.min((nowNs - c.lastFromTapNs) / Timers.MICROSECOND_NS, MAX_RTT_US);
        handshake.chooseOurMss(c, Segments.isV4(flow, c));
        c.events |= TAP_SYN_ACK_SENT;
        sendSynAck(flow, c, nowNs);
    }

    private void sendSynAck(Flow flow, TcpConnection c, long nowNs) {
        c.edgeToTap = c.seqFromTap + Handshake.synWindow(c);
        handshake.sendSyn(flow, c, SYN_ACK, nowNs);
    }

    /** The guest did not answer our SYN and ACK. */
    void timedOut(Flow flow, TcpConnection c, long nowNs) {
        if (handshake.mayRepeatSyn(flow, c)) sendSynAck(flow, c, nowNs);
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
        return handshake.establish(flow, c, nowNs);
    }

    private void repeatedSyn(Flow flow, TcpConnection c, TcpHeader tcp, long nowNs) {
        boolean same = tcp.sequenceNumber() == c.seqInitFromTap && !tcp.has(TcpHeader.ACK);
        if (!same) {
            ending.reset(flow, c);
        } else if (c.has(TAP_SYN_ACK_SENT)) {
            sendSynAck(flow, c, nowNs);
        }
    }
}
