// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.ACK_TO_TAP_DUE;
import static jpasst.tcp.TcpConnection.ANSWER_DUE;
import static jpasst.tcp.TcpConnection.GAP_NEW;
import static jpasst.tcp.TcpConnection.GAP_SEEN;
import static jpasst.tcp.TcpConnection.JUST_SENT;
import static jpasst.tcp.TcpConnection.NEAR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.flow.Flow;
import jpasst.linux.TcpInfo;
import jpasst.wire.TcpHeader;

/**
 * What the guest is told of its bytes: acknowledgement and window, at most once per batch.
 *
 * <p>Bulk is acknowledged as soon as it is accepted. A few bytes are acknowledged when the peer has
 * acknowledged them (tcpi_bytes_acked), so that a guest sees the true round trip time and a peer
 * that is gone; the kernel is asked half a round trip later, and longer each time. Mostly an answer
 * carries the acknowledgement before that: where it did some times in a row, it is waited for
 * longer, so that request and response need no timer. Loop thread only.
 */
final class Acknowledging {
    /** Unacknowledged bytes from which on a transfer counts as bulk. */
    private static final int BULK = 8 * 1024;
    /** A round trip that short means that the peer is as good as on this host, in microseconds. */
    private static final int NEAR_RTT_US = 10;
    /** Duplicates that make a guest retransmit without waiting for a time-out. */
    private static final int DUPLICATES = 3;

    private final Segments segments;
    private final Timers timers;
    private final ChunkPool pool;
    private final MemorySegment info;

    Acknowledging(Arena arena, Segments segments, Timers timers, ChunkPool pool) {
        this.segments = segments;
        this.timers = timers;
        this.pool = pool;
        info = TcpInfo.allocate(arena);
    }

    /** The sequence number to acknowledge in a segment that is sent now. */
    int acknowledgement(TcpConnection c) {
        int all = c.seqFromTap;
        if (all == c.seqAckToTap || !isInteractive(c)) return all;
        if (c.is(JUST_SENT)) return c.seqAckToTap;
        return acknowledgedByPeer(c);
    }

    /**
     * The same, for a segment with data of the peer. What was sent to the peer a round trip before
     * its data came is taken as acknowledged: mostly this data is the answer to it.
     */
    int acknowledgementWithData(TcpConnection c, long nowNs) {
        boolean answered = nowNs - c.lastSentNs >= c.rttUs * Timers.MICROSECOND_NS;
        return answered && !c.is(JUST_SENT) ? c.seqFromTap : acknowledgement(c);
    }

    /** The window to announce with an acknowledgement, in bytes. */
    int window(TcpConnection c, int ack) {
        return WindowPolicy.window(c, ack, pool.isScarce());
    }

    /** Whether neither direction has ended and just a few bytes are unacknowledged. */
    private static boolean isInteractive(TcpConnection c) {
        return c.events == TcpConnection.ESTABLISHED
                && c.buffered() == 0 && c.seqFromTap - c.seqAckToTap < BULK;
    }

    private int acknowledgedByPeer(TcpConnection c) {
        if (c.is(NEAR) || TcpInfo.fetch(c.socket, info) < TcpInfo.LENGTH_WITH_MIN_RTT) {
            return c.seqFromTap;
        }
        c.rttUs = TcpInfo.rttUs(info);
        if (TcpInfo.minRttUs(info) <= NEAR_RTT_US) {
            c.set(NEAR);
            return c.seqFromTap;
        }
        int acked = c.seqInitFromTap + (int) TcpInfo.bytesAcked(info);
        return Sequence.later(acked, c.seqAckToTap);
    }

    /** Ends a batch: tells the guest what there is to tell, if anything. */
    void answer(Flow flow, TcpConnection c, long nowNs) {
        if (c.isClosed() || !c.has(TcpConnection.ESTABLISHED)) return;
        boolean must = c.is(ANSWER_DUE | GAP_SEEN);
        int ack = must ? c.seqFromTap : acknowledgement(c);
        int window = window(c, ack);
        if (must || ack != c.seqAckToTap || WindowPolicy.isWorthTelling(c, ack, window)) {
            send(flow, c, ack, window);
            for (int more = repetitions(c, ack); more > 0; more--) send(flow, c, ack, window);
        }
        if (c.is(JUST_SENT) && c.is(ACK_TO_TAP_DUE)) unanswered(flow, c, nowNs);
        settle(flow, c, nowNs);
        c.clear(ANSWER_DUE | GAP_SEEN | GAP_NEW | JUST_SENT);
        c.gapSegments = 0;
    }

    /**
     * How often to repeat the acknowledgement that tells of a new gap: the guest sees a duplicate
     * at once, and as many as it takes for a fast retransmit (RFC 5681 section 3.2) if enough
     * segments came behind the gap. None if the gap was filled meanwhile.
     */
    private static int repetitions(TcpConnection c, int ack) {
        return c.is(GAP_NEW) && c.gapAt == ack ? Math.clamp(c.gapSegments - 1, 1, DUPLICATES) : 0;
    }

    private void send(Flow flow, TcpConnection c, int ack, int window) {
        segments.control(flow, c, TcpHeader.ACK, c.seqToTap, ack, window);
    }

    /** The guest went on before an answer came: this is no request and response, or not now. */
    private void unanswered(Flow flow, TcpConnection c, long nowNs) {
        if (c.answers == 0) return;
        c.answers = 0;
        timers.acknowledgementDue(flow, c, nowNs);
    }

    /** As {@link #settle}, after data of the peer was sent. */
    void settleWithData(Flow flow, TcpConnection c, long nowNs) {
        if (c.is(ACK_TO_TAP_DUE) && c.seqAckToTap == c.seqFromTap) c.answers++;
        settle(flow, c, nowNs);
    }

    /** Arms or drops the look at the peer's acknowledgement, after segments were sent. */
    void settle(Flow flow, TcpConnection c, long nowNs) {
        if (c.seqAckToTap == c.seqFromTap) {
            if (c.is(ACK_TO_TAP_DUE)) timers.acknowledgementDone(flow, c);
            c.ackPolls = 0;
        } else if (!c.is(ACK_TO_TAP_DUE)) {
            timers.acknowledgementDue(flow, c, nowNs);
        }
    }

    /** The timer: looks again whether the peer acknowledged. */
    void look(Flow flow, TcpConnection c, long nowNs) {
        int before = c.seqAckToTap;
        c.clear(ACK_TO_TAP_DUE | JUST_SENT);
        c.answers = 0;
        c.ackPolls++;
        int ack = acknowledgement(c);
        if (ack != before) {
            c.ackPolls = 0;
            send(flow, c, ack, window(c, ack));
        }
        settle(flow, c, nowNs);
    }
}
