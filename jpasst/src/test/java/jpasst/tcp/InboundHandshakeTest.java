// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.FIN;
import static jpasst.tcp.Segment.RST;
import static jpasst.tcp.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.linux.Sockets;
import jpasst.linux.TcpInfo;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.InSandbox;
import jpasst.testing.NetworkSandbox;
import jpasst.testing.StreamPeer;

/** Connections from outside, until the guest has accepted or refused: spec 03 sections 7.2, 16. */
@ExtendWith(InSandbox.class)
class InboundHandshakeTest {
    private TcpHarness h = new TcpHarness();
    private Inbound inbound;
    private StreamPeer client;
    private Guest guest;

    @BeforeEach
    void startQuietly() {
        h.noStrays();
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    /** A client which connected: the guest has a SYN waiting for it. */
    private void connect() {
        inbound = new Inbound(h);
        var c = inbound.client();
        client = c.peer();
        guest = c.guest();
        h.serve();
    }

    private void restart(TcpSettings settings) {
        h.close();
        h = new TcpHarness(settings);
    }

    @Test
    void aClientBecomesASyn() {
        connect();
        Segment syn = guest.expectSyn();
        assertEquals(65535, syn.window());
        assertArrayEquals(new byte[] {2, 4, (byte) 0xf0, 0, 1, 3, 3, 8}, syn.options());
        assertEquals(62, syn.frame().bytes().length);
        guest.expectSilence();
        h.noStrays();
        assertEquals(1, Sockets.getInt(h.state(guest).socket, Sockets.IPPROTO_TCP,
                Sockets.TCP_NODELAY));
    }

    @Test
    void theGuestsAnswerEstablishesAndScalesWindows() {
        connect();
        guest.expectSyn();
        guest.synAck();
        Segment ack = guest.expectAck();
        assertEquals(guest.expected, ack.sequence());
        assertEquals(WindowPolicy.INITIAL_LIMIT >> 8, ack.window());
        guest.expectSilence();
        assertEquals(TcpConnection.ESTABLISHED, h.state(guest).events);
    }

    @Test
    void initialSequenceNumbersFollowTheClock() {
        connect();
        int first = guest.expectSyn().sequence();
        guest.send(guest.frame(RST | ACK, 0, guest.expected, 0));
        client.expectReset();
        client.close();
        h.advance(1000);
        var again = inbound.client("127.0.0.1", guest.remotePort, "127.0.0.1").guest();
        h.serve();
        assertEquals(31, again.expectSyn().sequence() - first);
    }

    @Test
    void repeatsTheSameSynAsTheKernelWould() {
        connect();
        Segment first = guest.expectSyn();
        for (int pause : new int[] {1, 1, 1, 1, 1, 2, 4}) {
            assertEquals(pause, h.secondsUntilSent(guest), 0.001);
            Segment again = guest.expectSyn();
            assertEquals(first.sequence(), again.sequence());
            assertEquals(first.window(), again.window());
            assertArrayEquals(first.options(), again.options());
        }
        assertEquals(8, h.secondsUntilSent(guest), 0.001);
        assertEquals(guest.expected, guest.expectReset().sequence());
        client.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void anAnswerAfterRepetitionsEstablishesAndMakesTimeOutsLonger() {
        connect();
        guest.expectSyn();
        h.seconds(1.5);
        guest.accept();
        client.send("hello");
        guest.expectData("hello");
        guest.expected -= 5;
        h.seconds(2.9);
        guest.expectSilence();
        h.seconds(0.11);
        guest.expectData("hello");
    }

    @Test
    void aSynWhichTheTapRefusedIsRepeated() {
        h.tap.refuse(true);
        connect();
        guest.expectSilence();
        h.tap.refuse(false);
        assertEquals(1, h.secondsUntilSent(guest), 0.001);
        guest.accept();
    }

    @Test
    void anAckWhichTheTapRefusedIsRepeatedWithTheGuestsAnswer() {
        connect();
        guest.expectSyn();
        h.tap.refuse(true);
        guest.synAck();
        guest.expectSilence();
        h.tap.refuse(false);
        guest.synAck();
        guest.expectFirstAck();
        guest.expectSilence();
    }

    @Test
    void aClosedPortResetsTheClient() {
        connect();
        guest.expectSyn();
        guest.send(guest.frame(RST | ACK, 0, guest.expected, 0));
        guest.expectSilence();
        client.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void resetsWhichAnswerSomethingElseDoNotCount() {
        connect();
        guest.expectSyn();
        guest.send(guest.frame(RST, 0, 0, 0), guest.frame(RST | ACK, 0, guest.expected - 1, 0),
                guest.frame(RST | ACK, 0, guest.expected + 1, 0));
        guest.expectSilence();
        assertEquals(3, h.count(Counter.DROP_UNACCEPTABLE_SEGMENT));
        guest.synAck();
        guest.expectFirstAck();
    }

    @Test
    void aGuestWithAFormerConnectionIsToldThatItIsGone() {
        connect();
        guest.expectSyn();
        guest.send(guest.frame(ACK, 7777, guest.theirIsn - 50_000, 100));
        Segment reset = guest.take();
        assertEquals(RST, reset.flags());
        assertEquals(guest.theirIsn - 50_000, reset.sequence());
        assertEquals(1, h.secondsUntilSent(guest), 0.001);
        guest.accept();
        guest.data("new");
        client.expect("new");
    }

    @Test
    void anAnswerToSomethingElseIsRefused() {
        connect();
        guest.expectSyn();
        guest.expected++;
        guest.synAck();
        Segment reset = guest.take();
        assertEquals(RST, reset.flags());
        assertEquals(guest.expected, reset.sequence());
        guest.expected--;
        guest.synAck();
        guest.expectFirstAck();
    }

    private void assertResets(int flags, boolean acknowledges, int octets) {
        guest.expectSyn();
        guest.send(guest.frame(flags, guest.isn, acknowledges ? guest.expected : 0, 100));
        Segment reset = guest.expectReset();
        assertEquals(guest.expected, reset.sequence());
        assertEquals(guest.isn + octets, reset.acknowledgment());
        client.expectReset();
        guest.expectSilence();
        h.assertNothingLeft();
    }

    @Test
    void aSimultaneousOpenIsReset() {
        connect();
        assertResets(SYN, false, 1);
    }

    @Test
    void anAnswerWithFinIsReset() {
        connect();
        assertResets(SYN | ACK | FIN, true, 2);
    }

    @Test
    void anAckWithoutSynIsReset() {
        connect();
        assertResets(ACK, true, 0);
    }

    @Test
    void aSegmentWithoutFlagsIsReset() {
        connect();
        assertResets(0, false, 0);
    }

    @Test
    void aRepeatedAnswerIsAcknowledgedAgain() {
        connect();
        guest.accept();
        guest.synAck();
        guest.expectFirstAck();
        guest.expectSilence();
        client.send("still there");
        guest.expectData("still there");
    }

    @Test
    void dataWithTheAnswerIsTakenWhenItIsRepeated() {
        connect();
        guest.expectSyn();
        guest.send(guest.synAck("early"));
        guest.expectFirstAck();
        guest.data("early");
        client.expect("early");
    }

    @Test
    void dataAndEndInTheSameBatchAsTheAnswerCount() {
        connect();
        guest.expectSyn();
        byte[] answer = guest.synAck("");
        guest.send(answer, guest.segment(ACK | FIN, guest.next, "all at once"));
        guest.expectFirstAck();
        guest.next += 12;
        guest.expectAck();
        client.expect("all at once");
        client.expectEnd();
    }

    @Test
    void aGuestWithoutScaleMeansPlainWindowsBothWays() {
        connect();
        guest.options = FrameBuilder.mss(1460);
        guest.scale = 0;
        guest.expectSyn();
        guest.synAck();
        assertEquals(65535, guest.expectAck().window());
        guest.window = 3;
        guest.ack();
        client.send("abcdef");
        assertEquals("abc", guest.take().text());
        guest.expectSilence();
    }

    @Test
    void aGuestsScaleBeyondFourteenIsNone() {
        connect();
        guest.options = new byte[] {2, 4, 5, (byte) 0xb4, 1, 3, 3, 15};
        guest.scale = 0;
        guest.window = 4;
        guest.accept();
        guest.ack();
        client.send("abcdef");
        assertEquals("abcd", guest.take().text());
    }

    @Test
    void theWindowOfTheAnswerIsNotScaled() {
        connect();
        guest.synWindow = 5;
        client.send("abcdefgh");
        guest.accept();
        assertEquals("abcde", guest.expectData("abcde").text());
        guest.expectSilence();
        guest.ack();
        guest.expectData("fgh");
    }

    @Test
    void aWindowShutFromTheStartIsProbed() {
        connect();
        guest.synWindow = 0;
        client.send("abc");
        guest.accept();
        guest.expectSilence();
        assertEquals(1, h.secondsUntilSent(guest), 0.001);
        guest.expectData("a");
        guest.ack(512);
        guest.expectData("bc");
    }

    @Test
    void segmentsAreNoLongerThanTheGuestTakes() {
        assertMssToGuest(FrameBuilder.mss(1200), 1200);
        assertMssToGuest(new byte[0], 536);
        assertMssToGuest(FrameBuilder.mss(0xffff), 65492);
    }

    private void assertMssToGuest(byte[] options, int mss) {
        restart(TcpSettings.defaults(65520));
        connect();
        guest.options = options;
        guest.mss = mss;
        guest.scale = 0;
        guest.window = 0xffff;
        guest.accept();
        assertEquals(mss, h.state(guest).mss);
        // The guest checks each frame.
        guest.ack();
        client.send(new byte[5000]);
        guest.expectData(5000);
    }

    @Test
    void announcesTheMssOfTheMtu() {
        assertMss(1500, 1460, "127.0.0.1");
        assertMss(1500, 1440, "::1");
        assertMss(65520, 61440, "127.0.0.1");
        assertMss(65520, 61440, "::1");
        assertMss(1280, 1220, "::1");
    }

    private void assertMss(int mtu, int mss, String address) {
        restart(TcpSettings.defaults(mtu));
        guest = new Inbound(h).client(address, 0, address).guest();
        h.serve();
        byte[] options = guest.expectSyn().options();
        assertEquals(mss, (options[2] & 0xff) << 8 | options[3] & 0xff);
    }

    @Test
    void withoutMtuAnnouncesTheSocketsMss() {
        restart(TcpSettings.defaults(0));
        connect();
        byte[] options = guest.expectSyn().options();
        int mss = (options[2] & 0xff) << 8 | options[3] & 0xff;
        assertTrue(mss >= 4096 && mss % 4096 == 0, "mss " + mss);
    }

    @Test
    void whatTheClientSentMeanwhileFollowsTheAck() {
        connect();
        client.send("early ").send("bird");
        guest.expectSyn();
        guest.expectSilence();
        guest.synAck();
        guest.expectFirstAck();
        guest.expectData("early bird");
        guest.expectSilence();
    }

    @Test
    void aClientWhichEndedMeanwhileIsServedAllTheSame() {
        connect();
        client.send("a question").shutdown();
        guest.expectSyn();
        guest.expectSilence();
        guest.synAck();
        guest.expectFirstAck();
        guest.expectData("a question");
        guest.ack();
        guest.expectFin();
        guest.data("the answer");
        client.expect("the answer");
        h.advance(TcpHarness.MILLISECOND);
        guest.expectAck();
        guest.fin();
        guest.expectAck();
        client.expectEnd();
        h.assertNothingLeft();
    }

    @Test
    void aClientWhichEndedAtOnceWithoutAWord() {
        connect();
        client.shutdown();
        guest.accept();
        guest.expectFin();
        guest.fin();
        guest.expectAck();
        client.expectEnd();
        h.assertNothingLeft();
    }

    @Test
    void aClientWhichResetMeanwhileIsReported() {
        connect();
        client.send("never mind");
        guest.expectSyn();
        client.reset();
        assertEquals(guest.expected, guest.expectReset().sequence());
        h.assertNothingLeft();
    }

    @Test
    void aClientWhichEndedAndThenResetMeanwhileIsReported() {
        connect();
        client.shutdown();
        guest.expectSyn();
        client.reset();
        guest.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void theGuestResetsRightAfterItsAnswer() {
        connect();
        guest.accept();
        guest.rst();
        client.expectReset();
        guest.expectSilence();
        h.assertNothingLeft();
    }

    @Test
    void theKernelsCountOfAcknowledgedBytesBeginsWithTheFirst() {
        connect();
        guest.accept();
        guest.data("three");
        client.expect("three");
        TcpConnection c = h.state(guest);
        var info = TcpInfo.allocate(h.arena);
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        do {
            TcpInfo.fetch(c.socket, info);
        } while (TcpInfo.bytesAcked(info) < 5 && System.nanoTime() < limit);
        assertEquals(c.seqFromTap, c.seqInitFromTap + (int) TcpInfo.bytesAcked(info));
    }

    @Test
    void onlyClientsOfThisHostAreNear() throws Exception {
        connect();
        guest.accept();
        assertTrue(h.state(guest).is(TcpConnection.NEAR));
        NetworkSandbox.command("ip", "address", "replace", "198.51.100.7/32", "dev", "lo");
        Guest far = inbound.client("198.51.100.7", 0, "198.51.100.7").guest().accept();
        assertEquals(0, h.state(far).flags & TcpConnection.NEAR);
        assertTrue(h.state(far).rttUs > 0);
    }

    @Test
    void opensOverIpv6WithADescriptorForLabel() {
        inbound = new Inbound(h);
        var c = inbound.client("::1", 0, "::1");
        guest = c.guest().accept();
        guest.data("over six");
        c.peer().expect("over six");
        c.peer().send("and back");
        assertEquals(h.state(guest).socket, guest.expectData("and back").flowLabel());
    }

    @Test
    void linkLocalClientsAreServed() throws Exception {
        NetworkSandbox.command("ip", "address", "replace", "fe80::7/64", "dev", "lo", "nodad");
        inbound = new Inbound(h);
        var c = inbound.client("fe80::7", 0, "fe80::7");
        guest = c.guest().accept();
        c.peer().send("from next door");
        guest.expectData("from next door");
    }

    @Test
    void clientsWhichLookAlikeGetPortsOfTheirOwn() {
        inbound = new Inbound(h);
        var first = inbound.client("127.0.0.1", 45_000, "127.0.0.1");
        var one = first.guest().accept();
        var second = inbound.client("127.0.0.2", 45_000, "127.0.0.1");
        h.serve();
        // What comes from a port that nobody knows goes to the guest there is.
        Segment syn = one.take();
        assertNotEquals(45_000, syn.sourcePort());
        var other = new Guest(h, TcpHarness.GUEST4, 80, TcpHarness.HOST4, syn.sourcePort());
        other.isn = 5000;
        h.seconds(1.1);
        other.accept();
        first.peer().send("first");
        second.peer().send("second");
        one.expectData("first");
        other.expectData("second");
        assertNotNull(h.state(other));
    }
}
