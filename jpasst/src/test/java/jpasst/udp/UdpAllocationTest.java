// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.testing.Allocation;
import jpasst.testing.GuestFrame;

@Tag("allocation")
class UdpAllocationTest {
    private static final int PORT = 7007;
    private static final int BURST = 8;

    @Test
    void allocatesNothingPerDatagramOverIpv4() throws Exception {
        inside(() -> exchange("127.0.0.1", HOST4));
    }

    @Test
    void allocatesNothingPerDatagramOverIpv6() throws Exception {
        inside(() -> exchange("::1", HOST6));
    }

    /** Bursts of several lengths go to a server and come back. */
    private static void exchange(String host, String target) {
        try (var h = new UdpHarness()) {
            h.base.log.level(Level.WARNING);
            h.base.tap.countOnly();
            var server = new RawServer(host, h.base.arena.allocate(2000, 8));
            var loaded = new GuestFrame[BURST];
            for (int i = 0; i < BURST; i++) {
                int length = i < 5 ? 100 : 200 + i;
                loaded[i] = new GuestFrame()
                        .load(datagram(target, PORT).payload(new byte[length]).bytes());
                assertTrue(loaded[i].parse());
            }
            Runnable step = () -> {
                for (var frame : loaded) {
                    frame.parse();
                    h.udp.fromTap(frame.frame(), frame.packet(), h.base.nowNs());
                }
                h.udp.endBatch(h.base.nowNs());
                server.echo();
                h.base.advance(0);
                var flow = h.base.table.flow(0);
                UdpFlow body = flow.body();
                h.udp.onEvent(body.side(1).socket, flow.sidx(1), Epoll.EPOLLIN, h.base.nowNs());
            };
            Allocation.assertNone(3000, step);
            assertTrue(h.base.tap.taken() > 6000);
            server.close();
        }
    }

    private static final class RawServer {
        private final MemorySegment memory;
        private final int fd;

        RawServer(String host, MemorySegment memory) {
            this.memory = memory;
            var at = IpAddress.parse(host);
            fd = Sockets.socket(at.isV4() ? Sockets.AF_INET : Sockets.AF_INET6,
                    Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK, 0);
            int length = SocketAddress.put(memory, 0, at.high(), at.low(), PORT, 0);
            assertEquals(0, Sockets.bind(fd, memory, 0, length));
            length = SocketAddress.put(memory, 0, at.high(), at.low(), UdpHarness.GUEST_PORT, 0);
            assertEquals(0, Sockets.connect(fd, memory, 0, length));
        }

        void echo() {
            long length;
            while ((length = Sockets.recv(fd, memory, 0, 2000, 0)) >= 0) {
                Sockets.send(fd, memory, 0, length, 0);
            }
        }

        void close() {
            Files.close(fd);
        }
    }
}
