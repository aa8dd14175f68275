// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.ANSWER_DUE;
import static jpasst.tcp.TcpConnection.DUPLICATE_ACK;
import static jpasst.tcp.TcpConnection.GAP_NEW;
import static jpasst.tcp.TcpConnection.GAP_SEEN;
import static jpasst.tcp.TcpConnection.KEEPALIVE_SET;
import static jpasst.tcp.TcpConnection.SHUT_TOLD;
import static jpasst.tcp.TcpConnection.SOCK_FIN_SENT;
import static jpasst.tcp.TcpConnection.TAP_FIN_RCVD;
import static jpasst.tcp.TcpConnection.WINDOW_OPENED;

import java.lang.foreign.MemorySegment;
import jpasst.flow.Flow;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.TcpHeader;

/**
 * Segments of the guest on established connections (RFC 9293 section 3.10.7.4): what they
 * acknowledge and what they carry. Answers wait for the end of the batch. Loop thread only.
 */
final class FromGuest {
    /** Largest window of a guest that counts, in bytes. */
    private static final int MAX_WINDOW = Sequence.WINDOW - 1;

    private final ToSocket toSocket;
    private final Ending ending;
    private final Counters counters;

    FromGuest(ToSocket toSocket, Ending ending, Counters counters) {
        this.toSocket = toSocket;
        this.ending = ending;
        this.counters = counters;
    }

    /**
     * Takes one segment.
     *
     * @param m the frame's memory, as it is until the end of the batch
     * @param at where the segment's data begins
     * @param length bytes of its data
     */
    void segment(Flow flow, TcpConnection c, TcpHeader tcp, MemorySegment m, long at, int length,
            long nowNs) {
        c.lastFromTapNs = nowNs;
        c.lastActivityNs = nowNs;
        int sequence = tcp.sequenceNumber();
        int ahead = sequence - c.seqFromTap;
        if (tcp.has(TcpHeader.RST)) {
            reset(flow, c, sequence);
        } else if (tcp.has(TcpHeader.SYN) || !isNear(c, ahead, length)) {
            // Asks the guest what it means (RFC 9293 section 3.10.7.4, RFC 5961).
            unacceptable(c);
        } else if (tcp.has(TcpHeader.ACK)) {
            takeAcknowledgement(c, tcp, length);
            if (length > 0) {
                takeData(flow, c, m, at, ahead, length, nowNs);
            } else if (ahead < 0) {
                keepalive(c);
            }
            if (tcp.has(TcpHeader.FIN)) takeFin(flow, c, sequence + length, nowNs);
        } else {
            counters.increment(Counter.DROP_UNACCEPTABLE_SEGMENT);
        }
    }

    /** Whether a segment touches the window, or lies not too far before it. */
    private static boolean isNear(TcpConnection c, int ahead, int length) {
        return ahead <= c.edgeToTap - c.seqFromTap && ahead > -Sequence.WINDOW;
    }

    private void unacceptable(TcpConnection c) {
        counters.increment(Counter.DROP_UNACCEPTABLE_SEGMENT);
        c.set(ANSWER_DUE);
    }

    private void reset(Flow flow, TcpConnection c, int sequence) {
        if (Sequence.within(sequence, c.seqFromTap, Math.max(0, c.edgeToTap - c.seqFromTap))) {
            ending.abandon(flow, c);
        } else {
            unacceptable(c);
        }
    }

    private void takeAcknowledgement(TcpConnection c, TcpHeader tcp, int length) {
        int ack = tcp.acknowledgmentNumber();
        if (!Sequence.within(ack, c.seqAckPending, c.seqMaxToTap - c.seqAckPending)) {
            // Old ones are ordinary after losses; of what was never sent, the guest is told.
            if (Sequence.before(c.seqMaxToTap, ack)) unacceptable(c);
            return;
        }
        int window = (int) Math.min((long) tcp.window() << c.scaleFromTap, MAX_WINDOW);
        if (ack != c.seqAckPending) {
            c.seqAckPending = ack;
            c.notQuiet();
            c.clear(DUPLICATE_ACK);
        } else if (length == 0 && !tcp.has(TcpHeader.FIN) && window == c.windowFromTap
                && window > 0 && c.seqToTap != ack) {
            c.set(DUPLICATE_ACK);
        }
        if (c.windowFromTap == 0 && window > 0) c.set(WINDOW_OPENED);
        if (window == 0) c.set(SHUT_TOLD);
        c.windowFromTap = window;
    }

