// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpConnection.ACK_FROM_TAP_DUE;
import static jpasst.tcp.TcpConnection.BULK;
import static jpasst.tcp.TcpConnection.FIN_PLACED;
import static jpasst.tcp.TcpConnection.READABLE;
import static jpasst.tcp.TcpConnection.RECOVERED;
import static jpasst.tcp.TcpConnection.RECOVERING;
import static jpasst.tcp.TcpConnection.SHUT_TOLD;
import static jpasst.tcp.TcpConnection.SOCK_FIN_RCVD;
import static jpasst.tcp.TcpConnection.TAP_FIN_ACKED;
import static jpasst.tcp.TcpConnection.TAP_FIN_SENT;

import jpasst.flow.Flow;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.TcpHeader;

/**
 * The peer's bytes on their way to the guest: read from the socket without taking them out, sent
 * within the guest's window, taken out when the guest has acknowledged them.
 *
 * <p>What is lost is sent again, from the socket, one segment for each sign of loss (RFC 5681,
 * RFC 6582); after a time-out all that the window allows. Loop thread only.
 */
final class ToGuest {
    /** Bytes sent for one connection before others have their turn. */
    private static final int TURN = 512 * 1024;

    private final PeekReader peek;
    private final Segments segments;
    private final Acknowledging acknowledging;
    private final Timers timers;
    private final Ending ending;
    private final Counters counters;

    ToGuest(PeekReader peek, Segments segments, Acknowledging acknowledging, Timers timers,
            Ending ending, Counters counters) {
        this.peek = peek;
        this.segments = segments;
        this.acknowledging = acknowledging;
        this.timers = timers;
        this.ending = ending;
        this.counters = counters;
    }

    /**
     * Sends what the socket has and the guest's window allows.
     *
     * @return whether there may be more for another turn, without an event of the socket or the
     *     guest to wait for: at once, or as soon as a tap that refused has room again
     */
    boolean send(Flow flow, TcpConnection c, long nowNs) {
        if (c.has(TAP_FIN_SENT)) return false;
        boolean v4 = Segments.isV4(flow, c);
        for (int bytes = 0; bytes < TURN; ) {
            int outstanding = c.outstanding();
            int room = c.windowFromTap - outstanding;
            if (room <= 0) {
                // Also when nothing is outstanding: a window that stays shut must be probed.
                if (!c.is(ACK_FROM_TAP_DUE)) timers.retransmitDue(flow, c, nowNs);
                return false;
            }
            int want = segments.prepare(c, v4, room);
            long got = read(c, outstanding, v4);
            if (got <= 0) return nothingMore(flow, c, (int) got, nowNs);
            if (!sendData(flow, c, (int) got, nowNs)) return true;
            bytes += (int) got;
            if (got == want) {
                c.set(BULK);
            } else if (!c.has(SOCK_FIN_RCVD)) {
                // The queue was empty behind this: what comes later makes a new event.
                c.clear(READABLE | BULK);
                return false;
            }
        }
        return true;
    }

    /** Reads into the places prepared, behind what is outstanding. */
    private long read(TcpConnection c, int outstanding, boolean v4) {
        return peek.read(c.socket, outstanding, segments.dataMemory(), segments.dataAt(v4),
                segments.placeLength(), segments.places(), segments.distance());
    }

    private boolean nothingMore(Flow flow, TcpConnection c, int got, long nowNs) {
        if (got == -Errno.EINTR) return true;
        if (got == -Errno.EAGAIN) {
            c.clear(READABLE);
        } else if (got == 0) {
            c.clear(READABLE);
            c.events |= SOCK_FIN_RCVD;
            return !sendFin(flow, c, nowNs);
        } else {
            ending.socketFailed(flow, c, "recv", -got);
        }
        return false;
    }

    /** Whether the tap took all of it; if not, there is another turn when the tap has room. */
    private boolean sendData(Flow flow, TcpConnection c, int length, long nowNs) {
        int ack = acknowledging.acknowledgementWithData(c, nowNs);
        int window = acknowledging.window(c, ack);
        int taken = segments.data(flow, c, c.seqToTap, length, ack, window);
        if (taken > 0) {
            if (Sequence.before(c.seqToTap, c.seqMaxToTap)) {
                counters.increment(Counter.TCP_RETRANSMITS_TO_TAP);
            } else {
                counters.add(Counter.TCP_BYTES_FROM_SOCKETS, taken);
            }
            sent(flow, c, taken, nowNs);
        }
        if (taken == length) return true;
        peek.rewind(c.socket, c.outstanding());
        return false;
    }

    /** As {@link #sendData}. */
    private boolean sendFin(Flow flow, TcpConnection c, long nowNs) {
        int window = acknowledging.window(c, c.seqFromTap);
        if (!segments.control(flow, c, TcpHeader.FIN | TcpHeader.ACK, c.seqToTap, c.seqFromTap,
                window)) {
            return false;
        }
        c.events |= TAP_FIN_SENT;
        c.set(FIN_PLACED);
        c.finToTap = c.seqToTap;
        // A FIN takes a sequence number too (RFC 9293 section 3.4).
        sent(flow, c, 1, nowNs);
        return true;
    }

