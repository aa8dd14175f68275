// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.FIN;
import static jpasst.tcp.Segment.SYN;
import static jpasst.tcp.TcpHarness.MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.GuestFrame;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/** What the guest sends reaches the socket, and is acknowledged: spec 03 sections 6 and 8.1. */
@ExtendWith(InSandbox.class)
class GuestToHostTest {
    final TcpHarness h = new TcpHarness();
    private Guest guest;
    private StreamPeer peer;

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void connect() {
        var c = h.connect();
        guest = c.guest();
        peer = c.peer();
    }

    private byte[] at(int offset, String text) {
        return guest.segment(ACK, guest.next + offset, text);
    }

    @Test
    void aFewBytesAreAcknowledgedHalfARoundTripLater() {
        connect();
        guest.data("hello");
        peer.expect("hello");
        guest.expectSilence();
        double seconds = h.secondsUntilSent(guest);
        assertTrue(seconds >= 50e-6 && seconds < 0.04, "after " + seconds);
        Segment ack = guest.expectAck();
        assertEquals(WindowPolicy.INITIAL_LIMIT >> 8, ack.window(), 1);
        h.seconds(5);
        guest.expectSilence();
    }

    @Test
    void anAnswerCarriesTheAcknowledgement() {
        connect();
        guest.data("ping");
        peer.expect("ping");
        peer.send("pong");
        h.advance(MILLISECOND);
        Segment first = guest.take();
        if (first.data().length == 0) first = guest.take();
        assertEquals("pong", first.text());
        assertEquals(guest.next, first.acknowledgment());
        guest.expected += 4;
        guest.ack();
        guest.expectSilence();
    }

    private void exchangeSome() {
        connect();
        for (int i = 0; i < 4; i++) {
            guest.data("ping");
            peer.expect("ping");
            peer.send("pong");
            h.advance(MILLISECOND / 50);
            guest.expectData("pong");
            guest.ack();
        }
    }

    @Test
    void whereAnswersCameTheNextOneIsWaitedForLonger() {
        exchangeSome();
        guest.data("ping");
        peer.expect("ping");
        double seconds = h.secondsUntilSent(guest);
        assertTrue(seconds >= 12e-3 && seconds < 60e-3, "after " + seconds);
        guest.expectAck();
        guest.data("ping");
        peer.expect("ping");
        seconds = h.secondsUntilSent(guest);
        assertTrue(seconds < 12e-3, "one that did not come, after " + seconds);
        guest.expectAck();
    }

    @Test
    void whoGoesOnBeforeTheAnswerIsNotKeptWaiting() {
        exchangeSome();
        guest.data("one");
        peer.expect("one");
        guest.data("two");
        peer.expect("two");
        double seconds = h.secondsUntilSent(guest);
        assertTrue(seconds < 12e-3, "after " + seconds);
        guest.expectAck();
    }

    @Test
    void ofAFarPeerOnlyWhatItAcknowledgedIsAcknowledged() {
        connect();
        h.state(guest).clear(TcpConnection.NEAR);
        Sockets.setInt(peer.fd, Sockets.IPPROTO_TCP, Sockets.TCP_QUICKACK, 0);
        guest.data("hello");
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        while (guest.isIdle() && System.nanoTime() < limit) h.advance(MILLISECOND);
        guest.expectAck();
        assertFalse(h.state(guest).is(TcpConnection.ACK_TO_TAP_DUE));
    }

    @Test
    void bulkIsAcknowledgedAtTheEndOfItsBatch() {
        connect();
        byte[][] frames = new byte[10][];
        for (int i = 0; i < 10; i++) frames[i] = at(1460 * i, "x".repeat(1460));
        guest.next += 14600;
        guest.send(frames);
        guest.expectAck();
        guest.expectSilence();
        assertEquals(14600, peer.read(14600).length);
    }

    @Test
    void ordersSegmentsOfABatch() {
        connect();
        byte[] a = at(0, "aaa");
        byte[] b = at(3, "bbb");
        byte[] c = at(6, "ccc");
        guest.next += 9;
        guest.send(c, a, b);
        peer.expect("aaabbbccc");
        guest.expectAck();
        guest.expectSilence();
    }

