// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.sourcePort;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import jpasst.flow.Pif;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;

/** What a new socket got between bind and connect, from its own peer and from others. */
class UdpFlushTest {
    @Test
    void givesEachDatagramToTheFlowItBelongsTo() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                    var other = new Server("127.0.0.1"); var stranger = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, one.port()).payload("a"),
                        datagram(HOST4, other.port()).payload("b"));
                one.receive();
                other.receive();
                stranger.peer = other.peer;
                // As if the second flow's socket were not connected yet, nor the first one there.
                UdpFlow second = h.base.table.flow(1).body();
                var unspecified = h.base.arena.allocate(16, 8);
                assertEquals(0, Sockets.connect(second.side(1).socket, unspecified, 0, 16));
                UdpFlow first = h.base.table.flow(0).body();
                assertEquals(0, Sockets.connect(first.side(1).socket, unspecified, 0, 16));
                second.side(1).flush = true;
                first.side(1).flush = true;
                one.answer("for the first");
                stranger.answer("for nobody");
                other.answer("for the second");
                h.base.table.markDeferred(h.base.table.flow(0));
                h.base.table.markDeferred(h.base.table.flow(1));
                Thread.sleep(20);
                h.base.advance(0);
                for (int i = 0; i < 2; i++) {
                    var frame = h.base.tap.take();
                    int port = (frame.bytes()[34] & 0xff) << 8 | frame.bytes()[35] & 0xff;
                    assertTrue(port == one.port() || port == other.port());
                    assertFrame(frame, ipv4(udp(sourcePort(port), payload(
                            port == one.port() ? "for the first" : "for the second"))));
                }
                h.base.tap.assertSilent();
                assertEquals(1, h.base.count(Counter.DROP_NO_FLOW));
                assertFalse(first.side(1).flush);
                assertFalse(second.side(1).flush);
            }
        });
    }

    @Test
    void readsManyOverSeveralRounds() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("a"));
                server.receive();
                UdpFlow body = h.base.table.flow(0).body();
                Sockets.setInt(body.side(1).socket, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE,
                        4 << 20);
                body.side(1).flush = true;
                for (int i = 0; i < 600; i++) {
                    server.answer("" + i);
                }
                for (int i = 0; i < 600; i++) {
                    assertFrame(h.base.await(), ipv4(udp(payload("" + i))));
                }
                assertFalse(body.side(1).flush);
            }
        });
    }

    @Test
    void beginsTheFlowOfAPeerWhoseFirstDatagramItGot() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                    var other = new Server("127.0.0.1")) {
                int listening = h.listen(Pif.HOST, "*", 5306);
                one.to("127.0.0.1", 5306).answer("from one");
                assertFrame(h.base.await(), ipv4(udp(sourcePort(one.port()))));
                UdpFlow first = h.base.table.flow(0).body();
                var unspecified = h.base.arena.allocate(16, 8);
                assertEquals(0, Sockets.connect(first.side(0).socket, unspecified, 0, 16));
                first.side(0).flush = true;
                h.base.loop.remove(listening);
                other.to("127.0.0.1", 5306).answer("from the other");
                assertFrame(h.base.await(), ipv4(udp(sourcePort(other.port()),
                        payload("from the other"))));
                assertEquals(2, h.base.table.activeCount());
                h.guestSends(datagram(HOST4, other.port()).payload("answer"));
                assertEquals("answer", other.receiveText());
                assertEquals(5306, other.peer.getPort());
                other.answer("again");
                assertFrame(h.base.await(), ipv4(udp(payload("again"))));
            }
        });
    }

    /** Each new socket may get datagrams of peers that are new themselves, and so on. */
    @Test
    void beginsFlowsWithinBoundsInOneRoundAndLosesNothing() throws Exception {
        int most = FromSockets.MAXIMUM_BEGUN;
        inside(() -> {
            try (var h = new UdpHarness(); var raw = new RawSender();
                    var one = new Server("127.0.0.1"); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("question"));
                server.receive();
                int listening = h.listen(Pif.HOST, "*", 5306);
                one.to("127.0.0.1", 5306).answer("from one");
                assertFrame(h.base.await(), ipv4(udp(sourcePort(one.port()))));
                // As if its socket were not connected yet.
                UdpFlow first = h.base.table.flow(1).body();
                var unspecified = h.base.arena.allocate(16, 8);
                assertEquals(0, Sockets.connect(first.side(0).socket, unspecified, 0, 16));
                assertEquals(0, Sockets.setInt(first.side(0).socket, Sockets.SOL_SOCKET,
                        Sockets.SO_RCVBUFFORCE, 4 << 20));
                first.side(0).flush = true;
                h.base.loop.remove(listening);
                for (int i = 0; i < 2 * most + 10; i++) {
                    raw.send("127.0.0.1", 1000 + i, 5306);
                }
                for (int round = 1; round <= 2; round++) {
                    server.answer("answer");
                    h.base.loop.serve(0, h.base.nowNs());
                    assertEquals(2 + round * most, h.base.table.activeCount());
                    assertEquals(0, h.base.table.nextDeadlineNs(), "there is more to do");
                    // Who has nothing to do with it had its turn, too.
                    assertEquals(most + 1, h.base.tap.waiting());
                    for (int i = 0; i <= most; i++) {
                        h.base.tap.take();
                    }
                }
                h.base.loop.serve(0, h.base.nowNs());
                assertEquals(2 + 2 * most + 10, h.base.table.activeCount());
                assertEquals(10, h.base.tap.waiting());
                assertFalse(first.side(0).flush);
            }
        });
    }
}
