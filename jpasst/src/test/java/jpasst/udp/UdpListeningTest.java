// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.udp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.linux.Files;
import jpasst.linux.Message;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;
import jpasst.testing.Limits;

/** Listening sockets under pressure, and in trouble. */
@ExtendWith(InSandbox.class)
class UdpListeningTest {
    private static final int PORT = 5302;

    @Test
    void discardsWhatIsRefusedAtALimitedRateOfWarnings() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.chooser.to = Pif.NONE;
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT);
            for (int i = 0; i < 40; i++) {
                client.answer("x");
            }
            h.base.serve(20);
            assertEquals(40, h.base.count(Counter.DROP_NO_TARGET));
            assertEquals(0, h.base.table.activeCount());
            assertTrue(h.base.logged.stream().filter(l -> l.startsWith("ERROR")
                    && l.contains("is not forwarded")).count() <= 5);
            assertQuiet(h);
            h.base.tap.assertSilent();
        }
    }

    private static void assertQuiet(UdpHarness h) {
        long before = h.base.loop.rounds();
        h.base.serve(50);
        assertTrue(h.base.loop.rounds() - before < 5, "the loop spins");
    }

    @Test
    void refusesTargetsThatAreNoTargets() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.chooser.to = Pif.HOST;
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT).answer("x");
            h.base.serve(10);
            assertEquals(1, h.base.count(Counter.DROP_NO_TARGET));
            assertEquals(0, h.base.table.activeCount());
        }
    }

    @Test
    void servesOldPeersWhenTheTableIsFull() throws Exception {
        try (var h = new UdpHarness(2)) {
            h.listen(Pif.HOST, "*", PORT);
            var clients = clients(10);
            for (var client : clients) {
                client.answer("first");
            }
            h.base.serve(20);
            assertEquals(2, h.base.table.activeCount());
            assertEquals(8, h.base.count(Counter.DROP_TABLE_FULL));
            assertQuiet(h);
            h.base.tap.take();
            h.base.tap.take();
            clients.get(1).answer("second");
            assertFrame(h.base.await(), ipv4(udp(payload("second"))));
            h.base.advance(31);
            h.base.advance(0);
            clients.get(9).answer("now there is room");
            assertFrame(h.base.await(), ipv4(udp(payload("now there is room"))));
            close(clients);
        }
    }

    @Test
    void pausesWithoutDescriptorsAndRecovers() throws Exception {
        try (var h = new UdpHarness()) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            var clients = clients(20);
            clients.get(0).answer("before");
            assertFrame(h.base.await(), ipv4(udp(payload("before"))));
            Limits.lowerDescriptors();
            try {
                for (var client : clients) {
                    client.answer("during");
                }
                h.base.serve(20);
                assertEquals(List.of(fd), h.paused);
                assertFrame(h.base.tap.take(), ipv4(udp(payload("during"))));
                assertEquals(19, h.base.count(Counter.DROP_NO_SOCKET));
                assertQuiet(h);
            } finally {
                Limits.raiseDescriptors();
            }
            assertTrue(h.base.hasLogged("UDP port 5302 pauses: no descriptors or memory"));
            assertEquals(1, h.base.table.activeCount());
            h.resume(Pif.HOST, fd, PORT);
            clients.get(5).answer("after");
            assertFrame(h.base.await(), ipv4(udp(payload("after"))));
            close(clients);
        }
    }

    /** The first of two sockets could be made: it must not be left. */
    @Test
    void closesTheFirstSocketIfTheSecondFails() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.chooser.to = Pif.SPLICE;
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT).answer("x");
            int before = nextDescriptor();
            h.chooser.endpoint4 = "192.0.2.9";
            h.base.serve(10);
            assertEquals(1, h.base.count(Counter.DROP_NO_SOCKET));
            assertEquals(1, h.base.count(Counter.FLOWS_CANCELLED));
            assertEquals(before, nextDescriptor());
            assertEquals(List.of(), h.paused);
        }
    }

    private static int nextDescriptor() {
        int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
        Files.close(fd);
        return fd;
    }

    @Test
    void clearsErrorsOfTheListeningSocket() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            int fd = h.listen(Pif.HOST, "127.0.0.1", PORT);
            var to = IpAddress.LOOPBACK_V4;
            var message = new Message(h.base.arena, 1, 0).iovCount(1)
                    .iov(0, h.base.arena.allocate(4), 0, 4);
            // To ports where nobody is: what comes back are errors of the listening socket.
            for (int port = 1; port < 100; port++) {
                message.noControl().name(to.high(), to.low(), port, 0);
                Sockets.sendmsg(fd, message, 0);
            }
            h.base.serve(20);
            assertQuiet(h);
            assertEquals(List.of(), h.paused);
            client.to("127.0.0.1", PORT).answer("still here");
            assertFrame(h.base.await(), ipv4(udp(payload("still here"))));
        }
    }

    @Test
    void readsNewSocketsOnlyAfterTheListeningOneWasEmpty() throws Exception {
        try (var h = new UdpHarness(5000)) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            assertEquals(0, Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE,
                    16 << 20));
            var clients = clients(300);
            h.base.loop.remove(fd);
            // More than is read for one event, the same peers at its start and its end.
            for (int i = 0; i < 4; i++) {
                for (var client : clients) {
                    client.answer(new byte[] {(byte) i});
                }
            }
            h.resume(Pif.HOST, fd, PORT);
            h.base.loop.serve(0, h.base.nowNs());
            assertEquals(UdpListening.BATCH * UdpListening.ROUNDS, h.base.tap.waiting());
            for (var client : clients) {
                client.answer(new byte[] {4});
            }
            h.base.serve(100);
            var next = new int[65536];
            for (int i = 0; i < 1500; i++) {
                var frame = h.base.tap.take();
                int peer = (frame.bytes()[34] & 0xff) << 8 | frame.bytes()[35] & 0xff;
                assertEquals(next[peer]++, frame.bytes()[42], "datagram " + i);
            }
            h.base.tap.assertSilent();
            close(clients);
        }
    }

    /** Their sockets are readable, but not read yet: the loop must not ask again and again. */
    @Test
    void restsWhileNewSocketsWaitForAListeningOneThatIsGone() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            overfill(h, fd, PORT, client);
            client.answer("new");
            h.base.loop.remove(fd);
            drain(h);
            assertQuiet(h);
            h.base.tap.assertSilent();
            h.base.advance(1);
            assertFrame(h.base.tap.take(), ipv4(udp(payload("new"))));
            client.answer("newer");
            assertFrame(h.base.await(), ipv4(udp(payload("newer"))));
        }
    }

    /** A slot may be another flow's by the time the wait of the first one would end. */
    @Test
    void releasesAFlowForItsOwnListeningSocketOnly() throws Exception {
        try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                var two = new Server("127.0.0.1")) {
            int busy = h.listen(Pif.HOST, "*", PORT);
            int other = h.listen(Pif.HOST, "*", PORT + 1);
            overfill(h, busy, PORT, one);
            h.base.loop.remove(busy);
            h.base.advance(31);
            h.base.advance(0);
            assertEquals(0, h.base.table.activeCount());
            overfill(h, other, PORT + 1, two);
            h.base.loop.remove(other);
            UdpFlow body = h.base.table.flow(0).body();
            assertEquals(other, body.side(0).heldBy);
            h.resume(Pif.HOST, busy, PORT);
            h.base.loop.serve(0, h.base.nowNs());
            assertEquals(other, body.side(0).heldBy);
            h.resume(Pif.HOST, other, PORT + 1);
            h.base.loop.serve(0, h.base.nowNs());
            assertFalse(body.side(0).isHeld());
        }
    }

    /** Leaves a listening socket with one datagram more than is read for one event. */
    private static void overfill(UdpHarness h, int fd, int port, Server client)
            throws Exception {
        h.base.loop.remove(fd);
        assertEquals(0, Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE,
                16 << 20));
        client.to("127.0.0.1", port);
        for (int i = 0; i <= UdpListening.BATCH * UdpListening.ROUNDS; i++) {
            client.answer("x");
        }
        h.resume(Pif.HOST, fd, port);
        h.base.loop.serve(0, h.base.nowNs());
    }

    private static void drain(UdpHarness h) {
        while (h.base.tap.waiting() > 0) {
            h.base.tap.take();
        }
    }

    private static List<Server> clients(int count) throws Exception {
        var clients = new ArrayList<Server>();
        for (int i = 0; i < count; i++) {
            clients.add(new Server("127.0.0.1").to("127.0.0.1", PORT));
        }
        return clients;
    }

    private static void close(List<Server> clients) throws Exception {
        for (var client : clients) {
            client.close();
        }
    }
}
