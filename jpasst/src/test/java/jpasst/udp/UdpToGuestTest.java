// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.GUEST_PORT;
import static jpasst.udp.UdpHarness.datagram;
import static jpasst.udp.UdpHarness.pattern;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import jpasst.metrics.Counter;

/** What comes from the host in bursts reaches the guest in order, in few frames. */
class UdpToGuestTest {
    @Test
    void deliversBurstsOfTheHostInOrder() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("hello"));
                server.receive();
                int[] lengths = {10, 10, 10, 10, 10, 3, 10, 500, 10, 0, 0, 10, 500, 500, 500, 20,
                    60000, 10, 10, 500, 501, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
                for (int i = 0; i < lengths.length; i++) {
                    server.answer(pattern(lengths[i], i));
                }
                h.base.serve(20);
                var received = new Reassembly(h.base.tap);
                for (int i = 0; i < lengths.length; i++) {
                    assertArrayEquals(pattern(lengths[i], i), received.next(), "datagram " + i);
                }
                h.base.tap.assertSilent();
                assertEquals(lengths.length, h.base.count(Counter.UDP_DATAGRAMS_TO_TAP));
            }
        });
    }

    @Test
    void makesSuperFramesOfEqualDatagrams() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("::1")) {
                h.guestSends(datagram(HOST6, server.port()).payload("hello"));
                server.receive();
                for (int i = 0; i < 100; i++) {
                    server.answer(pattern(300, i));
                }
                h.base.serve(20);
                assertTrue(h.base.tap.waiting() < 12, "frames: " + h.base.tap.waiting());
                var received = new Reassembly(h.base.tap);
                for (int i = 0; i < 100; i++) {
                    assertArrayEquals(pattern(300, i), received.next());
                }
            }
        });
    }

    @Test
    void passesOnWhatTheKernelCoalesced() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var peer = new UdpHarness()) {
                int port = 5000;
                try (var server = new Server("127.0.0.1", port)) {
                    h.guestSends(datagram(HOST4, port).payload("hello"));
                    server.receive();
                }
                // Another guest's datagrams come segmented, which loopback does not undo.
                var big = frame().ipv4(GUEST4, HOST4).udp(port, GUEST_PORT);
                for (int i = 0; i < 3; i++) {
                    peer.guestSendsSuperFrame(big.payload(pattern(40 * 1000 + 5, i)), 1000, 42);
                }
                h.base.serve(20);
                var first = h.base.tap.take();
                assertEquals(1000, first.gsoSize());
                assertFrame(first, ipv4(udp(payload(pattern(40 * 1000 + 5, 0)))));
                assertFrame(h.base.tap.take(), ipv4(udp(payload(pattern(40 * 1000 + 5, 1)))));
                assertFrame(h.base.tap.take(), ipv4(udp(payload(pattern(40 * 1000 + 5, 2)))));
                peer.guestSends(frame().ipv4(GUEST4, HOST4).udp(port, GUEST_PORT).payload("one"));
                assertFrame(h.base.await(), ipv4(udp(payload("one"))));
                peer.guestSendsSuperFrame(frame().ipv4(GUEST4, HOST4).udp(port, GUEST_PORT)
                        .payload(pattern(2500, 9)), 1000, 42);
                assertFrame(h.base.await(), ipv4(udp(payload(pattern(2500, 9)))));
            }
        });
    }

    @Test
    void survivesATapThatRefuses() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("hello"));
                server.receive();
                h.base.tap.refuse(true);
                server.answer("1");
                server.answer("2");
                h.base.serve(10);
                assertEquals(2, h.base.count(Counter.DROP_TAP_REFUSED));
                h.base.tap.refuse(false);
                server.answer("3");
                assertFrame(h.base.await(), ipv4(udp(payload("3"))));
            }
        });
    }
}
