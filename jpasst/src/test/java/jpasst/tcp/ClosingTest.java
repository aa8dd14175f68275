// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.FIN;
import static jpasst.tcp.Segment.RST;
import static jpasst.tcp.TcpHarness.MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/** How connections end: each direction by itself, by reset, or by silence. */
@ExtendWith(InSandbox.class)
class ClosingTest {
    final TcpHarness h = new TcpHarness();
    Guest guest;
    StreamPeer peer;

    void connect() {
        var c = h.connect();
        guest = c.guest();
        peer = c.peer();
    }

    @BeforeEach
    void startQuietly() {
        h.noStrays();
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    @Test
    void theGuestEndsFirst() {
        connect();
        guest.fin();
        guest.expectAck();
        peer.expectEnd();
        peer.send("still ").send("talking");
        guest.expectData("still ");
        guest.expectData("talking");
        guest.ack();
        peer.shutdown();
        guest.expectFin();
        assertEquals(1, h.table.activeCount());
        guest.ack();
        h.assertNothingLeft();
        guest.expectSilence();
    }

    @Test
    void thePeerEndsFirst() {
        connect();
        peer.send("bye").shutdown();
        guest.expectData("bye");
        guest.ack();
        guest.expectFin();
        guest.ack();
        guest.data("one more");
        peer.expect("one more");
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.fin();
        guest.expectAck(guest.next);
        peer.expectEnd();
        h.assertNothingLeft();
    }

    @Test
    void bothEndAtOnce() {
        connect();
        peer.shutdown();
        guest.fin();
        guest.expectFin();
        guest.expectAck();
        guest.ack();
        peer.expectEnd();
        h.assertNothingLeft();
    }

    @Test
    void finWithData() {
        connect();
        guest.send(guest.segment(ACK | FIN, guest.next, "last"));
        guest.next += 5;
        guest.expectAck();
        guest.expectSilence();
        peer.expect("last");
        peer.expectEnd();
    }

    @Test
    void finAheadOfAGapDoesNotCount() {
        connect();
        int next = guest.next;
        guest.send(guest.segment(ACK | FIN, next + 3, "def"));
        guest.expectAck(next);
        guest.expectAck(next);
        guest.send(guest.segment(ACK, next, "abc"));
        guest.next += 6;
        guest.expectAck(next + 6);
        peer.expect("abcdef");
        peer.expectNothing();
        guest.fin();
        guest.expectAck();
        peer.expectEnd();
    }

    @Test
    void aRepeatedFinIsAnsweredAgain() {
        connect();
        guest.fin();
        guest.expectAck();
        guest.send(guest.segment(ACK | FIN, guest.next - 1, ""));
        guest.expectAck();
        guest.expectSilence();
        guest.send(guest.segment(ACK, guest.next, "after the end"));
        guest.expectAck();
        peer.expectEnd();
    }

    @Test
    void aLostFinIsRepeatedAfterOneTwoFourSeconds() {
        connect();
        peer.shutdown();
        guest.expectFin();
        guest.expected--;
        int due = 0;
        double time = 0;
        for (int pause : new int[] {1, 2, 4, 8}) {
            due += pause;
            time += h.secondsUntilSent(guest);
            assertEquals(due, time, 0.01);
            guest.expectFin();
            guest.expected--;
        }
        guest.expected++;
        guest.ack();
        h.seconds(20);
        guest.expectSilence();
        assertTrue(h.state(guest).has(TcpConnection.TAP_FIN_ACKED));
    }

    @Test
    void aDuplicateAcknowledgementRepeatsNoFin() {
        connect();
        peer.shutdown();
        guest.expectFin();
        guest.expected--;
        guest.ack();
        guest.ack();
        guest.expectSilence();
        assertEquals(0, h.count(Counter.TCP_RETRANSMITS_TO_TAP));
    }

    @Test
    void dataAndFinLostAreBothRepeated() {
        connect();
        peer.send("data").shutdown();
        guest.expectData("data");
        guest.expectFin();
        guest.expected -= 5;
        h.seconds(1.01);
        guest.expectData("data");
        guest.expectFin();
        guest.ack();
        assertTrue(h.state(guest).has(TcpConnection.TAP_FIN_ACKED));
    }

    @Test
    void finAcknowledgedLateAfterATimeOutRepeatedOnlyAPart() {
        connect();
        h.tap.refuse(false);
        peer.send("data").shutdown();
        guest.expectData("data");
        guest.expectFin();
        // The guest has all, but its ACK is late: the time-out finds its window shut.
        guest.lawless = true;
        guest.expected -= 5;
        guest.ack(0);
        h.seconds(1.01);
        assertEquals(1, guest.take().data().length);
        guest.expected += 5;
        guest.ack(512);
        assertTrue(h.state(guest).has(TcpConnection.TAP_FIN_ACKED));
        h.seconds(10);
        guest.expectSilence();
        guest.fin();
        guest.expectAck();
        h.assertNothingLeft();
    }

    @Test
    void resetsOfTheGuestReachThePeer() {
        connect();
        guest.rst();
        guest.expectSilence();
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void resetsWithinTheWindowCount() {
        connect();
        guest.send(guest.segment(RST, guest.next + guest.roomGiven() - 1, ""));
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void resetsOutsideTheWindowAreChallenged() {
        connect();
        int room = guest.roomGiven();
        guest.send(guest.frame(RST, guest.next - 1, 0, 0));
        guest.expectAck();
        guest.send(guest.frame(RST | ACK, guest.next + room + 1, guest.expected, 0));
        guest.expectAck();
        guest.send(guest.frame(RST, guest.next + (1 << 30), 0, 0));
        guest.expectAck();
        guest.expectSilence();
        guest.data("unharmed");
        peer.expect("unharmed");
    }

    @Test
    void resetsOfThePeerReachTheGuest() {
        connect();
        guest.data("x");
        peer.expect("x");
        peer.reset();
        Segment reset = guest.expectReset();
        assertEquals(guest.next, reset.acknowledgment());
        assertEquals(guest.expected, reset.sequence());
        h.assertNothingLeft();
    }

    @Test
    void aPeerWhichClosedAnswersDataWithReset() {
        connect();
        peer.close();
        h.serve();
        guest.expectFin();
        guest.ack();
        guest.data("into the void");
        h.serve();
        while (guest.poll() instanceof Segment s) {
            if (s.has(RST)) {
                h.assertNothingLeft();
                return;
            }
        }
        throw new AssertionError("no reset");
    }

    @Test
    void afterTheEndAnswersWithReset() {
        connect();
        peer.shutdown();
        guest.expectFin();
        guest.fin();
        guest.expectAck();
        h.assertNothingLeft();
        guest.ack();
        Segment reset = guest.take();
        assertEquals(RST, reset.flags());
        assertEquals(guest.expected, reset.sequence());
    }

    @Test
    void thePortsCanBeUsedAgainAtOnce() {
        connect();
        guest.rst();
        Guest again = h.guest(guest.port, guest.remotePort);
        again.isn = 123_456;
        again.open();
        assertNotNull(h.state(again));
    }

    @Test
    void aSilentGuestIsAskedForASignOfLifeEveryThirtySeconds() {
        connect();
        for (int i = 0; i < 5; i++) {
            assertEquals(30, h.secondsUntilSent(guest), 0.02);
            Segment probe = guest.take();
            assertEquals(ACK, probe.flags());
            assertEquals(guest.expected - 1, probe.sequence());
            assertEquals(guest.next, probe.acknowledgment());
            assertEquals(0, probe.data().length);
        }
        // The guest was started anew and knows of nothing.
        guest.send(guest.frame(RST, guest.next, 0, 0));
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void aGuestThatAnswersIsAskedLessAndLessOften() {
        connect();
        for (int seconds : new int[] {30, 60, 120, 240, 480, 480}) {
            assertEquals(seconds, h.secondsUntilSent(guest), 0.02);
            guest.take();
            guest.ack();
        }
        guest.data("not so silent");
        peer.expect("not so silent");
        h.secondsUntilSent(guest);
        guest.take();
        assertEquals(30, h.secondsUntilSent(guest), 0.02);
    }

    @Test
    void aGuestThatAnswersLivesForEver() {
        connect();
        for (int i = 0; i < 500; i++) {
            h.secondsUntilSent(guest);
            guest.take();
            guest.ack();
            guest.expectSilence();
        }
        guest.data("alive");
        peer.expect("alive");
    }

    @Test
    void totalSilenceEndsAfterTwoHours() {
        connect();
        double seconds = 0;
        while (h.state(guest) != null) {
            seconds += h.secondsUntilSent(guest);
            while (guest.poll() instanceof Segment s) {
                if (s.has(RST)) guest.expectSilence();
            }
        }
        assertEquals(7200, seconds, 31);
        peer.expectReset();
        h.assertNothingLeft();
    }
}
