// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import jpasst.flow.Flow;
import jpasst.loop.TimingWheel;

/**
 * When each connection must be looked at again: one entry of the timing wheel per flow, armed for
 * the earliest of its deadlines.
 *
 * <p>A deadline that moves away mostly costs nothing: the wheel's entry stays, comes early, and is
 * armed anew. Loop thread only.
 */
final class Timers {
    static final long MICROSECOND_NS = 1_000L;
    static final long MILLISECOND_NS = 1_000_000L;
    static final long SECOND_NS = 1_000_000_000L;

    /** How long a guest may be silent before it is asked for a sign of life the first time. */
    static final long KEEPALIVE_NS = 30 * SECOND_NS;
    /** How exact the look for silence is: some 17 ms. A power of two. */
    static final long IDLE_GRAIN_NS = 1 << 24;
    /** Each answer that is all that comes doubles the pause, up to 8 minutes. */
    private static final int MAX_QUIET_DOUBLINGS = 4;
    /** How long a connection may be without any activity before it is reset. */
    static final long INACTIVITY_NS = 7200 * SECOND_NS;
    /** Time-outs in a row after which a connection is given up. */
    static final int MAX_RETRIES = 7;

    private static final int MAX_ACK_PAUSE_SHIFT = 10;
    private static final long MIN_ACK_PAUSE_NS = 50 * MICROSECOND_NS;
    private static final long MAX_ACK_PAUSE_NS = 40 * MILLISECOND_NS;
    /** Answers in a row from which on another one is expected. */
    private static final int EXPECTED_ANSWERS = 4;
    /**
     * How long an answer is waited for. Kernels wait for one up to 40 ms before they acknowledge
     * (RFC 9293 section 3.8.6.3); here it is longer than a tick of any kernel's, so that this is
     * not the next timer of the processor: to set that costs a virtual machine 10 us and more.
     */
    private static final long ANSWER_PAUSE_NS = 12 * MILLISECOND_NS;

    private final TimingWheel wheel;
    private final TcpSettings settings;

    Timers(TimingWheel wheel, TcpSettings settings) {
        this.wheel = wheel;
        this.settings = settings;
    }

    /**
     * An acknowledgement will be looked at again: half a round trip later, longer each time; later
     * from the first time on where data of the peer will probably carry it.
     */
    void acknowledgementDue(Flow flow, TcpConnection c, long nowNs) {
        long least = c.answers < EXPECTED_ANSWERS ? MIN_ACK_PAUSE_NS : ANSWER_PAUSE_NS;
        long pause = Math.max(least, c.rttUs * MICROSECOND_NS >> 1);
        pause <<= Math.min(c.ackPolls, MAX_ACK_PAUSE_SHIFT);
        c.set(TcpConnection.ACK_TO_TAP_DUE);
        c.ackDeadlineNs = nowNs + Math.min(pause, MAX_ACK_PAUSE_NS);
        arm(flow, c);
    }

    /**
     * No acknowledgement is due any more. The wheel's entry does not stay: every exchange of a few
     * bytes would be followed by a wake-up for nothing.
     */
    void acknowledgementDone(Flow flow, TcpConnection c) {
        c.clear(TcpConnection.ACK_TO_TAP_DUE);
        wheel.arm(flow.index(), nextDeadlineNs(c));
    }

    /** The guest owes an acknowledgement: the time-out starts now. */
    void retransmitDue(Flow flow, TcpConnection c, long nowNs) {
        c.set(TcpConnection.ACK_FROM_TAP_DUE);
        c.retransmitDeadlineNs = nowNs + retransmitTimeoutNs(c);
        arm(flow, c);
    }

    /**
     * Looks for silence at a time, or earlier if all activity has ended long before. Guests of many
     * connections are asked for signs of life in batches, one round of the loop for each: one by
     * one, each question and each answer would be a wake-up.
     */
    void watchIdle(Flow flow, TcpConnection c, long deadlineNs) {
        long earliest = Math.min(deadlineNs, c.lastActivityNs + INACTIVITY_NS);
        c.idleDeadlineNs = earliest + IDLE_GRAIN_NS - 1 & -IDLE_GRAIN_NS;
        arm(flow, c);
    }

    /**
     * Looks whether the guest answered when it was asked last.
     *
     * @return until when it may be silent before it is asked again
     */
    static long quietUntilNs(TcpConnection c) {
        if (c.askedNs != 0) {
            boolean answered = c.lastFromTapNs >= c.askedNs;
            c.quietRounds = answered ? Math.min(c.quietRounds + 1, MAX_QUIET_DOUBLINGS) : 0;
            c.askedNs = 0;
        }
        return c.lastFromTapNs + (KEEPALIVE_NS << c.quietRounds);
    }

    /** No look at all any more: the connection is closed. */
    void forget(Flow flow) {
        wheel.disarm(flow.index());
    }

    /** Arms the wheel for the earliest deadline, unless it is armed for an earlier one. */
    void arm(Flow flow, TcpConnection c) {
        long deadline = nextDeadlineNs(c);
        if (deadline < wheel.deadlineNs(flow.index())) wheel.arm(flow.index(), deadline);
    }

    private static long nextDeadlineNs(TcpConnection c) {
        long deadline = c.has(TcpConnection.ESTABLISHED) ? c.idleDeadlineNs : Long.MAX_VALUE;
        if (c.is(TcpConnection.ACK_TO_TAP_DUE)) deadline = Math.min(deadline, c.ackDeadlineNs);
        if (c.is(TcpConnection.ACK_FROM_TAP_DUE)) {
            deadline = Math.min(deadline, c.retransmitDeadlineNs);
        }
        return deadline;
    }

    /** Whether so many repetitions of a SYN went unanswered that the guest is given up. */
    boolean handshakeFailed(TcpConnection c) {
        int most = settings.synRetries() + settings.synLinearTimeouts();
        return c.retries >= Math.min(MAX_RETRIES, most);
    }

    private long retransmitTimeoutNs(TcpConnection c) {
        long first = SECOND_NS;
        int doublings = c.retries;
        if (!c.has(TcpConnection.ESTABLISHED)) {
            doublings = Math.max(0, c.retries - settings.synLinearTimeouts());
        } else if (c.is(TcpConnection.SYN_RETRIED)) {
            first = 3 * SECOND_NS;
        }
        return Math.min(first << doublings, settings.maxRetransmitTimeoutNs());
    }
}
