// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import jpasst.flow.Flow;

/** Deadlines: how long, and that the wheel is armed for the earliest. Spec 03 section 9. */
class TimersTest {
    private static final TcpSettings SETTINGS = TcpSettings.defaults(65520);

    private final TcpHarness h = new TcpHarness();
    private final TcpConnection c;
    private final Flow flow;
    private final Timers timers = new Timers(h.wheel, SETTINGS);

    TimersTest() {
        Guest guest = h.connect().guest();
        flow = h.table.flow(guest.index());
        c = h.state(guest);
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private long timeout() {
        timers.retransmitDue(flow, c, h.nowNs);
        return c.retransmitDeadlineNs - h.nowNs;
    }

    @Test
    void timeOutsDoubleUpToTheSystemsMost() {
        long[] seconds = {1, 2, 4, 8, 16, 32, 64, 120};
        for (int i = 0; i < seconds.length; i++) {
            c.retries = i;
            assertEquals(seconds[i] * TcpHarness.SECOND, timeout());
        }
        c.set(TcpConnection.SYN_RETRIED);
        c.retries = 0;
        assertEquals(3 * TcpHarness.SECOND, timeout());
        c.retries = 2;
        assertEquals(12 * TcpHarness.SECOND, timeout());
    }

    @Test
    void handshakesAreRepeatedAsTheSystemRepeatsSyns() {
        c.events = TcpConnection.TAP_SYN_RCVD | TcpConnection.TAP_SYN_ACK_SENT;
        long[] seconds = {1, 1, 1, 1, 1, 2, 4, 8};
        for (int i = 0; i < seconds.length; i++) {
            c.retries = i;
            assertEquals(seconds[i] * TcpHarness.SECOND, timeout());
            assertEquals(i == 7, timers.handshakeFailed(c));
        }
        var few = new Timers(h.wheel, new TcpSettings(1500, 1, 1, 0, true, 1));
        c.retries = 1;
        assertFalse(few.handshakeFailed(c));
        c.retries = 2;
        assertTrue(few.handshakeFailed(c));
        c.events = TcpConnection.ESTABLISHED;
    }

    @Test
    void acknowledgementsAreLookedForHalfARoundTripLaterAndLonger() {
        assertEquals(50_000, pause(0, 0));
        assertEquals(50_000, pause(100, 0));
        assertEquals(500_000, pause(1000, 0));
        assertEquals(1_000_000, pause(1000, 1));
        assertEquals(40_000_000, pause(1000, 10));
        assertEquals(40_000_000, pause(1000, 1_000_000));
        assertEquals(40_000_000, pause(3_000_000, 0));
    }

    @Test
    void whereAnswersCameAcknowledgementsAreLookedForLater() {
        c.answers = 3;
        assertEquals(50_000, pause(0, 0));
        c.answers = 4;
        assertEquals(12_000_000, pause(0, 0));
        assertEquals(12_000_000, pause(1000, 0));
        assertEquals(25_000_000, pause(50_000, 0));
        assertEquals(40_000_000, pause(3_000_000, 0));
    }

    private long pause(int rttUs, int polls) {
        c.rttUs = rttUs;
        c.ackPolls = polls;
        timers.acknowledgementDue(flow, c, h.nowNs);
        return c.ackDeadlineNs - h.nowNs;
    }

    @Test
    void nobodyIsWokenForAnAcknowledgementThatIsDone() {
        c.idleDeadlineNs = h.nowNs + 30 * TcpHarness.SECOND;
        timers.acknowledgementDue(flow, c, h.nowNs);
        assertEquals(c.ackDeadlineNs, h.wheel.deadlineNs(flow.index()));
        timers.acknowledgementDone(flow, c);
        assertEquals(c.idleDeadlineNs, h.wheel.deadlineNs(flow.index()));
        timers.acknowledgementDue(flow, c, h.nowNs);
        timers.retransmitDue(flow, c, h.nowNs);
        timers.acknowledgementDone(flow, c);
        assertEquals(c.retransmitDeadlineNs, h.wheel.deadlineNs(flow.index()));
        assertFalse(c.is(TcpConnection.ACK_TO_TAP_DUE));
    }

    @Test
    void silenceIsLookedForInBatchesAndNeverEarly() {
        long at = 1000 * Timers.IDLE_GRAIN_NS;
        c.lastActivityNs = at - Timers.INACTIVITY_NS / 2;
        for (long deadline : new long[] {at - Timers.IDLE_GRAIN_NS + 1, at - 1, at}) {
            timers.watchIdle(flow, c, deadline);
            assertEquals(at, c.idleDeadlineNs);
        }
        timers.watchIdle(flow, c, at + 1);
        assertEquals(at + Timers.IDLE_GRAIN_NS, c.idleDeadlineNs);
    }

    @Test
    void theWheelIsArmedForTheEarliest() {
        int id = flow.index();
        // That of the handshake is still there: it comes early, and is armed anew.
        timers.forget(flow);
        timers.watchIdle(flow, c, h.nowNs + Timers.KEEPALIVE_NS);
        assertEquals(c.idleDeadlineNs, h.wheel.deadlineNs(id));
        timers.retransmitDue(flow, c, h.nowNs);
        assertEquals(c.retransmitDeadlineNs, h.wheel.deadlineNs(id));
        c.rttUs = 0;
        timers.acknowledgementDue(flow, c, h.nowNs);
        assertEquals(c.ackDeadlineNs, h.wheel.deadlineNs(id));
        c.clear(TcpConnection.ACK_TO_TAP_DUE | TcpConnection.ACK_FROM_TAP_DUE);
        timers.forget(flow);
        assertEquals(Long.MAX_VALUE, h.wheel.deadlineNs(id));
    }
}
