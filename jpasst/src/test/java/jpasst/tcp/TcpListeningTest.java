// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Shortage;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;
import jpasst.testing.Limits;
import jpasst.testing.StreamPeer;

/** Accepting: what is forwarded, what is refused, and what waits when something is short. */
@ExtendWith(InSandbox.class)
class TcpListeningTest {
    private TcpHarness h = new TcpHarness();

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void restart(int capacity) {
        h.close();
        h = new TcpHarness(TcpSettings.defaults(65520), capacity);
    }

    @Test
    void theRuleIsFoundByTheHintAndOurOwnAddress() {
        var client = h.inbound().client("127.0.0.1", 0, "127.0.0.9");
        client.guest().accept();
        assertEquals(Inbound.RULE, h.chooser.lastHint);
        assertEquals("127.0.0.9 " + h.inbound().port, h.chooser.lastOur);
        h.inbound().client("::1", 0, "::1").guest().accept();
        assertEquals("::1 " + h.inbound().port, h.chooser.lastOur);
    }

    @Test
    void clientsMustHaveAPortAndAnAddressOfTheirOwn() {
        assertNull(reasonToRefuse("192.0.2.1", 1));
        assertNull(reasonToRefuse("fe80::1", 65535));
        assertEquals(Counter.DROP_BAD_PORT, reasonToRefuse("192.0.2.1", 0));
        for (String address : new String[] {"0.0.0.0", "::", "224.0.0.1", "ff02::1",
            "255.255.255.255"}) {
            assertEquals(Counter.DROP_BAD_ADDRESS, reasonToRefuse(address, 1), address);
        }
    }

    private static Counter reasonToRefuse(String address, int port) {
        var parsed = IpAddress.parse(address);
        return TcpListening.reasonToRefuse(parsed.high(), parsed.low(), port);
    }

    @Test
    void whatNoRuleCoversIsReset() {
        var inbound = h.inbound();
        h.chooser.rules();
        inbound.client().peer().expectReset();
        assertEquals(1, h.count(Counter.DROP_NO_TARGET));
        h.noStrays();
        h.assertNothingLeft();
        assertTrue(inbound.paused.isEmpty());
    }

    @Test
    void withoutSplicingConnectionsToSocketsAreReset() {
        for (Pif pif : new Pif[] {Pif.SPLICE, Pif.HOST}) {
            h.chooser.target = pif;
            h.inbound().client().peer().expectReset();
        }
        assertEquals(2, h.count(Counter.DROP_NO_TARGET));
        assertTrue(h.logged.toString().contains("splicing is off"), h.logged.toString());
        h.assertNothingLeft();
    }

    @Test
    void acceptsSeveralConnectionsPerRoundButNotAll() {
        for (int i = 0; i < 40; i++) h.inbound().client().guest();
        for (int accepted : new int[] {16, 32, 40, 40}) {
            h.loop.serve(0, h.nowNs);
            assertEquals(accepted, h.table.activeCount());
        }
        assertEquals(0, h.count(Counter.FLOWS_CANCELLED));
    }

    @Test
    void aClientThatIsGoneBeforeItIsAcceptedHarmsNobody() {
        h.inbound().client().peer().reset();
        h.dropStrays();
        h.assertNothingLeft();
        h.inbound().connect();
    }

    @Test
    void clientsWaitWhileTheTableIsFull() {
        restart(2);
        var inbound = h.inbound();
        var first = inbound.connect();
        inbound.connect();
        assertTrue(inbound.paused.isEmpty());
        var third = inbound.client();
        Guest guest = third.guest();
        guest.expectSilence();
        assertEquals(1, inbound.paused.size());
        assertEquals(inbound.payload(), inbound.paused.peek());
        assertEquals(1, h.count(Counter.TCP_ACCEPTS_PAUSED));
        assertTrue(h.logged.toString().contains("connections to TCP port " + inbound.port
                + " on HOST have to wait: the flow table is full"), h.logged.toString());
        inbound.resume();
        assertEquals(2, h.count(Counter.TCP_ACCEPTS_PAUSED));
        first.guest().rst();
        third.peer().send("I waited");
        inbound.resume();
        guest.accept();
        guest.expectData("I waited");
        assertTrue(inbound.paused.isEmpty());
    }

    @Test
    void clientsWaitWhileDescriptorsAreShort() {
        var inbound = h.inbound();
        // Classes cannot be loaded without descriptors: all this is needed below.
        inbound.connect();
        failAsWithoutDescriptors();
        h.logged.clear();
        var client = inbound.client();
        Guest guest = client.guest();
        Limits.lowerDescriptors();
        try {
            guest.expectSilence();
        } finally {
            Limits.raiseDescriptors();
        }
        assertEquals(1, inbound.paused.size());
        assertEquals(2, h.count(Counter.TCP_ACCEPTS_PAUSED));
        assertEquals(1, h.table.activeCount());
        assertTrue(h.logged.toString().contains(
                "Too many open files (raise the limit, see ulimit -n)"), h.logged.toString());
        inbound.resume();
        guest.accept();
        client.peer().send("at last");
        guest.expectData("at last");
    }