    @Test
    void tellsOfAGapByTwoAcknowledgementsAndKeepsWhatIsBehind() {
        connect();
        int next = guest.next;
        guest.send(at(3, "bbb"));
        guest.expectAck(next);
        guest.expectAck(next);
        guest.expectSilence();
        guest.send(at(3, "bbb"));
        guest.expectSilence();
        guest.send(at(6, "ccc"));
        guest.expectAck(next);
        guest.expectSilence();
        peer.expectNothing();
        guest.data("aaa");
        guest.next += 6;
        peer.expect("aaabbbccc");
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.expectSilence();
    }

    @Test
    void tellsOfEveryNewGap() {
        connect();
        guest.send(at(1, "b"));
        guest.expectAck();
        guest.expectAck();
        guest.data("a");
        guest.next++;
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.send(at(1, "d"));
        guest.expectAck();
        guest.expectAck();
        guest.expectSilence();
        guest.data("c");
        guest.next++;
        peer.expect("abcd");
    }

    @Test
    void keepsEightIslandsAndDropsTheNinth() {
        connect();
        for (int i = 0; i < 9; i++) guest.send(at(2 * i + 1, "" + i));
        assertEquals(1, h.count(Counter.DROP_UNACCEPTABLE_SEGMENT));
        for (int i = 0; i < 8; i++) {
            guest.data("-");
            guest.next++;
        }
        peer.expect("-0-1-2-3-4-5-6-7");
        while (!guest.isIdle()) guest.take();
        guest.data("-8");
        peer.expect("-8");
    }

    @Test
    void takesTheNewPartOfAnOverlap() {
        connect();
        guest.data("abcdef");
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.send(at(-3, "defghi"));
        guest.next += 3;
        peer.expect("abcdefghi");
        h.advance(MILLISECOND);
        guest.expectAck();
    }

    @Test
    void answersWhatIsAllOldAtOnce() {
        connect();
        guest.data("abcdef");
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.send(at(-6, "abcdef"));
        guest.expectAck();
        guest.expectSilence();
        peer.expect("abcdef");
        peer.expectNothing();
    }

    @Test
    void answersKeepalivesAndKeepsThePeerAliveToo() {
        connect();
        assertEquals(0, Sockets.getInt(h.state(guest).socket, Sockets.SOL_SOCKET,
                Sockets.SO_KEEPALIVE));
        guest.send(at(-1, ""));
        guest.expectAck();
        guest.expectSilence();
        assertEquals(1, Sockets.getInt(h.state(guest).socket, Sockets.SOL_SOCKET,
                Sockets.SO_KEEPALIVE));
        guest.send(at(-1, "x"));
        guest.expectAck();
        guest.expectSilence();
        peer.expectNothing();
    }

    @Test
    void challengesASynAndGoesOn() {
        connect();
        guest.send(guest.frame(SYN, 77_777, 0, 64240, guest.options));
        guest.expectAck();
        guest.send(guest.frame(SYN, guest.isn, 0, 64240, guest.options));
        guest.expectAck();
        guest.expectSilence();
        guest.data("still here");
        peer.expect("still here");
    }

    @Test
    void ignoresSegmentsWithoutAck() {
        connect();
        guest.send(guest.segment(0, guest.next, "nope"));
        guest.expectSilence();
        peer.expectNothing();
        assertEquals(1, h.count(Counter.DROP_UNACCEPTABLE_SEGMENT));
    }

    @Test
    void challengesAcknowledgementsOfWhatWasNeverSent() {
        connect();
        guest.lawless = true;
        guest.expected += 1000;
        guest.ack();
        guest.expectAck();
        guest.expected -= 1000;
        guest.data("on we go");
        peer.expect("on we go");
        peer.send("yes");
        h.advance(MILLISECOND);
        while (guest.poll() instanceof Segment s) {
            if (s.data().length > 0) guest.expected += s.data().length;
        }
        guest.ack();
        assertEquals(0, h.state(guest).outstanding());
    }

    @Test
    void takesNothingBeyondTheWindow() {
        connect();
        int room = guest.roomGiven();
        guest.send(at(room, "beyond"));
        guest.expectAck();
        guest.expectSilence();
        guest.send(at(room - 3, "yesno!"));
        guest.expectAck();
        guest.expectAck();
        assertTrue(h.state(guest).buffer.holds(room - 3, 3));
        assertFalse(h.state(guest).buffer.holds(room - 3, 4));
        guest.send(at(1 << 25, "wild"));
        guest.expectAck();
        guest.expectSilence();
    }

