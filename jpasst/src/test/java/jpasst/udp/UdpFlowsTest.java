// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.datagramLength;
import static jpasst.testing.Checks.dontFragment;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.icmpRest;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.ipLength;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.payloadLength;
import static jpasst.testing.Checks.quotedUdp;
import static jpasst.testing.Checks.quotes;
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
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.linux.Processes;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.NetworkSandbox;

class UdpFlowsTest {
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
    void sendsEqualDatagramsAsOneMessageWithoutMixingThem() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                int[] lengths = {100, 100, 100, 40, 100, 0, 0, 100, 100, 200, 200, 7};
                var frames = new FrameBuilder[lengths.length];
                for (int i = 0; i < lengths.length; i++) {
                    frames[i] = datagram(HOST4, server.port()).payload(pattern(lengths[i], i));
                }
                h.guestSends(frames);
                for (int i = 0; i < lengths.length; i++) {
                    assertArrayEquals(pattern(lengths[i], i), server.receive(), "datagram " + i);
                }
                assertNull(server.receiveNow());
            }
        });
    }

    @Test
    void keepsInterleavedFlowsApart() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                    var other = new Server("::1")) {
                var frames = new FrameBuilder[60];
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = (i / 3 % 2 == 0 ? datagram(HOST4, one.port())
                            : datagram(HOST6, other.port())).payload(pattern(50, i));
                }
                h.guestSends(frames);
                for (int i = 0; i < frames.length; i++) {
                    var server = i / 3 % 2 == 0 ? one : other;
                    assertArrayEquals(pattern(50, i), server.receive());
                }
                assertEquals(2, h.base.table.activeCount());
            }
        });
    }

    @Test
    void sendsMoreThanTheKernelSegmentsAtOnce() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                var frames = new FrameBuilder[300];
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = datagram(HOST4, server.port()).payload(pattern(20, i));
                }
                h.guestSends(frames);
                for (int i = 0; i < frames.length; i++) {
                    assertArrayEquals(pattern(20, i), server.receive());
                }
            }
        });
    }

    @Test
    void cutsUpSuperFramesOfTheGuest() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1");
                    var server6 = new Server("::1")) {
                h.guestSendsSuperFrame(datagram(HOST4, server.port())
                        .payload(pattern(1000 * 60 + 17, 1)), 1000, 42);
                h.guestSendsSuperFrame(datagram(HOST6, server6.port())
                        .payload(pattern(100 * 600 + 1, 2)), 100, 62);
                expectPieces(server, pattern(1000 * 60 + 17, 1), 1000);
                expectPieces(server6, pattern(100 * 600 + 1, 2), 100);
            }
        });
    }

    @Test
    void sendsSinglyWhereThePathCannotSegment() throws Exception {
        inside(() -> {
            NetworkSandbox.command("ip", "link", "set", "lo", "mtu", "1500");
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                for (int round = 0; round < 2; round++) {
                    var frames = new FrameBuilder[4];
                    for (int i = 0; i < frames.length; i++) {
                        frames[i] = datagram(HOST4, server.port()).payload(pattern(4000, i));
                    }
                    h.guestSends(frames);
                    for (int i = 0; i < frames.length; i++) {
                        assertArrayEquals(pattern(4000, i), server.receive());
                    }
                }
                h.guestSendsSuperFrame(datagram(HOST4, server.port())
                        .payload(pattern(9000, 1)), 3000, 42);
                expectPieces(server, pattern(9000, 1), 3000);
                assertEquals(0, h.base.count(Counter.DROP_SOCKET_REFUSED));
            }
        });
    }

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
    void tellsGuestOfUnreachablePort() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness()) {
                h.guestSends(datagram(HOST4, 9).ttl(33).payload("0123456789"));
                // Real lengths in the quoted headers, eight bytes of payload, no padding.
                assertFrame(h.base.await(), targetMac(FrameBuilder.GUEST_MAC),
                        ipv4(source(HOST4), target(GUEST4), ttl(255), ipLength(20 + 8 + 28 + 8),
                                icmp(3, 3, icmpRest(0), quotes(source(GUEST4), target(HOST4),
                                        ttl(33), ipLength(38), quotedUdp(sourcePort(GUEST_PORT),
                                                targetPort(9), datagramLength(18))))));
                h.guestSends(datagram(HOST6, 9).payload("0123456789"));
                assertFrame(h.base.await(),
                        ipv6(source(HOST6), target(GUEST6), icmp(1, 4, quotes(source(GUEST6),
                                target(HOST6), ipLength(18), quotedUdp(sourcePort(GUEST_PORT),
                                        targetPort(9), datagramLength(18),
                                        payload("0123456789"))))));
                assertEquals(2, h.base.count(Counter.ICMP_ERRORS_TO_TAP));
            }
        });
    }

    @Test
    void losesNoDatagramToAnEarlierOnesError() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness()) {
                h.guestSends(datagram(HOST4, 5000).payload("refused"));
                Thread.sleep(20);
                try (var server = new Server("127.0.0.1", 5000)) {
                    h.guestSends(datagram(HOST4, 5000).payload("taken"));
                    assertEquals("taken", server.receiveText());
                }
                assertFrame(h.base.await(), ipv4(icmp(3, 3)));
                h.base.serve(10);
                h.base.tap.assertSilent();
                assertEquals(1, h.base.table.activeCount());
            }
        });
    }

    @Test
    void tellsGuestOfPathMtu() throws Exception {
        inside(() -> {
            NetworkSandbox.command("sh", "-c", ROUTER);
            try (var h = new UdpHarness()) {
                h.guestSends(datagram("10.9.2.2", 9).payload(new byte[1400]));
                assertFrame(h.base.await(), ipv4(source("10.9.1.1"), target(GUEST4),
                        icmp(3, 4, icmpRest(1300), quotes(source(GUEST4), target("10.9.2.2"),
                                quotedUdp(targetPort(9))))));
                h.guestSends(datagram("fd09:2::2", 9).payload(new byte[1400]));
                assertFrame(h.base.await(), ipv6(source("fd09:1::1"), target(GUEST6),
                        icmp(2, 0, icmpRest(1300), quotes(source(GUEST6), target("fd09:2::2"),
                                quotedUdp(targetPort(9))))));
                // And traceroute gets to know the router.
                h.guestSends(datagram("10.9.2.2", 9).ttl(1).payload("probe"));
                assertFrame(h.base.await(), ipv4(source("10.9.1.1"), target(GUEST4),
                        icmp(11, 0, quotes(ttl(1), ipLength(33)))));
            } finally {
                NetworkSandbox.command("sh", "-c",
                        "kill $(cat " + ROUTER_PID + "); rm " + ROUTER_PID);
            }
        });
    }

    private static final String ROUTER_PID = "/tmp/jpasst-test-router." + Processes.getpid();

    /** A router behind a veth pair, with a second link of MTU 1300. */
    private static final String ROUTER = """
            set -e
            ip link add here type veth peer name there
            setsid unshare -n sleep 30 >/dev/null 2>&1 & echo $! > PID
            sleep 0.3
            ip link set there netns $!
            ip address add 10.9.1.2/24 dev here
            ip address add fd09:1::2/64 dev here nodad
            ip link set here up
            nsenter -t $! -n sh -ec '
                ip link set lo up
                ip link add far type veth peer name farther
                ip link set far mtu 1300
                ip address add 10.9.1.1/24 dev there
                ip address add fd09:1::1/64 dev there nodad
                ip address add 10.9.2.1/24 dev far
                ip address add fd09:2::1/64 dev far nodad
                ip link set there up
                ip link set far up
                echo 1 > /proc/sys/net/ipv4/ip_forward
                echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
            ip route add 10.9.2.0/24 via 10.9.1.1
            ip route add fd09:2::/64 via fd09:1::1
            """.replace("PID", ROUTER_PID);

    @Test
    void endsFlowWhoseGuestSaysThatItsPortIsClosed() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("hello"));
                server.receive();
                var quoted = frame().ipv4(HOST4, GUEST4).udp(server.port(), GUEST_PORT).packet();
                // Not about this flow, and not from who it is about.
                h.guestSendsIcmp(frame().ipv4(GUEST4, HOST4).icmp(3, 1, 0).payload(quoted));
                h.guestSendsIcmp(frame().ipv4("10.0.0.6", HOST4).icmp(3, 3, 0).payload(quoted));
                h.guestSendsIcmp(frame().ipv4(GUEST4, HOST4).icmp(3, 3, 0)
                        .payload(frame().ipv4(HOST4, GUEST4).udp(1, GUEST_PORT).packet()));
                h.base.advance(0);
                assertEquals(1, h.base.table.activeCount());
                h.guestSendsIcmp(frame().ipv4(GUEST4, HOST4).icmp(3, 3, 0).payload(quoted));
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
                server.channel.connect(server.peer);
                server.answer("too late");
                Thread.sleep(10);
                assertThrows(PortUnreachableException.class, server::receiveNow);
            }
        });
    }

    @Test
    void doesSoOverIpv6AfterGuestsPort() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("::1")) {
                h.guestSends(datagram(HOST6, server.port()).payload("hello"));
                var quoted = frame().ipv6(HOST6, GUEST6).udp(server.port(), GUEST_PORT).packet();
                h.guestSendsIcmp(frame().ipv6(GUEST6, HOST6).icmp(1, 4, 0).payload(quoted));
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
            }
        });
    }

    @Test
    void endsSingleExchangeAfter30Seconds() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                int before = descriptors();
                h.guestSends(datagram(HOST4, server.port()).payload("question"));
                server.receive();
                server.answer("answer");
                h.base.await();
                h.base.advance(29.9);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(1.2);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
                assertEquals(before, descriptors());
                h.guestSends(datagram(HOST4, server.port()).payload("again"));
                assertEquals("again", server.receiveText());
            }
        });
    }

    @Test
    void endsStreamAfter120Seconds() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("1"),
                        datagram(HOST4, server.port()).payload("2"));
                server.receive();
                server.answer("answer");
                h.base.await();
                h.base.advance(119.5);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(2);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
            }
        });
    }

    @Test
    void holdsOneWayTrafficForTheShortTimeOnly() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("1"),
                        datagram(HOST4, server.port()).payload("2"));
                h.base.advance(31.5);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
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

    @Test
    void refusesNewFlowsWhenTableIsFullButServesOldOnes() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(3); var server = new Server("127.0.0.1")) {
                for (int port = 1; port <= 50; port++) {
                    h.guestSends(frame().ipv4(GUEST4, HOST4).udp(port, server.port())
                            .payload("x"));
                }
                assertEquals(3, h.base.table.activeCount());
                assertEquals(47, h.base.count(Counter.DROP_TABLE_FULL));
                assertTrue(h.base.logged.stream().filter(l -> l.contains("table full")).count()
                        <= 5);
                h.guestSends(frame().ipv4(GUEST4, HOST4).udp(2, server.port()).payload("y"));
                assertEquals(3, h.base.table.activeCount());
            }
        });
    }

    @Test
    void cancelsFlowThatGetsNoSocket() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness()) {
                int before = descriptors();
                // No route: connect fails.
                for (int i = 0; i < 20; i++) {
                    h.guestSends(datagram("192.0.2.9", 53).payload("x"));
                }
                // Broadcast is not allowed.
                h.guestSends(datagram("255.255.255.255", 53).payload("x"));
                assertEquals(0, h.base.table.activeCount());
                assertEquals(21, h.base.count(Counter.FLOWS_CANCELLED));
                assertEquals(21, h.base.count(Counter.DROP_NO_SOCKET));
                assertEquals(before, descriptors());
                assertTrue(h.base.logged.stream().filter(l -> l.startsWith("WARNING")
                        && l.contains("no socket")).count() <= 5);
            }
        });
    }

    @Test
    void survivesLackOfDescriptors() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                var spare = new ArrayList<FileInputStream>();
                // Loads what the code below needs before descriptors run out.
                h.guestSends(datagram("192.0.2.9", 53).payload("x"));
                server.receiveNow();
                long limit = openFileLimit(200);
                try {
                    while (true) {
                        spare.add(new FileInputStream("/dev/null"));
                    }
                } catch (IOException full) {
                    h.guestSends(datagram(HOST4, server.port()).payload("x"));
                } finally {
                    for (var file : spare) {
                        file.close();
                    }
                    openFileLimit(limit);
                }
                assertEquals(0, h.base.table.activeCount());
                assertEquals(2, h.base.count(Counter.DROP_NO_SOCKET));
                assertTrue(h.base.hasLogged("Too many open files"));
                h.guestSends(datagram(HOST4, server.port()).payload("y"));
                assertEquals("y", server.receiveText());
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

    @Test
    void survivesMutatedDatagrams() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(50); var server = new Server("127.0.0.1")) {
                var random = new Random(7);
                var frames = new byte[][] {
                    datagram(HOST4, server.port()).payload("0123456789").bytes(),
                    datagram(HOST6, 9).payload("0123456789").bytes(),
                    frame().ipv4(GUEST4, HOST4).icmp(3, 3, 0).payload(frame().ipv4(HOST4, GUEST4)
                            .udp(server.port(), GUEST_PORT).packet()).bytes()};
                for (int i = 0; i < 20000; i++) {
                    var bytes = frames[random.nextInt(frames.length)].clone();
                    for (int n = random.nextInt(3); n >= 0; n--) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                    h.mangled(Arrays.copyOf(bytes, bytes.length - random.nextInt(3)),
                            random);
                    if (i % 50 == 0) {
                        h.base.serve(0);
                        h.base.advance(1);
                        while (h.base.tap.waiting() > 0) {
                            h.base.tap.take();
                        }
                    }
                }
                h.guestSends();
                h.base.advance(1000);
                h.base.advance(0);
                while (server.receiveNow() != null) {
                    // Whatever got through.
                }
                h.guestSends(datagram(HOST4, server.port()).payload("still here"));
                assertEquals("still here", server.receiveText());
            }
        });
    }

    static byte[] pattern(int length, int seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void expectPieces(Server server, byte[] data, int each) throws Exception {
        for (int at = 0; at < data.length; at += each) {
            var piece = Arrays.copyOfRange(data, at, Math.min(at + each, data.length));
            assertArrayEquals(piece, server.receive(), "at " + at);
        }
        assertNull(server.receiveNow());
    }

    static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    /** Sets the soft limit of this process and returns the old one. */
    private static long openFileLimit(long soft) throws Exception {
        var process = new ProcessBuilder("prlimit", "--pid", "" + Processes.getpid(),
                "--nofile", "--output=SOFT", "--noheadings", "--raw").start();
        long old = Long.parseLong(new String(process.getInputStream().readAllBytes()).strip());
        NetworkSandbox.command("prlimit", "--pid", "" + Processes.getpid(),
                "--nofile=" + soft + ":");
        return old;
    }
}
