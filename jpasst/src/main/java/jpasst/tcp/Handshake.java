// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.ESTABLISHED;
import static jpasst.tcp.TcpConnection.NEAR;
import static jpasst.tcp.TcpConnection.SCALED;
import static jpasst.tcp.TcpConnection.SYN_RETRIED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.linux.Epoll;
import jpasst.linux.TcpInfo;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.wire.IpPacket;
import jpasst.wire.TcpHeader;
import jpasst.wire.TcpOptions;

/**
 * What connections need until they are established, whoever opens them: initial sequence number,
 * options (RFC 9293 section 3.2, RFC 7323), our SYN and its repetitions. Loop thread only.
 *
 * <p>Sockets report edges only, for input and output, from here until they are closed: no call is
 * spent on changing that.
 */
final class Handshake {
    private static final int EVENTS =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;
    private static final int DEFAULT_MSS = 536;
    /** Nobody means less; what Linux takes for the least (tcp_min_snd_mss). */
    private static final int MIN_MSS = 48;
    private static final int MAX_MSS_V4 = 65492;
    private static final int MAX_MSS_V6 = 65472;
    private static final int MAX_SCALE_FROM_TAP = 14;
    private static final int PAGE_BYTES = 4096;
    /** The window of a SYN is never scaled (RFC 7323 section 2.2). */
    private static final int MAX_SYN_WINDOW = 0xffff;

    private final FlowTable table;
    private final EventLoop loop;
    private final Segments segments;
    private final PeekReader peek;
    private final Timers timers;
    private final Ending ending;
    private final TcpSettings settings;
    private final MemorySegment info;

    Handshake(Arena arena, FlowTable table, EventLoop loop, Segments segments, PeekReader peek,
            Timers timers, Ending ending, TcpSettings settings) {
        this.table = table;
        this.loop = loop;
        this.segments = segments;
        this.peek = peek;
        this.timers = timers;
        this.ending = ending;
        this.settings = settings;
        info = TcpInfo.allocate(arena);
    }

    /** Makes the guest's side findable, and us ready for its segments. */
    void begin(Flow flow, TcpConnection c, int event, long nowNs) {
        long hash = table.insert(flow.sidx(c.tapSide));
        // RFC 6528: a clock of 32 ns ticks, and a secret hash of the connection.
        c.seqToTap = (int) (nowNs >>> 5) + ((int) (hash >>> 32) ^ (int) hash);
        c.seqMaxToTap = c.seqToTap;
        c.seqAckFromTap = c.seqToTap;
        c.seqAckPending = c.seqToTap;
        c.events = event;
        c.lastFromTapNs = nowNs;
        c.lastActivityNs = nowNs;
        c.rateSinceNs = nowNs;
        FlowSide socketSide = flow.side(1 - c.tapSide);
        if (Ip.isLoopback(socketSide.endpointHigh(), socketSide.endpointLow())) c.set(NEAR);
    }

    /** Has the socket's events reported; 0 or -errno. */
    int watch(Flow flow, TcpConnection c) {
        long tag = EventTag.of(flow.type().eventType(), c.socket, flow.sidx(1 - c.tapSide));
        return loop.add(c.socket, EVENTS, tag);
    }

    /** Takes what the guest's SYN says: sequence number, window and options. */
    void takeSyn(TcpConnection c, IpPacket packet, TcpHeader syn) {
        long optionsAt = packet.payloadAt() + TcpHeader.LENGTH;
        int optionsLength = syn.dataOffset() - TcpHeader.LENGTH;
        c.mss = clampMss(TcpOptions.maximumSegmentSize(packet.memory(), optionsAt, optionsLength),
                packet.isV4());
        int scale = TcpOptions.windowScale(packet.memory(), optionsAt, optionsLength);
        if (scale >= 0) c.set(SCALED);
        c.scaleFromTap = scale < 0 || scale > MAX_SCALE_FROM_TAP ? 0 : scale;
        c.windowFromTap = syn.window();
        c.seqFromTap = syn.sequenceNumber() + 1;
        c.seqAckToTap = c.seqFromTap;
    }

    private static int clampMss(int announced, boolean v4) {
        int mss = announced <= 0 ? DEFAULT_MSS : announced;
        return Math.clamp(mss & ~3, MIN_MSS, v4 ? MAX_MSS_V4 : MAX_MSS_V6);
    }

    /** Chooses the segment size which the guest is told; the socket is connected. */
    void chooseOurMss(TcpConnection c, boolean v4) {
        int mss = settings.mtu() == 0 ? socketMss(c)
                : settings.mtu() - Segments.headerLength(v4);
        c.ourMss = mss > PAGE_BYTES ? mss - mss % PAGE_BYTES : mss;
    }

    private int socketMss(TcpConnection c) {
        return TcpInfo.fetch(c.socket, info) > 0 ? TcpInfo.sndMss(info) : DEFAULT_MSS;
    }

    /** The window of our SYN, in bytes. */
    static int synWindow(TcpConnection c) {
        return Math.min(c.windowLimit, MAX_SYN_WINDOW);
    }

    /**
     * Sends our SYN, the same each time: repeated on the kernel's own schedule until the guest
     * answers.
     *
     * @param flags SYN, and ACK if it answers the guest's
     */
    void sendSyn(Flow flow, TcpConnection c, int flags, long nowNs) {
        segments.control(flow, c, flags, c.seqAckFromTap, c.seqFromTap, synWindow(c));
        // A SYN takes a sequence number (RFC 9293 section 3.4).
        c.seqToTap = c.seqAckFromTap + 1;
        c.seqMaxToTap = c.seqToTap;
        timers.retransmitDue(flow, c, nowNs);
    }

    /**
     * The guest did not answer our SYN in time.
     *
     * @return whether to send it again; if not, the connection is closed
     */
    boolean mayRepeatSyn(Flow flow, TcpConnection c) {
        if (timers.handshakeFailed(c)) {
            ending.handshakeFailed(flow, c);
            return false;
        }
        c.retries++;
        c.set(SYN_RETRIED);
        return true;
    }

    /** The guest acknowledged our SYN; false if that ended in a failure. */
    boolean establish(Flow flow, TcpConnection c, long nowNs) {
        c.events = c.is(TcpConnection.INPUT_ENDED)
                ? ESTABLISHED | TcpConnection.SOCK_FIN_RCVD : ESTABLISHED;
        c.seqAckFromTap = c.seqMaxToTap;
        c.seqAckPending = c.seqMaxToTap;
        c.retries = 0;
        c.clear(TcpConnection.ACK_FROM_TAP_DUE);
        int rc = peek.start(c.socket);
        if (rc < 0) {
            ending.socketFailed(flow, c, "SO_PEEK_OFF", -rc);
            return false;
        }
        timers.watchIdle(flow, c, nowNs + Timers.KEEPALIVE_NS);
        return true;
    }
}