    /** A segment before what is expected, without data: is anybody there (RFC 9293, 3.8.4)? */
    private static void keepalive(TcpConnection c) {
        c.set(ANSWER_DUE);
        if (c.is(KEEPALIVE_SET)) return;
        c.set(KEEPALIVE_SET);
        // The guest wants to know of a dead peer: so must the socket, or it never will.
        Sockets.setInt(c.socket, Sockets.SOL_SOCKET, Sockets.SO_KEEPALIVE, 1);
    }

    private void takeData(Flow flow, TcpConnection c, MemorySegment m, long at, int ahead,
            int length, long nowNs) {
        int room = c.edgeToTap - c.seqFromTap;
        if (c.has(TAP_FIN_RCVD)) {
            unacceptable(c);
        } else if (ahead > 0) {
            takeAhead(flow, c, m, at, c.seqFromTap + ahead, Math.min(length, room - ahead), nowNs);
        } else if (length <= -ahead) {
            if (length == 1 && ahead == -1) keepalive(c);
            c.set(ANSWER_DUE);
        } else {
            c.notQuiet();
            int fresh = Math.min(length + ahead, room);
            // Beyond the window nothing is taken: a probe, or a guest that does not listen.
            if (fresh < length + ahead) c.set(ANSWER_DUE);
            // A gap is filled, or a part of one: the guest waits for news (RFC 5681 section 4.2).
            if (c.buffer != null && c.buffer.hasIslands()) c.set(ANSWER_DUE);
            if (fresh > 0 && !toSocket.accept(flow, c, m, at - ahead, fresh, nowNs)) {
                c.set(ANSWER_DUE);
            }
        }
    }

    private void takeAhead(Flow flow, TcpConnection c, MemorySegment m, long at, int sequence,
            int length, long nowNs) {
        if (toSocket.holds(flow)) toSocket.flush(nowNs);
        int gap = sequence - c.seqFromTap;
        if (c.isClosed() || gap <= 0) return;
        if (length <= 0) {
            // It lies just beyond the window.
            c.set(ANSWER_DUE);
            return;
        }
        if (c.buffer != null && c.buffer.holds(c.buffered() + gap, length)) return;
        if (!toSocket.keepAhead(c, gap, m, at, length)) {
            counters.increment(Counter.DROP_UNACCEPTABLE_SEGMENT);
        }
        c.set(GAP_SEEN);
        c.gapSegments++;
        if (!c.gapTold || c.gapAt != c.seqFromTap) c.set(GAP_NEW);
        c.gapTold = true;
        c.gapAt = c.seqFromTap;
    }

    private void takeFin(Flow flow, TcpConnection c, int sequence, long nowNs) {
        if (toSocket.holds(flow)) toSocket.flush(nowNs);
        if (c.isClosed()) return;
        c.set(ANSWER_DUE);
        if (c.has(TAP_FIN_RCVD) || sequence != c.seqFromTap) return;
        // A FIN takes a sequence number too (RFC 9293 section 3.4).
        c.seqFromTap++;
        c.events |= TAP_FIN_RCVD;
    }

    /** Ends the guest's direction on the socket, once all its bytes are in. */
    void passFinOn(Flow flow, TcpConnection c) {
        if (!c.has(TAP_FIN_RCVD) || c.has(SOCK_FIN_SENT) || c.buffered() > 0) return;
        int rc = Sockets.shutdown(c.socket, Sockets.SHUT_WR);
        if (rc < 0 && rc != -Errno.ENOTCONN) {
            ending.socketFailed(flow, c, "shutdown", -rc);
        } else {
            c.events |= SOCK_FIN_SENT;
        }
    }
}
