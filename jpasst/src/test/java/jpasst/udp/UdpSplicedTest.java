// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.flow.Pif;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;

/** Datagrams from socket to socket, between the host and the namespace. */
@ExtendWith(InSandbox.class)
class UdpSplicedTest {
    private static final int PORT = 5301;
    private static final Pif[][] DIRECTIONS = {{Pif.HOST, Pif.SPLICE}, {Pif.SPLICE, Pif.HOST}};
    private static final String[] LOOPBACK = {"127.0.0.1", "::1"};

    /** A harness which forwards from the port to a server. */
    private static UdpHarness harness(Pif from, Pif to, Server server) throws Exception {
        var h = new UdpHarness();
        h.chooser.to = to;
        h.chooser.port = server.port();
        h.listen(from, "*", PORT);
        return h;
    }

    private static byte[] receive(UdpHarness h, Server server) throws Exception {
        for (int i = 0; i < 200; i++) {
            h.base.serve(2);
            byte[] data = server.receiveNow();
            if (data != null) {
                return data;
            }
        }
        return server.receive();
    }

    @Test
    void forwardsBothWaysInBothDirectionsAndFamilies() throws Exception {
        for (var pifs : DIRECTIONS) {
            for (var host : LOOPBACK) {
                try (var server = new Server(host); var client = new Server(host);
                        var h = harness(pifs[0], pifs[1], server)) {
                    client.to(host, PORT).answer("one");
                    assertEquals("one", new String(receive(h, server)));
                    client.answer("two");
                    assertEquals("two", new String(receive(h, server)));
                    server.answer("answer");
                    assertEquals("answer", new String(receive(h, client)));
                    assertEquals(PORT, client.peer.getPort());
                    assertEquals(1, h.chooser.asked);
                    assertEquals(pifs[1], h.base.table.flow(0).pif(1));
                    h.base.tap.assertSilent();
                }
            }
        }
    }

    @Test
    void keepsSourcePortWhereItIsFree() throws Exception {
        try (var server = new Server("127.0.0.1"); var client = new Server("127.0.0.1");
                var h = harness(Pif.HOST, Pif.SPLICE, server)) {
            client.to("127.0.0.1", PORT).answer("a");
            receive(h, server);
            assertEquals(client.port(), server.peer.getPort());
            assertEquals(TestChooser.SPLICED4, server.peer.getAddress().getHostAddress());
        }
    }

    @Test
    void takesAnotherSourcePortWhereItIsTaken() throws Exception {
        try (var server = new Server("127.0.0.1"); var client = new Server("127.0.0.1");
                var h = harness(Pif.HOST, Pif.SPLICE, server);
                var taken = new Server(TestChooser.SPLICED4, client.port())) {
            client.to("127.0.0.1", PORT).answer("a");
            assertEquals("a", new String(receive(h, server)));
            assertNotEquals(client.port(), server.peer.getPort());
            server.answer("b");
            assertEquals("b", new String(receive(h, client)));
            assertNull(taken.receiveNow());
        }
    }

    /** What two of them send would else come from one address, and one would get all answers. */
    @Test
    void keepsClientsApartThatLookAlike() throws Exception {
        try (var server = new Server("127.0.0.1"); var one = new Server("127.0.0.1");
                var two = new Server("127.0.0.2", one.port());
                var h = harness(Pif.HOST, Pif.SPLICE, server)) {
            one.to("127.0.0.1", PORT).answer("one");
            assertEquals("one", new String(receive(h, server)));
            var first = server.peer;
            two.to("127.0.0.1", PORT).answer("two");
            assertEquals("two", new String(receive(h, server)));
            server.answer("for two");
            assertEquals("for two", new String(receive(h, two)));
            server.peer = first;
            server.answer("for one");
            assertEquals("for one", new String(receive(h, one)));
            assertNull(two.receiveNow());
        }
    }

    @Test
    void carriesEmptyAndLongestDatagrams() throws Exception {
        for (var host : LOOPBACK) {
            try (var server = new Server(host); var client = new Server(host);
                    var h = harness(Pif.HOST, Pif.SPLICE, server)) {
                client.to(host, PORT);
                int[] lengths = {0, 65507, 0, 0, 1, 65507, 65507, 100, 100, 0, 100};
                for (int i = 0; i < lengths.length; i++) {
                    client.answer(UdpHarness.pattern(lengths[i], i));
                }
                for (int i = 0; i < lengths.length; i++) {
                    assertArrayEquals(UdpHarness.pattern(lengths[i], i), receive(h, server));
                }
                for (int i = 0; i < lengths.length; i++) {
                    server.answer(UdpHarness.pattern(lengths[i], i));
                }
                for (int i = 0; i < lengths.length; i++) {
                    assertArrayEquals(UdpHarness.pattern(lengths[i], i), receive(h, client));
                }
                assertEquals(0, h.base.count(Counter.DROP_SOCKET_REFUSED));
            }
        }
    }