    @Test
    void aForcedAcknowledgementPromisesNoMoreThanAnyOther() {
        connect();
        byte[] data = guest.segment(ACK, guest.next, new byte[5000]);
        guest.next += 5000;
        guest.send(data, at(-1, ""));
        assertTrue(guest.expectAck().window() <= WindowPolicy.INITIAL_LIMIT >> 8);
        assertEquals(5000, peer.read(5000).length);
    }

    @Test
    void takesOnlyThePartOfASegmentThatLiesInTheWindow() {
        var c = h.connect(g -> {
            g.options = jpasst.testing.FrameBuilder.mss(1460);
            g.scale = 0;
        });
        guest = c.guest();
        int start = guest.next;
        byte[] first = guest.segment(ACK, start, new byte[60_000]);
        byte[] second = guest.segment(ACK, start + 60_000, new byte[60_000]);
        guest.next += 65_535;
        guest.send(first, second);
        guest.expectAck();
        assertEquals(65_535, c.peer().read(65_535).length);
    }

    @Test
    void dropsDamagedSegmentsAndCountsThem() {
        connect();
        byte[] frame = at(0, "intact");
        frame[frame.length - 1] ^= 1;
        guest.send(frame);
        guest.expectSilence();
        assertEquals(1, h.count(Counter.DROP_BAD_CHECKSUM));
        byte[] header = at(0, "intact");
        header[14 + 20 + 12] = (byte) 0xf0;
        guest.send(header);
        assertEquals(1, h.count(Counter.DROP_MALFORMED_TCP));
        peer.expectNothing();
    }

    @Test
    void trustsChecksumsWhichOffloadLeavesToUs() {
        connect();
        byte[] bytes = guest.builder(ACK, guest.next, guest.expected, 512).payload("partial")
                .partialChecksum().bytes();
        guest.segment(ACK, guest.next, "partial");
        var frame = new GuestFrame().load(bytes);
        frame.frame().partialChecksum(34, 16);
        assertTrue(frame.parse());
        h.tcp.fromTap(frame.frame(), frame.packet(), h.nowNs);
        h.tcp.endBatch(h.nowNs);
        guest.next += 7;
        peer.expect("partial");
    }

    @Test
    void carriesOnWhenSequenceNumbersWrap() {
        var c = h.connect(g -> g.isn = -20);
        byte[] all = new byte[3000];
        new Random(1).nextBytes(all);
        for (int i = 0; i < all.length; i += 10) {
            c.guest().data(java.util.Arrays.copyOfRange(all, i, i + 10));
        }
        assertArrayEquals(all, c.peer().read(all.length));
        h.advance(MILLISECOND);
        assertNotNull(c.guest().poll());
    }

    @Test
    void segmentsOfManyConnectionsInOneBatchDoNotMix() {
        connect();
        var other = h.connect();
        byte[] a1 = at(0, "first ");
        byte[] a2 = at(6, "second");
        byte[] b1 = other.guest().segment(ACK, other.guest().next, "premier ");
        byte[] b2 = other.guest().segment(ACK | FIN, other.guest().next + 8, "second");
        guest.next += 12;
        other.guest().next += 15;
        guest.send(a1, b1, a2, b2);
        peer.expect("first second");
        other.peer().expect("premier second");
        other.peer().expectEnd();
    }

    @Test
    void acceptsDataBehindWhichTheConnectionIsResetInTheSameBatch() {
        connect();
        byte[] data = at(0, "last words");
        guest.next += 10;
        byte[] reset = guest.segment(Segment.RST, guest.next, "");
        guest.send(data, reset);
        guest.expectSilence();
        h.assertNothingLeft();
    }

    @Test
    void anErrorOfOursCostsOneConnectionOnly() {
        connect();
        var other = h.connect();
        byte[] a = at(-1, "");
        byte[] b = other.guest().segment(ACK, other.guest().next - 1, "");
        h.sabotage = new IllegalStateException("a bug, says the test");
        guest.send(a, b);
        guest.expectSilence();
        other.guest().expectAck();
        assertEquals(1, h.table.activeCount());
        assertEquals(1, h.count(Counter.HANDLER_EXCEPTIONS));
        peer.expectReset();
        other.guest().data("fine here");
        other.peer().expect("fine here");
        h.counters.add(Counter.HANDLER_EXCEPTIONS, -1);
    }
}
