// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.datagramLength;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.icmpRest;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.ipLength;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.quotedUdp;
import static jpasst.testing.Checks.quotes;
import static jpasst.testing.Checks.source;
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
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.PortUnreachableException;

import org.junit.jupiter.api.Test;

import jpasst.linux.Processes;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.NetworkSandbox;

/** ICMP errors, to the guest and from it. */
class UdpIcmpTest {
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
}
