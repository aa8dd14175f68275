// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.dontFragment;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.payloadLength;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.sourcePort;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.targetPort;
import static jpasst.testing.Checks.ttl;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.GUEST6;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.GUEST_PORT;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;

/** What the guest sends reaches its target as it is, and answers come back. */
class UdpFromGuestTest {
    @Test
    void mapsReplyBackToWhomTheGuestWroteTo() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("question"));
                assertEquals("question", server.receiveText());
                server.answer("answer");
                assertFrame(h.base.await(), sourceMac(FrameBuilder.OUR_MAC),
                        targetMac(FrameBuilder.GUEST_MAC),
                        ipv4(source(HOST4), target(GUEST4), ttl(255), dontFragment(),
                                udp(sourcePort(server.port()), targetPort(GUEST_PORT),
                                        payload("answer"))));
                assertEquals(1, h.base.table.activeCount());
            }
        });
    }

    @Test
    void doesSoOverIpv6() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("::1")) {
                h.guestSends(datagram(HOST6, server.port()).payload("question"));
                assertEquals("question", server.receiveText());
                server.answer("answer");
                assertFrame(h.base.await(), ipv6(source(HOST6), target(GUEST6), ttl(255),
                        udp(sourcePort(server.port()), targetPort(GUEST_PORT),
                                payload("answer"))));
            }
        });
    }

    @Test
    void keepsSourcePortOfGuest() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                    var other = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, one.port()).payload("a"),
                        datagram(HOST4, other.port()).payload("b"));
                one.receive();
                other.receive();
                assertEquals(GUEST_PORT, one.peer.getPort());
                assertEquals(GUEST_PORT, other.peer.getPort());
            }
        });
    }

    /** Two addresses of the guest's, with the same port and the same peer. */
    @Test
    void keepsFlowsApartThatLookAlikeToTheHost() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(frame().ip("10.0.0.6", HOST4).udp(GUEST_PORT, server.port())
                        .payload("six"));
                assertEquals("six", server.receiveText());
                var six = server.peer;
                h.guestSends(datagram(HOST4, server.port()).payload("five"));
                assertEquals("five", server.receiveText());
                server.answer("for five");
                assertFrame(h.base.await(), ipv4(target(GUEST4), udp(targetPort(GUEST_PORT),
                        payload("for five"))));
                server.peer = six;
                server.answer("for six");
                assertFrame(h.base.await(), ipv4(target("10.0.0.6"), udp(targetPort(GUEST_PORT),
                        payload("for six"))));
            }
        });
    }

    @Test
    void takesAnotherPortWhereTheHostHasTheGuests() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1");
                    var owner = new Server("0.0.0.0", GUEST_PORT)) {
                h.guestSends(datagram(HOST4, server.port()).payload("a"));
                server.receive();
                assertNotEquals(owner.port(), server.peer.getPort());
                server.answer("b");
                assertFrame(h.base.await(),
                        ipv4(udp(targetPort(GUEST_PORT), payload("b"))));
            }
        });
    }

    @Test
    void doesNotTalkToItselfWhenPortsAreEqual() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1", GUEST_PORT)) {
                h.guestSends(datagram(HOST4, GUEST_PORT).payload("a"));
                assertEquals("a", server.receiveText());
                h.base.serve(10);
                h.base.tap.assertSilent();
                server.answer("b");
                assertFrame(h.base.await(), ipv4(udp(sourcePort(GUEST_PORT),
                        targetPort(GUEST_PORT), payload("b"))));
            }
            // The same where nobody holds the port, so that binding to it succeeds.
            try (var h = new UdpHarness()) {
                h.guestSends(datagram(HOST4, GUEST_PORT).payload("a"));
                assertFrame(h.base.await(), ipv4(icmp(3, 3)));
            }
        });
    }

    @Test
    void forwardsEmptyDatagramsBothWays() throws Exception {
        inside(() -> {
            for (var host : new String[] {"127.0.0.1", "::1"}) {
                try (var h = new UdpHarness(); var server = new Server(host)) {
                    var via = host.equals("::1") ? HOST6 : HOST4;
                    h.guestSends(datagram(via, server.port()), datagram(via, server.port()));
                    assertEquals(0, server.receive().length);
                    assertEquals(0, server.receive().length);
                    for (int i = 0; i < 3; i++) {
                        server.answer("");
                        assertFrame(h.base.await(), ip(udp(payloadLength(0))));
                    }
                }
            }
        });
    }

    @Test
    void carriesTheLongestDatagram() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                var data = new byte[65507];
                new Random(1).nextBytes(data);
                h.guestSends(datagram(HOST4, server.port()).payload(data));
                assertArrayEquals(data, server.receive());
                server.answer(data);
                assertFrame(h.base.await(), ipv4(udp(payload(data))));
                server.answer("short");
                assertFrame(h.base.await(), ipv4(udp(payload("short"))));
            }
        });
    }

    @Test
    void copiesTtl() throws Exception {
        inside(() -> {
            for (var host : new String[] {"127.0.0.1", "::1"}) {
                boolean v4 = host.equals("127.0.0.1");
                try (var h = new UdpHarness(); var watch = new TtlWatch(host)) {
                    var via = v4 ? HOST4 : HOST6;
                    h.guestSends(datagram(via, watch.port()).ttl(1).payload("a"),
                            datagram(via, watch.port()).ttl(1).payload("b"),
                            datagram(via, watch.port()).ttl(77).payload("c"),
                            datagram(via, watch.port()).ttl(0).payload("never"),
                            datagram(via, watch.port()).ttl(1).payload("d"));
                    assertEquals(1, watch.next());
                    assertEquals(1, watch.next());
                    assertEquals(77, watch.next());
                    assertEquals(1, watch.next());
                }
            }
        });
    }

    @Test
    void dropsWhatCannotBeAFlow() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness()) {
                h.guestSends(frame().ipv4(GUEST4, HOST4).udp(0, 53),
                        frame().ipv4(GUEST4, HOST4).udp(53, 0),
                        frame().ipv4("0.0.0.0", HOST4).udp(53, 53),
                        frame().ipv4("224.0.0.1", HOST4).udp(53, 53),
                        frame().ipv4("255.255.255.255", HOST4).udp(53, 53),
                        frame().ipv4(GUEST4, "0.0.0.0").udp(53, 53),
                        frame().ipv6("::", HOST6).udp(53, 53),
                        frame().ipv6(GUEST6, HOST6).udp(53, 53).withoutChecksum());
                assertEquals(2, h.base.count(Counter.DROP_BAD_PORT));
                assertEquals(5, h.base.count(Counter.DROP_BAD_ADDRESS));
                assertEquals(1, h.base.count(Counter.DROP_BAD_CHECKSUM));
                assertEquals(0, h.base.table.activeCount());
                assertEquals(0, h.base.count(Counter.FLOWS_CANCELLED));
            }
        });
    }

    @Test
    void takesIpv4DatagramsWithoutChecksum() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).withoutChecksum().payload("x"));
                assertEquals("x", server.receiveText());
            }
        });
    }
}
