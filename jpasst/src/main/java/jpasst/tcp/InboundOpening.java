// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.NEAR;
import static jpasst.tcp.TcpConnection.SOCK_ACCEPTED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.flow.DistinctPort;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.linux.Shortage;
import jpasst.linux.Sockets;
import jpasst.linux.TcpInfo;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IpPacket;
import jpasst.wire.TcpHeader;

/**
 * Connections that somebody opens to the guest: the kernel has accepted for it, we send the guest a
 * SYN and wait for its SYN and ACK. A guest that refuses shows to the client as a reset, since the
 * client is connected already. What the client sends meanwhile waits in the socket. Loop thread
 * only.
 */
final class InboundOpening {
    private final FlowTable table;
    private final Handshake handshake;
    private final Segments segments;
    private final Acknowledging acknowledging;
    private final Ending ending;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit failures;
    private final MemorySegment info;

    InboundOpening(Arena arena, FlowTable table, Handshake handshake, Segments segments,
            Acknowledging acknowledging, Ending ending, Counters counters, Log log) {
        this.table = table;
        this.handshake = handshake;
        this.segments = segments;
        this.acknowledging = acknowledging;
        this.ending = ending;
        this.counters = counters;
        this.log = new FlowLog(log);
        failures = new RateLimit(log, Level.WARNING);
        info = TcpInfo.allocate(arena);
    }

    /**
     * Completes a flow whose target is the guest, and sends the SYN.
     *
     * @param tgt the flow, which is ACTIVE or cancelled afterwards
     * @param socket of the accepted connection, which is the flow's from now on
     */
    void open(Tgt tgt, int socket, long nowNs) {
        Flow flow = tgt.flow();
        var c = new TcpConnection(1, socket);
        Typed typed = tgt.type(FlowType.TCP, c);
        if (!DistinctPort.choose(table, typed, nowNs)) {
            giveUp(typed, c, "no port is free under which the guest could see it", nowNs);
            return;
        }
        Sockets.setInt(socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        handshake.begin(flow, c, SOCK_ACCEPTED, nowNs);
        handshake.chooseOurMss(c, Segments.isV4(flow, c));
        if (!c.is(NEAR) && TcpInfo.fetch(socket, info) > 0) c.rttUs = TcpInfo.rttUs(info);
        int rc = handshake.watch(flow, c);
        if (rc < 0) {
            table.remove(flow.sidx(c.tapSide));
            giveUp(typed, c, Shortage.explain("epoll_ctl", -rc), nowNs);
            return;
        }
        handshake.sendSyn(flow, c, TcpHeader.SYN, nowNs);
        typed.activate();
    }

    private void giveUp(Typed typed, TcpConnection c, String why, long nowNs) {
        counters.increment(Counter.DROP_NO_SOCKET);
        log.limited(failures, nowNs, typed.flow(), why);
        Sockets.closeWithReset(c.socket);
        typed.cancel();
    }

    /** The guest did not answer our SYN. */
    void timedOut(Flow flow, TcpConnection c, long nowNs) {
        if (handshake.mayRepeatSyn(flow, c)) {
            handshake.sendSyn(flow, c, TcpHeader.SYN, nowNs);
        }
    }

    /**
     * Takes a segment of a connection that is not established, as RFC 9293 section 3.10.7.3 has it
     * but for a simultaneous open, which is reset.
     *
     * @return whether the connection is established now
     */
    boolean segment(Flow flow, TcpConnection c, IpPacket packet, TcpHeader tcp, long nowNs) {
        boolean acknowledged = tcp.has(TcpHeader.ACK)
                && tcp.acknowledgmentNumber() == c.seqMaxToTap;
        int length = packet.payloadLength() - tcp.dataOffset();
        if (tcp.has(TcpHeader.RST)) {
            refused(flow, c, acknowledged);
        } else if (tcp.has(TcpHeader.ACK) && !acknowledged) {
            // The guest speaks of a former connection, with the same ports: as soon as it is told
            // that this one is gone, the SYN's repetition finds its way (RFC 9293 section 3.5.1).
            counters.increment(Counter.DROP_UNACCEPTABLE_SEGMENT);
            segments.refuse(packet, tcp, length);
        } else if (acknowledged && tcp.has(TcpHeader.SYN) && !tcp.has(TcpHeader.FIN)) {
            return establish(flow, c, packet, tcp, nowNs);
        } else {
            c.seqFromTap = tcp.sequenceNumber() + length + (tcp.has(TcpHeader.SYN) ? 1 : 0)
                    + (tcp.has(TcpHeader.FIN) ? 1 : 0);
            ending.reset(flow, c);
        }
        return false;
    }

    /** A RST which does not acknowledge our SYN is no answer to it. */
    private void refused(Flow flow, TcpConnection c, boolean acknowledged) {
        if (acknowledged) ending.abandon(flow, c);
        else counters.increment(Counter.DROP_UNACCEPTABLE_SEGMENT);
    }

    private boolean establish(Flow flow, TcpConnection c, IpPacket packet, TcpHeader synAck,
            long nowNs) {
        handshake.takeSyn(c, packet, synAck);
        // The kernel counts no SYN among the acknowledged bytes of an accepted socket.
        c.seqInitFromTap = c.seqFromTap;
        c.edgeToTap = c.seqFromTap + Handshake.synWindow(c);
        c.lastFromTapNs = nowNs;
        c.lastActivityNs = nowNs;
        if (!handshake.establish(flow, c, nowNs)) return false;
        segments.control(flow, c, TcpHeader.ACK, c.seqToTap, c.seqFromTap,
                acknowledging.window(c, c.seqFromTap));
        return true;
    }
}
