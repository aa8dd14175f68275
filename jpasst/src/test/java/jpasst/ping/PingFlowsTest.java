// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.echoSequence;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.identifier;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.ttl;
import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.GUEST6;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.inside;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.flow.FlowType;
import jpasst.metrics.Counter;
import jpasst.testing.FlowHarness;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import jpasst.testing.NetworkSandbox;

class PingFlowsTest {
    private static final String RANGE = "net/ipv4/ping_group_range";

    /** A harness with ping flows in it, in a namespace which permits ping sockets. */
    private static final class PingHarness implements AutoCloseable {
        final FlowHarness base = new FlowHarness(100);
        final PingFlows ping;

        PingHarness() throws Exception {
            NetworkSandbox.sysctl(RANGE, "0 2147483647");
            ping = new PingFlows(base.table, base.loop, base.addresses, base.tap, base.counters,
                    base.log, base.arena);
            base.table.handler(FlowType.PING6, ping);
            base.register(FlowType.PING4, ping);
        }

        void guestSends(FrameBuilder builder) {
            var loaded = new GuestFrame().load(builder.bytes());
            assertTrue(loaded.parse());
            ping.fromTap(loaded.frame(), loaded.packet(), base.nowNs());
        }

        @Override
        public void close() {
            base.advance(100);
            base.advance(0);
            base.close();
        }
    }

    private static FrameBuilder request(String target, int identifier, int sequence) {
        boolean v4 = target.indexOf(':') < 0;
        return frame().ip(v4 ? GUEST4 : GUEST6, target).echoRequest(identifier, sequence);
    }