    /** An error of accept which is no client's fault: the socket does not listen. */
    private void failAsWithoutDescriptors() {
        int socket = Errno.check("socket", Sockets.socket(Sockets.AF_INET,
                Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0));
        h.inbound().listening.onEvent(socket, 0x5000_0100, Epoll.EPOLLIN, h.nowNs);
        Files.close(socket);
        assertEquals(0x5000_0100, h.inbound().paused.remove());
        assertTrue(h.logged.toString().contains("TCP port 20480 on HOST have to wait: accept: "
                + Errno.message(Errno.EINVAL)), h.logged.toString());
        assertEquals("accept: Too many open files (raise the limit, see ulimit -n)",
                Shortage.explain("accept", Errno.EMFILE));
    }

    @Test
    void messagesDoNotFloodTheLog() {
        restart(1);
        var inbound = h.inbound();
        inbound.connect();
        inbound.client();
        for (int i = 0; i < 100; i++) inbound.resume();
        h.serve();
        assertEquals(101, h.count(Counter.TCP_ACCEPTS_PAUSED), 1);
        assertTrue(h.logged.size() < 10, h.logged.size() + " messages");
    }

    @Test
    void aThousandConnectionsComeAndGo() {
        h.settleNs = 0;
        var inbound = h.inbound();
        var open = new ArrayList<TcpHarness.Connection>();
        for (int i = 0; i < 1000; i++) {
            int number = i;
            var c = inbound.connect(guest -> guest.isn = number << 20);
            c.peer().send("question " + i);
            c.guest().expectData("question " + i);
            c.guest().data("answer " + i);
            c.peer().expect("answer " + i);
            open.add(c);
            if (open.size() == 100) end(open);
        }
        h.assertNothingLeft();
        assertEquals(1000, h.count(Counter.FLOWS_ENDED));
    }

    /** In all the ways there are. */
    private void end(ArrayList<TcpHarness.Connection> open) {
        for (int i = 0; i < open.size(); i++) {
            Guest guest = open.get(i).guest();
            StreamPeer peer = open.get(i).peer();
            switch (i % 4) {
                case 0 -> guest.rst();
                case 1 -> peer.reset();
                case 2 -> {
                    peer.shutdown();
                    while (guest.poll() instanceof Segment s) {
                        guest.expected += s.has(Segment.FIN) ? 1 : 0;
                    }
                    guest.fin();
                    peer.expectEnd();
                }
                default -> {
                    guest.fin();
                    peer.expectEnd();
                    peer.shutdown();
                    h.serve();
                    guest.expected++;
                    guest.ack();
                }
            }
            peer.close();
        }
        h.serve();
        open.clear();
    }

    @Test
    void whateverTheGuestAnswersHarmsNobody() {
        h.settleNs = 0;
        var random = new Random(3);
        var inbound = h.inbound();
        var good = inbound.connect();
        for (int i = 0; i < 1000; i++) {
            var client = inbound.client();
            Guest guest = client.guest();
            guest.lawless = true;
            guest.isn = random.nextInt();
            h.serve();
            Segment syn = guest.expectSyn();
            for (int frames = random.nextInt(6); frames > 0; frames--) {
                guest.send(answer(random, guest, syn.sequence() + 1));
                h.advance(random.nextInt(3) == 0 ? TcpHarness.SECOND : 1000);
            }
            client.peer().close();
            h.serve();
            if (h.state(guest) != null) guest.send(guest.frame(Segment.RST | Segment.ACK,
                    h.state(guest).seqFromTap, syn.sequence() + 1, 0));
            if (h.state(guest) != null) h.tcp.abandon(h.flow(guest), h.state(guest));
        }
        good.peer().send("still here");
        while (good.guest().poll() != null) { }
        assertEquals(1, h.table.activeCount());
        assertEquals(0, h.count(Counter.HANDLER_EXCEPTIONS));
    }

    private static byte[] answer(Random random, Guest guest, int right) {
        byte[] options = new byte[4 * random.nextInt(11)];
        random.nextBytes(options);
        int flags = random.nextInt(3) == 0 ? random.nextInt(256)
                : Segment.ACK | (random.nextBoolean() ? Segment.SYN : 0);
        int acknowledgment = random.nextInt(3) == 0 ? random.nextInt()
                : right + (random.nextInt(4) == 0 ? random.nextInt(5) - 2 : 0);
        int sequence = guest.isn + (random.nextInt(3) == 0 ? random.nextInt(3000) - 1500 : 0);
        return guest.builder(flags, sequence, acknowledgment, random.nextInt(65536), options)
                .payload(new byte[random.nextInt(3) == 0 ? random.nextInt(100) : 0]).bytes();
    }
}
