// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP from the guest: exchanges, sizes, errors, hop limits. */
@Order(Integer.MAX_VALUE - 70)
class UdpTest {
    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void aThousandShortExchangesFromDistinctPorts(String server) {
        try (var echo = new UdpEcho(lab.world(), server)) {
            assertEquals("missing 0", guest("ports", server, echo.port(), 1000));
            assertEquals(1000, echo.clients().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void datagramsOfAnySizePassUnchanged(String server) {
        try (var echo = new UdpEcho(lab.world(), server)) {
            assertEquals("0 ok\n1 ok\n17 ok\n512 ok\n1472 ok\n1473 ok\n9000 ok\n65000 ok",
                    guest("sizes", server, echo.port(), 0, 1, 17, 512, 1472, 1473, 9000, 65000));
        }
    }

    @Test
    void aBurstStaysInOrder() {
        try (var echo = new UdpEcho(lab.world(), Lab.SERVER_V4)) {
            var said = guest("burst", Lab.SERVER_V4, echo.port(), 1000, 1000).split(" ", 3);
            assertEquals("in order", said[2]);
            assertTrue(Integer.parseInt(said[1]) > 900, said[1] + " of 1000 returned");
        }
    }

    @Test
    void theSourcePortIsPreserved() {
        try (var echo = new UdpEcho(lab.world(), Lab.SERVER_V4)) {
            assertEquals("udp ok", guest("source-port", Lab.SERVER_V4, echo.port(), 23456));
            assertEquals(new InetSocketAddress(Lab.HOST_V4, 23456),
                    echo.clients().iterator().next());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void anUnreachablePortIsSeenAsRefused(String server) {
        assertEquals("udp ECONNREFUSED", guest("once", server, 9, 3));
    }

    /** Hop limits are copied, and who is on the way answers: the gateway, then the far end. */
    @ParameterizedTest
    @ValueSource(strings = {"-4", "-6"})
    void tracerouteShowsTheWay(String family) {
        boolean v4 = family.equals("-4");
        var far = lab.namespace("far" + family);
        lab.link(lab.world(), "far" + family, far, "near0");
        var near = v4 ? "198.51.100.1/24" : "2001:db8:2::1/64";
        var end = v4 ? "198.51.100.2" : "2001:db8:2::2";
        lab.world().run("ip", family, "address", "add", near, "dev", "far" + family);
        far.run("ip", family, "address", "add", end + (v4 ? "/24" : "/64"), "dev", "near0");
        far.run("ip", family, "route", "add", "default", "via", near.split("/")[0]);
        lab.world().sysctl(v4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding", "1");
        // Answers to a burst of probes shall not be held back by the limit on ICMP.
        lab.world().sysctl(v4 ? "net/ipv4/icmp_ratelimit" : "net/ipv6/icmp/ratelimit", "0");
        far.sysctl(v4 ? "net/ipv4/icmp_ratelimit" : "net/ipv6/icmp/ratelimit", "0");

        var shown = lab.pasta("--config-net")
                .run("traceroute", family, "-n", "-q", "1", "-w", "2", "-m", "5", end).ok();
        var hops = shown.lines().skip(1).map(line -> line.strip().split(" +")[1]).toList();
        assertEquals((v4 ? Lab.GATEWAY_V4 : Lab.GATEWAY_V6) + " " + end, String.join(" ", hops),
                shown);
    }

    private static String guest(String action, Object... arguments) {
        var all = new Object[arguments.length + 1];
        all[0] = action;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return lab.pasta("--config-net").run(lab.python("udp.py", all)).ok();
    }
}