    @Test
    void bringsBackIdenticalPayloadIdentifierAndSequence() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                h.guestSends(request(HOST4, 0x1234, 7).payload("some odd payload!"));
                assertFrame(h.base.await(), sourceMac(FrameBuilder.OUR_MAC),
                        targetMac(FrameBuilder.GUEST_MAC),
                        ipv4(source(HOST4), target(GUEST4), ttl(255), icmp(0, 0,
                                identifier(0x1234), echoSequence(7),
                                payload("some odd payload!"))));
                h.guestSends(request(HOST6, 0xfffe, 0).payload("and over IPv6"));
                assertFrame(h.base.await(), ipv6(source(HOST6), target(GUEST6), ttl(255),
                        icmp(129, 0, identifier(0xfffe), echoSequence(0),
                                payload("and over IPv6"))));
            }
        });
    }

    @Test
    void keepsSequencesOfOneIdentifierToDifferentTargetsApart() throws Exception {
        inside(() -> {
            NetworkSandbox.command("ip", "address", "add", "192.0.2.1/32", "dev", "lo");
            NetworkSandbox.command("ip", "address", "add", "192.0.2.2/32", "dev", "lo");
            try (var h = new PingHarness()) {
                for (var to : new String[] {HOST4, "192.0.2.1", "192.0.2.2"}) {
                    h.guestSends(request(to, 5, 1).payload(to));
                    assertFrame(h.base.await(), ipv4(source(to), icmp(0, 0, identifier(5),
                            echoSequence(1), payload(to))));
                }
                assertEquals(3, h.base.table.activeCount());
                h.guestSends(request(HOST4, 6, 1).payload("other id"));
                assertFrame(h.base.await(), ipv4(icmp(0, 0, identifier(6))));
                assertEquals(4, h.base.table.activeCount());
                h.guestSends(request(HOST4, 6, 2).payload("same flow"));
                assertFrame(h.base.await(), ipv4(icmp(0, 0, identifier(6), echoSequence(2))));
                assertEquals(4, h.base.table.activeCount());
            }
        });
    }

    @Test
    void answersAFloodInOneBatch() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                for (int i = 0; i < 50; i++) {
                    h.guestSends(request(HOST6, 1, i).payload("x"));
                }
                for (int i = 0; i < 50; i++) {
                    assertFrame(h.base.await(), ipv6(icmp(129, 0, echoSequence(i))));
                }
            }
        });
    }

    @Test
    void carriesLargeAndEmptyPayloads() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                for (int length : new int[] {0, 1, 1472, 9000, 65400}) {
                    var data = new byte[length];
                    new Random(length).nextBytes(data);
                    h.guestSends(request(HOST4, 1, length).payload(data));
                    assertFrame(h.base.await(), ipv4(icmp(0, 0, payload(data))));
                    h.guestSends(request(HOST6, 1, length).payload(data));
                    assertFrame(h.base.await(), ipv6(icmp(129, 0, payload(data))));
                }
            }
        });
    }

    @Test
    void dropsSecondReplyWithTheSameSequence() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                h.guestSends(request(HOST4, 1, 9).payload("a"));
                h.guestSends(request(HOST4, 1, 9).payload("a"));
                h.base.await();
                h.base.serve(20);
                h.base.tap.assertSilent();
                h.guestSends(request(HOST4, 1, 10).payload("a"));
                assertFrame(h.base.await(), ipv4(icmp(0, 0, echoSequence(10))));
            }
        });
    }

    @Test
    void endsFlow60SecondsAfterLastRequest() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                h.guestSends(request(HOST4, 1, 1));
                h.base.await();
                h.base.advance(59);
                h.guestSends(request(HOST4, 1, 2));
                h.base.await();
                h.base.advance(59);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(2);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
                h.guestSends(request(HOST4, 1, 3));
                h.base.await();
            }
        });
    }

    @Test
    void namesTheSysctlWithoutPermission() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                NetworkSandbox.sysctl(RANGE, "1 0");
                for (int i = 0; i < 100; i++) {
                    h.guestSends(request(HOST4, i, 1));
                }
                assertEquals(0, h.base.table.activeCount());
                assertEquals(100, h.base.count(Counter.FLOWS_CANCELLED));
                assertEquals(100, h.base.count(Counter.DROP_NO_SOCKET));
                assertTrue(h.base.hasLogged("net.ipv4.ping_group_range"));
                assertTrue(h.base.logged.stream()
                        .filter(l -> l.contains("couldn't open ping socket")).count() <= 5);
            }
        });
    }

    @Test
    void survivesUnreachableTargets() throws Exception {
        inside(() -> {
            NetworkSandbox.command("ip", "route", "add", "unreachable", "192.0.2.0/24");
            NetworkSandbox.command("ip", "route", "add", "blackhole", "198.51.100.0/24");
            try (var h = new PingHarness()) {
                for (int i = 0; i < 5; i++) {
                    h.guestSends(request("192.0.2.1", 1, i));
                    h.guestSends(request("198.51.100.1", 1, i));
                    h.guestSends(request("203.0.113.1", 1, i));
                    h.guestSends(request("224.0.0.1", 1, i));
                    h.guestSends(request("255.255.255.255", 1, i));
                }
                h.base.serve(10);
                h.base.tap.assertSilent();
                h.guestSends(request(HOST4, 1, 1));
                assertFrame(h.base.await(), ipv4(icmp(0, 0)));
            }
        });
    }

    @Test
    void ignoresOtherMessages() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                h.guestSends(frame().ipv4(GUEST4, HOST4).icmp(0, 0, 1));
                h.guestSends(frame().ipv4(GUEST4, HOST4).icmp(13, 0, 1));
                h.guestSends(frame().ipv4(GUEST4, HOST4).icmp(8, 1, 1));
                h.guestSends(frame().ipv4(GUEST4, HOST4).icmp(128, 0, 1));
                h.guestSends(frame().ipv6(GUEST6, HOST6).icmp(8, 0, 1));
                assertEquals(5, h.base.count(Counter.DROP_UNSUPPORTED_ICMP));
                h.guestSends(frame().ipv4(GUEST4, HOST4).protocol(1).payload(new byte[7]));
                assertEquals(1, h.base.count(Counter.DROP_MALFORMED_ICMP));
                var broken = request(HOST4, 1, 1).payload("abc").bytes();
                broken[broken.length - 1] ^= 1;
                var loaded = new GuestFrame().load(broken);
                loaded.parse();
                h.ping.fromTap(loaded.frame(), loaded.packet(), h.base.nowNs());
                assertEquals(1, h.base.count(Counter.DROP_BAD_CHECKSUM));
                h.guestSends(frame().ipv4("0.0.0.0", HOST4).echoRequest(1, 1));
                assertEquals(1, h.base.count(Counter.DROP_BAD_ADDRESS));
                assertEquals(0, h.base.table.activeCount());
            }
        });
    }

    @Test
    void tellsEchoRequestsFromOtherMessages() throws Exception {
        inside(() -> {
            try (var h = new PingHarness()) {
                var loaded = new GuestFrame().load(request(HOST6, 1, 1).bytes());
                assertTrue(loaded.parse());
                assertTrue(h.ping.isEchoRequest(loaded.packet()));
                loaded.load(frame().ipv6(GUEST6, HOST6).icmp(1, 4, 0).bytes()).parse();
                assertTrue(!h.ping.isEchoRequest(loaded.packet()));
                loaded.load(frame().ipv6(GUEST6, HOST6).udp(128 << 8, 53).bytes()).parse();
                assertTrue(!h.ping.isEchoRequest(loaded.packet()));
            }
        });
    }
}