    @Test
    void keepsBurstsOfManyPeersInOrder() throws Exception {
        try (var server = new Server("127.0.0.1");
                var h = harness(Pif.HOST, Pif.SPLICE, server)) {
            var clients = new ArrayList<Server>();
            for (int i = 0; i < 100; i++) {
                clients.add(new Server("127.0.0.1").to("127.0.0.1", PORT));
            }
            for (int i = 0; i < 4; i++) {
                for (var client : clients) {
                    client.answer(new byte[] {(byte) i});
                }
                if (i > 0) {
                    h.base.serve(5);
                }
            }
            var next = new int[65536];
            for (int i = 0; i < 400; i++) {
                byte[] data = receive(h, server);
                assertEquals(next[server.peer.getPort()]++, data[0]);
            }
            assertEquals(100, h.base.table.activeCount());
            for (var client : clients) {
                client.close();
            }
        }
    }

    @Test
    void passesCoalescedDatagramsOnAsSuch() throws Exception {
        try (var server = new Server("127.0.0.1"); var client = new Server("127.0.0.1");
                var h = harness(Pif.HOST, Pif.SPLICE, server)) {
            client.to("127.0.0.1", PORT).answer("first");
            receive(h, server);
            long before = h.base.loop.rounds();
            var memory = h.base.arena.allocate(60_005);
            memory.copyFrom(java.lang.foreign.MemorySegment.ofArray(
                    UdpHarness.pattern(60_005, 1)));
            int fd = segmenting(h, client.port());
            assertEquals(60_005, Sockets.send(fd, memory, 0, 60_005, 0));
            for (int at = 0; at < 60_005; at += 1000) {
                byte[] expected = java.util.Arrays.copyOfRange(UdpHarness.pattern(60_005, 1), at,
                        Math.min(at + 1000, 60_005));
                assertArrayEquals(expected, receive(h, server), "at " + at);
            }
            assertTrue(h.base.loop.rounds() - before < 300);
            jpasst.linux.Files.close(fd);
        }
    }

    /** A socket of the client's address, whose sends are cut up in pieces of 1000 bytes. */
    private static int segmenting(UdpHarness h, int port) {
        int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
        var name = h.base.arena.allocate(SocketAddress.LENGTH, 8);
        var from = jpasst.addr.IpAddress.parse("127.0.0.8");
        assertEquals(0, Sockets.bind(fd, name, 0,
                SocketAddress.put(name, 0, from.high(), from.low(), port, 0)));
        var to = jpasst.addr.IpAddress.LOOPBACK_V4;
        assertEquals(0, Sockets.connect(fd, name, 0,
                SocketAddress.put(name, 0, to.high(), to.low(), PORT, 0)));
        assertEquals(0, Sockets.setInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT, 1000));
        return fd;
    }

    @Test
    void survivesAServerThatIsNotThere() throws Exception {
        int port;
        try (var server = new Server("127.0.0.1")) {
            port = server.port();
        }
        try (var client = new Server("127.0.0.1"); var h = new UdpHarness()) {
            h.chooser.to = Pif.SPLICE;
            h.chooser.port = port;
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT);
            for (int i = 0; i < 20; i++) {
                client.answer("nobody hears");
                h.base.serve(2);
            }
            assertEquals(1, h.base.table.activeCount());
            // Nothing spins: a quiet time has few rounds.
            h.base.serve(5);
            long before = h.base.loop.rounds();
            h.base.serve(50);
            assertTrue(h.base.loop.rounds() - before < 5);
            assertEquals(0, h.base.count(Counter.ICMP_ERRORS_TO_TAP));
            assertNull(client.receiveNow());
            try (var server = new Server("127.0.0.1", port)) {
                client.answer("here now");
                assertEquals("here now", new String(receive(h, server)));
                server.answer("yes");
                assertEquals("yes", new String(receive(h, client)));
            }
        }
    }

    @Test
    void expiresAndLeavesNoDescriptor() throws Exception {
        for (boolean stream : new boolean[] {false, true}) {
            try (var server = new Server("127.0.0.1"); var client = new Server("127.0.0.1");
                    var h = harness(Pif.SPLICE, Pif.HOST, server)) {
                int before = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
                jpasst.linux.Files.close(before);
                client.to("127.0.0.1", PORT).answer("1");
                receive(h, server);
                if (stream) {
                    client.answer("2");
                    receive(h, server);
                }
                server.answer("answer");
                receive(h, client);
                h.base.advance(29.5);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(2);
                h.base.advance(0);
                assertEquals(stream ? 1 : 0, h.base.table.activeCount());
                h.base.advance(90);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
                int after = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
                jpasst.linux.Files.close(after);
                assertEquals(before, after);
                assertFalse(h.base.hasLogged("ends while still in the hash"));
                client.answer("again");
                assertEquals("again", new String(receive(h, server)));
            }
        }
    }
}
