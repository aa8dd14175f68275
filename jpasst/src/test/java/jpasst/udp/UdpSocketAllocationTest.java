// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.testing.Allocation;
import jpasst.testing.GuestFrame;
import jpasst.testing.InSandbox;

/** Flows that began at a listening socket cost no memory per datagram. */
@ExtendWith(InSandbox.class)
@Tag("allocation")
class UdpSocketAllocationTest {
    private static final int PORT = 5303, CLIENT = 7100, SERVER = 7101;
    private static final int BURST = 8;

    @Test
    void allocatesNothingBetweenPeerAndGuest() throws Exception {
        try (var h = new UdpHarness(); var client = new Raw(h, CLIENT, PORT)) {
            begin(h, Pif.TAP, client);
            var answer = new GuestFrame().load(datagram(HOST4, CLIENT).payload("x").bytes());
            Allocation.assertNone(2000, () -> {
                client.burst();
                serve(h, 0);
                answer.parse();
                h.udp.fromTap(answer.frame(), answer.packet(), h.base.nowNs());
                h.udp.endBatch(h.base.nowNs());
                assertEquals(1, client.drain());
                h.base.advance(0);
            });
            assertTrue(h.base.tap.taken() >= 4000);
        }
    }

    @Test
    void allocatesNothingBetweenSockets() throws Exception {
        try (var h = new UdpHarness(); var client = new Raw(h, CLIENT, PORT);
                var server = new Raw(h, SERVER, CLIENT, TestChooser.SPLICED4)) {
            h.chooser.port = SERVER;
            begin(h, Pif.SPLICE, client);
            assertEquals(1, server.drain());
            Allocation.assertNone(2000, () -> {
                client.burst();
                serve(h, 0);
                assertTrue(server.drain() > 0);
                server.burst();
                serve(h, 1);
                assertTrue(client.drain() > 0);
                h.base.advance(0);
            });
        }
    }

    @Test
    void allocatesNothingInTheListeningHandlerForKnownPeers() throws Exception {
        try (var h = new UdpHarness(); var client = new Raw(h, CLIENT, PORT)) {
            int listening = begin(h, Pif.TAP, client);
            var flow = h.base.table.flow(0);
            UdpFlow body = flow.body();
            // As if its own socket were not there, so that all comes by the listening one.
            Files.close(body.side(0).socket);
            body.side(0).socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0);
            var handler = h.udp.listening((fd, payload) -> { }, h.base.arena);
            int tag = jpasst.listen.ListenTag.of(PORT, Pif.HOST, TestChooser.RULE);
            long before = h.base.tap.taken();
            Allocation.assertNone(2000, () -> {
                client.burst();
                handler.onEvent(listening, tag, Epoll.EPOLLIN, h.base.nowNs());
            });
            assertTrue(h.base.tap.taken() - before >= 4000 * BURST);
        }
    }

    /** Has the first datagram make the flow; the listening socket's descriptor. */
    private static int begin(UdpHarness h, Pif to, Raw client) {
        h.base.log.level(Level.WARNING);
        h.base.tap.countOnly();
        h.chooser.to = to;
        int listening = h.listen(Pif.HOST, "*", PORT);
        client.send(10);
        h.base.serve(10);
        assertEquals(1, h.base.table.activeCount());
        return listening;
    }

    private static void serve(UdpHarness h, int side) {
        var flow = h.base.table.flow(0);
        UdpFlow body = flow.body();
        h.udp.onEvent(body.side(side).socket, flow.sidx(side), Epoll.EPOLLIN, h.base.nowNs());
    }

    /** A connected socket that allocates nothing itself. */
    private static final class Raw implements AutoCloseable {
        private final MemorySegment memory;
        private final int fd;

        Raw(UdpHarness h, int port, int peer) {
            this(h, port, peer, "127.0.0.1");
        }

        Raw(UdpHarness h, int port, int peer, String peerAddress) {
            memory = h.base.arena.allocate(2000, 8);
            fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK, 0);
            assertEquals(0, Sockets.bind(fd, memory, 0, name("127.0.0.1", port)));
            assertEquals(0, Sockets.connect(fd, memory, 0, name(peerAddress, peer)));
        }

        private int name(String address, int port) {
            var at = IpAddress.parse(address);
            return SocketAddress.put(memory, 0, at.high(), at.low(), port, 0);
        }

        void send(int length) {
            Sockets.send(fd, memory, 0, length, 0);
        }

        /** Several lengths, so that some go out together and some do not. */
        void burst() {
            for (int i = 0; i < BURST; i++) {
                send(i < 5 ? 100 : 200 + i);
            }
        }

        int drain() {
            int count = 0;
            while (Sockets.recv(fd, memory, 0, 2000, 0) >= 0) {
                count++;
            }
            return count;
        }

        @Override
        public void close() {
            Files.close(fd);
        }
    }
}
