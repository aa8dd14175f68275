// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.RST;
import static jpasst.tcp.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.addr.IpAddress;
import jpasst.flow.FlowLog;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.InSandbox;
import jpasst.testing.Limits;
import jpasst.testing.StreamPeer;

/** Opening, refused and answered: spec 03 sections 7, 12, 15 and 16. */
@ExtendWith(InSandbox.class)
class HandshakeTest {
    private TcpHarness h = new TcpHarness();

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void restart(TcpSettings settings, int capacity) {
        h.close();
        h = new TcpHarness(settings, capacity);
    }

    @Test
    void answersASynWhenTheServerAccepts() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        Segment answer = guest.expectSynAck();
        assertEquals(65535, answer.window());
        assertArrayEquals(new byte[] {2, 4, (byte) 0xf0, 0, 1, 3, 3, 8}, answer.options());
        assertEquals(62, answer.frame().bytes().length);
        guest.ack();
        assertNotNull(server.accept());
    }

    @Test
    void tellsTheWholeWindowOnceScalingIsAgreed() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        guest.ack();
        assertEquals(WindowPolicy.INITIAL_LIMIT >> 8, guest.expectAck().window());
        guest.ack();
        guest.expectSilence();
    }

    @Test
    void refusesWhatTheHostRefuses() {
        int port = closedPort();
        Guest guest = h.guest(40000, port);
        guest.syn();
        Segment answer = guest.take();
        assertEquals(RST | ACK, answer.flags());
        assertEquals(guest.isn + 1, answer.acknowledgment());
        assertEquals(14600, answer.window());
        assertEquals(0, answer.options().length);
        guest.expectSilence();
        h.assertNothingLeft();
        // Another SYN is another connection, with another initial sequence number.
        int first = answer.sequence();
        h.advance(1000);
        guest.syn();
        assertEquals(31, guest.take().sequence() - first);
    }

    private int closedPort() {
        try (var server = h.server()) {
            return server.port;
        }
    }

    @Test
    void refusesAnUnreachableDestinationAtOnce() {
        Guest guest = new Guest(h, TcpHarness.GUEST4, 40000, "203.0.113.7", 80);
        guest.syn();
        Segment answer = guest.take();
        assertEquals(RST | ACK, answer.flags());
        assertEquals(guest.isn + 1, answer.acknowledgment());
        assertEquals(14600, answer.window());
        h.assertNothingLeft();
        assertEquals(1, h.count(Counter.DROP_NO_SOCKET));
    }

    @Test
    void answersSegmentsOfNoConnection() {
        Guest guest = h.guest(40000, 9);
        guest.send(guest.builder(ACK, 5000, 777, 100).payload("12345").bytes());
        Segment answer = guest.take();
        assertEquals(RST, answer.flags());
        assertEquals(777, answer.sequence());
        assertEquals(0, answer.acknowledgment());
        assertEquals(0, answer.window());
        guest.send(guest.builder(0, 5000, 0, 100).payload("12345").bytes());
        answer = guest.take();
        assertEquals(RST | ACK, answer.flags());
        assertEquals(0, answer.sequence());
        assertEquals(5005, answer.acknowledgment());
        guest.send(guest.builder(Segment.FIN, 5000, 0, 100).payload("12345").bytes());
        assertEquals(5006, guest.take().acknowledgment());
        guest.send(guest.builder(SYN | ACK, 5000, 99, 100).bytes());
        answer = guest.take();
        assertEquals(RST, answer.flags());
        assertEquals(99, answer.sequence());
        guest.send(guest.builder(RST, 5000, 0, 100).bytes());
        guest.send(guest.builder(RST | ACK, 5000, 777, 100).bytes());
        guest.send(guest.builder(RST | SYN, 5000, 777, 100).bytes());
        guest.expectSilence();
        assertEquals(0, h.table.activeCount());
    }

    @Test
    void answersWithTheFlowLabelOfTheGuestWithoutAConnection() {
        Guest guest = new Guest(h, TcpHarness.GUEST6, 40000, TcpHarness.HOST6, 9);
        guest.send(guest.builder(ACK, 1, 7, 1).flowLabel(0xabcde).bytes());
        assertEquals(0xabcde, guest.take().flowLabel());
    }

    @Test
    void repeatsTheSameSynAckAsTheKernelWould() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        Segment first = guest.expectSynAck();
        StreamPeer peer = server.accept();
        for (int pause : new int[] {1, 1, 1, 1, 1, 2, 4}) {
            assertEquals(pause, h.secondsUntilSent(guest), 0.001);
            Segment again = guest.expectSynAck();
            assertEquals(first.sequence(), again.sequence());
            assertEquals(first.window(), again.window());
            assertArrayEquals(first.options(), again.options());
        }
        assertEquals(8, h.secondsUntilSent(guest), 0.001);
        guest.expectReset();
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void anAnswerAfterRepetitionsEstablishesAndMakesTimeOutsLonger() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        h.seconds(1.5);
        guest.expectSynAck();
        guest.ack();
        guest.expectAck();
        server.accept().send("hello");
        guest.expectData("hello");
        guest.expected -= 5;
        h.seconds(2.9);
        guest.expectSilence();
        h.seconds(0.11);
        guest.expectData("hello");
    }

    @Test
    void answersARepeatedSynWithTheSameSynAck() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        int isn = guest.expectSynAck().sequence();
        guest.syn();
        assertEquals(isn, guest.expectSynAck().sequence());
        guest.ack();
        guest.expectAck();
    }

    /** A listening socket whose queue is full lets connects hang: SYNs are dropped. */
    private Guest connecting() {
        var server = h.server();
        Errno.check("listen", Sockets.listen(server.fd, 0));
        h.guest(41000, server.port).open();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSilence();
        return guest;
    }

    @Test
    void saysNothingWhileThePeerDoesNot() {
        Guest guest = connecting();
        guest.syn();
        h.seconds(100);
        guest.expectSilence();
        assertEquals(2, h.table.activeCount());
        guest.rst();
        assertEquals(1, h.table.activeCount());
    }

    @Test
    void resetsOnAnythingElseWhileConnecting() {
        Guest guest = connecting();
        guest.ack();
        guest.expectReset();
        assertEquals(1, h.table.activeCount());
    }

    @Test
    void aSynWithAnotherNumberWhileConnectingIsAGuestStartedAnew() {
        Guest guest = connecting();
        guest.isn = 99_999;
        guest.syn();
        guest.take();
        assertEquals(1, h.table.activeCount());
    }

    @Test
    void resetsIfTheAnswerAcknowledgesSomethingElse() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        StreamPeer peer = server.accept();
        guest.expected += 5;
        guest.ack();
        guest.expectReset();
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void resetsAndDropsOfTheHandshakeReachThePeer() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        StreamPeer peer = server.accept();
        guest.rst();
        guest.expectSilence();
        peer.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void aPeerThatResetsBeforeTheGuestAnswersIsReported() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        server.accept().reset();
        guest.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void dataAndEndWhichCameBeforeTheAnswerAreDelivered() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        server.accept().send("early").shutdown();
        guest.expectSilence();
        guest.ack();
        List<Segment> got = new ArrayList<>();
        for (Segment s = guest.poll(); s != null; s = guest.poll()) got.add(s);
        assertEquals("early", got.get(0).text());
        assertTrue(got.stream().anyMatch(s -> s.has(Segment.FIN)), got.toString());
    }

    @Test
    void theThirdSegmentMayCarryDataAndFin() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.syn();
        guest.expectSynAck();
        guest.send(guest.segment(ACK | Segment.FIN, guest.next, "all at once"));
        guest.next += 12;
        guest.expectAck();
        StreamPeer peer = server.accept();
        peer.expect("all at once");
        peer.expectEnd();
    }

    @Test
    void announcesTheMssOfTheMtu() {
        assertMss(1500, 1460, false);
        assertMss(1500, 1440, true);
        assertMss(9000, 8192, false);
        assertMss(65520, 61440, false);
        assertMss(65520, 61440, true);
        assertMss(4136, 4096, false);
        assertMss(1280, 1220, true);
    }

    private void assertMss(int mtu, int mss, boolean v6) {
        restart(TcpSettings.defaults(mtu), 10);
        var server = new TcpHarness.Server(h,
                v6 ? IpAddress.LOOPBACK_V6 : IpAddress.LOOPBACK_V4, 0);
        Guest guest = v6 ? new Guest(h, TcpHarness.GUEST6, 40000, TcpHarness.HOST6, server.port)
                : h.guest(40000, server.port);
        guest.syn();
        byte[] options = guest.expectSynAck().options();
        assertEquals(mss, (options[2] & 0xff) << 8 | options[3] & 0xff);
    }

    @Test
    void withoutMtuAnnouncesTheSocketsMss() {
        restart(TcpSettings.defaults(0), 10);
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.options = new byte[] {2, 4, (byte) 0xff, (byte) 0xd7, 1, 3, 3, 7};
        guest.syn();
        byte[] options = guest.expectSynAck().options();
        int mss = (options[2] & 0xff) << 8 | options[3] & 0xff;
        assertTrue(mss >= 4096 && mss % 4096 == 0, "mss " + mss);
    }

    @Test
    void aGuestWithoutScaleGetsNoneAndPlainWindows() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        guest.options = FrameBuilder.mss(1460);
        guest.scale = 0;
        guest.syn();
        Segment answer = guest.expectSynAck();
        assertArrayEquals(FrameBuilder.mss(61440), answer.options());
        guest.ack();
        guest.ack();
        guest.expectSilence();
        guest.data("x");
        h.advance(TcpHarness.MILLISECOND);
        // The edge moves on by whole segments only.
        assertEquals(65534, guest.expectAck().window());
        guest.window = 3;
        guest.ack();
        server.accept().send("abcdef");
        assertEquals("abc", guest.take().text());
        guest.expectSilence();
    }

    @Test
    void aGuestsScaleBeyondFourteenIsNone() {
        var c = h.connect(guest -> {
            guest.options = new byte[] {2, 4, 5, (byte) 0xb4, 1, 3, 3, 15};
            guest.scale = 0;
            guest.window = 4;
        });
        c.peer().send("abcdef");
        assertEquals("abcd", c.guest().take().text());
    }

    @Test
    void aFullTableDropsSynsInSilence() {
        restart(TcpSettings.defaults(65520), 2);
        var server = h.server();
        h.guest(40000, server.port).open();
        h.guest(40001, server.port).open();
        Guest third = h.guest(40002, server.port);
        third.syn();
        third.expectSilence();
        assertEquals(1, h.count(Counter.DROP_TABLE_FULL));
        // The first ends: its place is for the next.
        h.table.forEachActive(f -> {
            if (f.side(0).endpointPort() == 40000) h.tcp.abandon(f, f.body());
        });
        h.serve();
        third.open();
    }

    @Test
    void withoutDescriptorsSynsAreDroppedAndSaidOnce() {
        var server = h.server();
        Guest guest = h.guest(40000, server.port);
        // Classes cannot be loaded without descriptors: all this is needed below.
        new FlowLog(h.log).warn(h.table.flow(h.connect().guest().index()),
                Errno.message(Errno.EMFILE));
        Limits.lowerDescriptors();
        try {
            guest.syn();
            guest.expectSilence();
        } finally {
            Limits.raiseDescriptors();
        }
        assertEquals(1, h.table.activeCount());
        assertEquals(1, h.count(Counter.DROP_NO_SOCKET));
        assertTrue(h.logged.toString().contains("ulimit"), h.logged.toString());
        guest.open();
    }

    @Test
    void dropsSynsWithImpossibleAddressesAndPorts() {
        new Guest(h, TcpHarness.GUEST4, 0, TcpHarness.HOST4, 80).syn();
        new Guest(h, TcpHarness.GUEST4, 40001, TcpHarness.HOST4, 0).syn();
        assertEquals(2, h.count(Counter.DROP_BAD_PORT));
        new Guest(h, TcpHarness.GUEST4, 40002, "224.0.0.1", 80).syn();
        new Guest(h, TcpHarness.GUEST4, 40003, "255.255.255.255", 80).syn();
        new Guest(h, TcpHarness.GUEST6, 40004, "ff02::1", 80).syn();
        assertEquals(3, h.count(Counter.DROP_BAD_ADDRESS));
        h.noStrays();
        assertEquals(0, h.table.activeCount());
    }

    @Test
    void opensOverIpv6WithADescriptorForLabel() {
        var server = new TcpHarness.Server(h, IpAddress.LOOPBACK_V6, 0);
        Guest guest = new Guest(h, TcpHarness.GUEST6, 40000, TcpHarness.HOST6, server.port);
        guest.open();
        StreamPeer peer = server.accept();
        guest.data("over six");
        peer.expect("over six");
        peer.send("and back");
        Segment s = guest.expectData("and back");
        assertEquals(h.state(guest).socket, s.flowLabel());
        assertEquals(guest.next, s.acknowledgment());
    }
}