    private void sent(Flow flow, TcpConnection c, int length, long nowNs) {
        c.seqToTap += length;
        c.seqMaxToTap = Sequence.later(c.seqMaxToTap, c.seqToTap);
        acknowledging.settleWithData(flow, c, nowNs);
        if (!c.is(ACK_FROM_TAP_DUE)) timers.retransmitDue(flow, c, nowNs);
    }

    /** Takes what the guest acknowledged in this batch out of the socket. */
    void takeAcknowledged(Flow flow, TcpConnection c, long nowNs) {
        int acked = c.seqAckPending - c.seqAckFromTap;
        if (acked == 0) return;
        boolean fin = c.is(FIN_PLACED) && c.seqAckPending == c.finToTap + 1;
        int data = fin ? acked - 1 : acked;
        if (data > 0 && Sockets.discard(c.socket, data) != data) {
            ending.reset(flow, c);
            return;
        }
        c.seqAckFromTap = c.seqAckPending;
        // After a rewind the guest may acknowledge more than was sent again: it had it all along.
        c.seqToTap = Sequence.later(c.seqToTap, c.seqAckFromTap);
        if (fin) c.events |= TAP_FIN_SENT | TAP_FIN_ACKED;
        c.retries = 0;
        if (c.outstanding() == 0) {
            c.clear(ACK_FROM_TAP_DUE);
        } else {
            timers.retransmitDue(flow, c, nowNs);
        }
        if (c.is(RECOVERED)) goOnRecovering(flow, c, nowNs);
    }

    private void goOnRecovering(Flow flow, TcpConnection c, long nowNs) {
        if (!Sequence.before(c.seqAckFromTap, c.recoverTo)) {
            c.clear(RECOVERING | RECOVERED);
        } else if (c.is(RECOVERING)) {
            // A partial acknowledgement: the next hole begins where it ends (RFC 6582, 3.2).
            sendAgain(flow, c, nowNs);
        }
    }

    /** A duplicate acknowledgement came: something was lost. The tap does not reorder. */
    void segmentLost(Flow flow, TcpConnection c, long nowNs) {
        if (c.is(RECOVERING) || c.dataOutstanding() <= 0) return;
        if (c.is(RECOVERED) && Sequence.before(c.seqAckFromTap, c.recoverTo)) return;
        c.set(RECOVERING | RECOVERED);
        c.recoverTo = c.seqMaxToTap;
        sendAgain(flow, c, nowNs);
    }

    /** Sends one segment again, the first that is not acknowledged. */
    private void sendAgain(Flow flow, TcpConnection c, long nowNs) {
        int outstanding = c.dataOutstanding();
        if (outstanding <= 0 || c.windowFromTap == 0) return;
        int want = Math.min(Math.min(c.mss, outstanding), c.windowFromTap);
        peek.rewind(c.socket, 0);
        boolean v4 = Segments.isV4(flow, c);
        segments.prepareOne(c, v4, want);
        long got = read(c, 0, v4);
        if (got > 0) {
            int ack = acknowledging.acknowledgement(c);
            segments.data(flow, c, c.seqAckFromTap, (int) got, ack,
                    acknowledging.window(c, ack));
            counters.increment(Counter.TCP_RETRANSMITS_TO_TAP);
            timers.retransmitDue(flow, c, nowNs);
        }
        peek.rewind(c.socket, outstanding);
    }

    /** Forgets that anything was sent beyond the guest's acknowledgement. */
    void rewind(TcpConnection c) {
        c.seqToTap = c.seqAckFromTap;
        if (!c.has(TAP_FIN_ACKED)) c.events &= ~TAP_FIN_SENT;
        c.clear(RECOVERING);
        c.set(READABLE);
        peek.rewind(c.socket, 0);
    }

    /**
     * The guest's acknowledgement is overdue: everything again, slower each time.
     *
     * @return as {@link #send}
     */
    boolean timedOut(Flow flow, TcpConnection c, long nowNs) {
        if (c.retries < Timers.MAX_RETRIES) {
            c.retries++;
        } else if (!c.is(SHUT_TOLD)) {
            ending.reset(flow, c);
            return false;
        }
        // Who answers probes may keep its window shut for ever (RFC 9293 section 3.8.6.1).
        c.clear(SHUT_TOLD);
        // A window that was shut is probed with one byte (RFC 9293 section 3.8.6.1).
        if (c.windowFromTap == 0) c.windowFromTap = 1;
        c.clear(ACK_FROM_TAP_DUE);
        // What the guest had all along makes duplicates which mean nothing (RFC 6582, 3.2).
        c.set(RECOVERED);
        c.recoverTo = c.seqMaxToTap;
        rewind(c);
        return send(flow, c, nowNs);
    }
}
