// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.PSH;
import static jpasst.tcp.TcpHarness.MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import jpasst.addr.IpAddress;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/**
 * What a socket receives reaches the guest within its window, and again if it was lost: spec 03
 * sections 8.2 and 8.3. All with and without the kernel's offset for peeking.
 */
@ExtendWith(InSandbox.class)
class HostToGuestTest {
    private TcpHarness h;
    private Guest guest;
    private StreamPeer peer;

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void connect(boolean offset) {
        connect(offset, g -> { });
    }

    private void connect(boolean offset, java.util.function.Consumer<Guest> preparation) {
        h = harness(settings(offset));
        var c = h.connect(preparation);
        guest = c.guest();
        peer = c.peer();
    }

    TcpHarness harness(TcpSettings settings) {
        return new TcpHarness(settings);
    }

    private static TcpSettings settings(boolean offset) {
        var d = TcpSettings.defaults(65520);
        return new TcpSettings(d.mtu(), d.synRetries(), d.synLinearTimeouts(),
                d.maxRetransmitTimeoutNs(), offset, d.bufferBytes());
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendsOneFrameWithTheGuestsSegmentSizeForMuchData(boolean offset) {
        connect(offset);
        byte[] all = random(20_000);
        peer.send(all);
        Segment s = guest.take();
        assertEquals(ACK | PSH, s.flags());
        assertEquals(1460, s.frame().gsoSize());
        assertEquals(1, s.frame().gsoType());
        assertArrayEquals(all, s.data());
        guest.expectSilence();
        assertEquals(all.length, h.count(Counter.TCP_BYTES_FROM_SOCKETS));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneSegmentNeedsNoSegmentation(boolean offset) {
        connect(offset);
        peer.send(random(1460));
        assertEquals(0, guest.take().frame().gsoType());
        peer.send(random(1461));
        assertEquals(1460, guest.take().frame().gsoSize());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void frameOfManySegmentsHoldsWholeOnes(boolean offset) {
        connect(offset, g -> g.window = 4000);
        byte[] all = random(200_000);
        peer.send(all);
        assertEquals(1460 * 44, guest.take().data().length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 88, 536, 1400, 8960, 65495, 65535})
    void keepsToAnyMssOfTheGuest(int mss) {
        int least = mss == 0 ? 536 : Math.max(48, mss & ~3);
        connect(true, g -> {
            g.options = mss == 0 ? new byte[] {1, 3, 3, 7}
                    : new byte[] {2, 4, (byte) (mss >> 8), (byte) mss, 1, 3, 3, 7};
            g.mss = Math.min(65492, least);
            g.window = 2048;
        });
        byte[] all = random(130_000);
        int sent = peer.trySend(all, 0);
        h.serve();
        byte[] got = guest.receive(sent);
        assertArrayEquals(java.util.Arrays.copyOf(all, sent), got);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOverIpv6(boolean offset) {
        h = harness(settings(offset));
        var server = new TcpHarness.Server(h, IpAddress.LOOPBACK_V6, 0);
        guest = new Guest(h, TcpHarness.GUEST6, 40000, TcpHarness.HOST6, server.port);
        guest.options = new byte[] {2, 4, 5, (byte) 0xa0, 1, 3, 3, 7};
        guest.mss = 1440;
        guest.open();
        byte[] all = random(150_000);
        peer = server.accept();
        guest.ack(4000);
        peer.send(all);
        Segment first = guest.take();
        assertEquals(4, first.frame().gsoType());
        guest.expected += first.data().length;
        byte[] rest = guest.receive(all.length - first.data().length);
        assertArrayEquals(all, concat(first.data(), rest));
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fillsTheWindowAndWaits(boolean offset) {
        connect(offset, g -> g.window = 24); // 3072 bytes
        byte[] all = random(10_000);
        peer.send(all);
        byte[] first = guest.expectData(3072);
        guest.expectSilence();
        guest.ack();
        byte[] second = guest.expectData(3072);
        guest.expectSilence();
        guest.ack(1000);
        byte[] third = guest.expectData(10_000 - 6144);
        assertArrayEquals(all, concat(concat(first, second), third));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void repeatsTheWholeBurstAfterOneTwoFourSecondsAndGivesUp(boolean offset) {
        connect(offset);
        byte[] all = random(20_000);
        peer.send(all);
        assertArrayEquals(all, guest.take().data());
        double time = 0;
        double due = 0;
        for (int pause : new int[] {1, 2, 4, 8, 16, 32, 64}) {
            due += pause;
            time += untilData();
            assertEquals(due, time, 0.01);
            assertEquals(Integer.numberOfTrailingZeros(pause) + 1,
                    h.state(guest).retries);
        }
        while (h.state(guest) != null) {
            while (guest.poll() != null) { }
            time += h.secondsUntilSent(guest);
        }
        assertEquals(due + 120, time, 0.1);
        guest.expectReset();
        peer.expectReset();
    }

    private double untilData() {
        double time = 0;
        for (;;) {
            time += h.secondsUntilSent(guest);
            Segment s = guest.take();
            if (s.data().length == 20_000) return time;
            assertEquals(0, s.data().length, "a keepalive");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDuplicateAcknowledgementRepeatsOneSegment(boolean offset) {
        connect(offset);
        byte[] all = random(20_000);
        peer.send(all);
        guest.take();
        int start = guest.expected;
        guest.ack();
        Segment again = guest.take();
        assertEquals(start, again.sequence());
        assertArrayEquals(java.util.Arrays.copyOf(all, 1460), again.data());
        guest.expectSilence();
        guest.ack();
        guest.ack();
        guest.expectSilence();
        // A partial one: the next hole. Then all.
        guest.expected = start + 2920;
        guest.ack();
        again = guest.take();
        assertEquals(start + 2920, again.sequence());
        assertEquals(1460, again.data().length);
        guest.expected = start + 20_000;
        guest.ack();
        guest.expectSilence();
        peer.send("more");
        guest.expectData("more");
        assertEquals(2, h.count(Counter.TCP_RETRANSMITS_TO_TAP));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void duplicatesWhichAreNoSignOfLossRepeatNothing(boolean offset) {
        connect(offset);
        peer.send(random(5000));
        guest.take();
        // Data, another window, a FIN: none is a duplicate (RFC 5681 section 2).
        guest.data("x");
        peer.expect("x");
        guest.ack(600);
        // One that is followed by progress in its batch is over.
        byte[] duplicate = guest.segment(ACK, guest.next, "");
        guest.expected += 1460;
        guest.send(duplicate, guest.segment(ACK, guest.next, ""));
        h.advance(MILLISECOND);
        guest.expectAck();
        guest.expectSilence();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterATimeOutDuplicatesAreExpected(boolean offset) {
        connect(offset);
        peer.send(random(5000));
        guest.take();
        h.seconds(1.1);
        assertEquals(5000, guest.take().data().length);
        guest.expected += 1460;
        guest.ack();
        guest.ack();
        guest.ack();
        guest.expectSilence();
        guest.expected += 5000 - 1460;
        guest.ack();
        // The next loss is news again.
        peer.send(random(4000));
        guest.take();
        guest.ack();
        assertEquals(1460, guest.take().data().length);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void timeOutsBeginAnewAfterProgress(boolean offset) {
        connect(offset);
        peer.send("first");
        guest.take();
        h.seconds(1.01);
        guest.take();
        h.seconds(2.01);
        guest.expectData("first");
        guest.ack();
        peer.send("second");
        guest.take();
        assertEquals(1, h.secondsUntilSent(guest), 0.001);
        guest.expectData("second");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGuestMayAcknowledgeMoreThanWasRepeated(boolean offset) {
        connect(offset);
        peer.send(random(5000));
        guest.take();
        guest.lawless = true;
        guest.ack(0);
        h.seconds(1.01);
        assertEquals(1, guest.take().data().length);
        guest.expected += 5000;
        guest.ack(512);
        peer.send("more");
        guest.expectData("more");
        guest.ack();
        assertEquals(0, h.state(guest).outstanding());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRefusedFrameIsSentAsSoonAsTheTapHasRoom(boolean offset) {
        connect(offset);
        h.tap.refuse(true);
        peer.send("hello");
        guest.expectSilence();
        h.tap.refuse(false);
        h.serve();
        guest.expectData("hello");
        guest.ack();
        guest.expectSilence();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void probesAWindowThatIsShutAndSendsOnWhenItOpens(boolean offset) {
        connect(offset);
        guest.ack(0);
        byte[] all = random(5000);
        peer.send(all);
        guest.expectSilence();
        assertEquals(1, h.secondsUntilSent(guest), 0.01);
        Segment probe = guest.take();
        assertEquals(guest.expected, probe.sequence());
        assertEquals(1, probe.data().length);
        guest.ack(0);
        assertEquals(2, h.secondsUntilSent(guest), 0.01);
        assertEquals(guest.expected, guest.take().sequence());
        guest.ack(0);
        guest.expectSilence();
        guest.ack(512);
        assertArrayEquals(all, guest.expectData(5000));
        guest.ack();
        h.seconds(20);
        guest.expectSilence();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWindowMayStayShutForEverIfProbesAreAnswered(boolean offset) {
        connect(offset);
        guest.ack(0);
        byte[] all = random(5000);
        peer.send(all);
        double seconds = 0;
        for (int i = 0; i < 20; i++) {
            seconds += h.secondsUntilSent(guest);
            while (!guest.isIdle()) guest.take();
            guest.ack(0);
        }
        assertTrue(seconds > 400, "probes within " + seconds);
        guest.ack(512);
        assertArrayEquals(all, guest.expectData(5000));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWindowShutUnderDataInFlightLosesNothing(boolean offset) {
        connect(offset);
        byte[] all = random(5000);
        peer.send(all);
        guest.take();
        int start = guest.expected;
        guest.expected += 1460;
        guest.ack(0);
        guest.expectSilence();
        guest.ack(512);
        assertEquals(start + 1460, guest.expected);
        assertArrayEquals(java.util.Arrays.copyOfRange(all, 1460, 5000),
                guest.expectData(5000 - 1460));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStalledGuestDelaysNoOther(boolean offset) {
        connect(offset);
        var others = new TcpHarness.Connection[128];
        for (int i = 0; i < others.length; i++) others[i] = h.connect(g -> g.window = 4000);
        guest.ack(0);
        byte[] all = random(100_000);
        peer.send(all);
        for (var other : others) other.peer().send(all);
        for (var other : others) assertArrayEquals(all, other.guest().expectData(all.length));
        guest.expectSilence();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sequenceNumbersTowardsTheGuestWrap(boolean offset) {
        h = harness(settings(offset));
        Guest first = h.guest(40000, h.server().port);
        first.syn();
        int isn = first.expectSynAck().sequence();
        first.rst();
        // The clock adds one each 32 ns: so the next initial number is just before the wrap.
        h.advance(Integer.toUnsignedLong(-5000 - isn) * 32);
        first = h.guest(40000, first.remotePort);
        guest = first;
        guest.isn = 5_000_000;
        guest.open();
        assertEquals(-5000, guest.theirIsn, 5);
        // The first one which waits is that of the connection reset above.
        var server = h.lastServer();
        server.accept();
        peer = server.accept();
        byte[] all = random(30_000);
        peer.send(all);
        guest.take();
        int start = guest.expected;
        guest.ack();
        assertEquals(start, guest.take().sequence());
        guest.expected = start + 10_000;
        guest.ack();
        assertEquals(start + 10_000, guest.take().sequence());
        guest.expected = start + 30_000;
        guest.ack();
        peer.send("wrapped").shutdown();
        guest.expectData("wrapped");
        guest.ack();
        guest.expectFin();
        guest.ack();
        assertTrue(h.state(guest).has(TcpConnection.TAP_FIN_ACKED));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGuestWhichSeesItsWindowInBytesOnly(boolean offset) {
        connect(offset, g -> {
            g.options = FrameBuilder.mss(1000);
            g.mss = 1000;
            g.scale = 0;
            g.window = 2500;
        });
        byte[] all = random(6000);
        peer.send(all);
        guest.expectData(2500);
        guest.ack();
        guest.expectData(2500);
        guest.ack();
        guest.expectData(1000);
    }
}
