// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Options whose effect can be seen from inside. */
@Order(Integer.MAX_VALUE - 99)
class OptionsTest {
    private static final String SHOW = "ip address; ip route; ip -6 route";

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void versionNamesTheProgram() {
        var outcome = lab.pasta("--version").run();
        assertTrue(outcome.ok().startsWith("pasta "), outcome::toString);
    }

    @Test
    void helpGoesToStandardOutput() {
        for (var option : new String[] {"-h", "--help"}) {
            var outcome = lab.pasta(option).run();
            assertTrue(outcome.ok().contains("--config-net"), outcome::toString);
            assertEquals("", outcome.err());
        }
    }

    @Test
    void mtu() {
        assertHas(show(), "mtu 65520");
        assertHas(show("-m", "1400"), "mtu 1400");
        assertHas(show("--mtu=9000"), "mtu 9000");
    }

    @Test
    void mtuZeroLeavesTheKernelsAndPassesTraffic() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            var outcome = lab.pasta("--config-net", "-m", "0").run("sh", "-c",
                    "ip link show eth0; " + curl(Lab.SERVER_V4, web.port()));
            assertHas(outcome.ok(), "mtu 1500");
            assertHas(outcome.ok(), "page for " + Lab.HOST_V4);
        }
    }

    @Test
    void anMtuBelowTheMinimumIsWarnedOf() {
        var outcome = lab.pasta("--config-net", "-4", "-m", "1000").run("true");
        assertEquals("", outcome.ok() + outcome.err());
        outcome = lab.pasta("-m", "1000").run("true");
        assertHas(outcome.err(), "MTU 1000 is too small for IPv6");
    }

    @Test
    void pidFileHoldsThePidOfTheProcessThatWasStarted() {
        var file = lab.directory().resolve("command.pid");
        try (var pasta = lab.pasta("--config-net", "-P", file.toString())
                .start("sh", "-c", "cat " + file + "; read go")) {
            assertEquals("" + pasta.pid(), pasta.awaitLine(line -> true));
            assertEquals("600", Tool.run("stat", "-c", "%a", file.toString()).strip());
        }
    }

    /** Debug messages are stamped; the banner comes with them, even if a command is run. */
    @Test
    void quietAndDebugCancelEachOther() {
        assertEquals("", lab.pasta("--config-net", "-d", "-q").run("true").err());
        var shown = lab.pasta("--config-net", "-q", "-d").run("true").err();
        assertTrue(shown.lines().allMatch(line -> line.matches("[0-9]+\\.[0-9]{4}: .*")), shown);
        assertHas(shown, "Namespace interface: eth0");
    }

    @Test
    void oneFamilyOnly() {
        var v4 = show("-4");
        assertHas(v4, "192.0.2.10");
        assertLacks(v4, "2001:db8");
        var v6 = show("-6");
        assertHas(v6, "2001:db8:1::10");
        assertLacks(v6, "192.0.2.10");
    }

    @Test
    void addressNetmaskAndGateway() {
        var shown = show("-a", "203.0.113.5", "-n", "28", "-g", "203.0.113.1",
                "-a", "2001:db8:7::5", "-g", "2001:db8:7::1");
        assertHas(shown, "inet 203.0.113.5/28");
        assertHas(shown, "default via 203.0.113.1");
        assertHas(shown, "inet6 2001:db8:7::5/64");
        assertHas(shown, "default via 2001:db8:7::1");
        assertLacks(shown, "192.0.2.");
        assertHas(show("-a", "203.0.113.5/29", "-g", "203.0.113.1"), "203.0.113.5/29");
        assertHas(show("-a", "203.0.113.5", "-n", "255.255.255.128", "-g", "203.0.113.1"),
                "203.0.113.5/25");
    }

    @Test
    void interfaceNameAndHardwareAddresses() {
        var shown = show("-I", "inside7", "--ns-mac-addr", "02:00:00:00:00:07");
        assertHas(shown, "inside7");
        assertHas(shown, "02:00:00:00:00:07");
        var neighbour = lab.pasta("--config-net", "-M", "02:00:00:00:00:99").run("sh", "-c",
                "ping -c 1 -W 2 " + Lab.GATEWAY_V4 + " >/dev/null; ip neigh show "
                        + Lab.GATEWAY_V4);
        assertHas(neighbour.ok(), "02:00:00:00:00:99");
    }

    @Test
    void templateInterface() {
        lab.link(lab.host(), "other0", lab.world(), "other1");
        try {
            lab.host().run("ip", "address", "add", "203.0.113.77/24", "dev", "other0");
            assertHas(show("-4", "-i", "other0"), "203.0.113.77/24");
        } finally {
            lab.host().run("ip", "link", "del", "other0");
        }
    }

    @Test
    void outboundAddress() {
        lab.host().run("ip", "address", "add", "192.0.2.77/24", "dev", Lab.INTERFACE);
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            var page = lab.pasta("--config-net", "-a", Lab.HOST_V4, "-o", "192.0.2.77")
                    .run("curl", "-sS", "-m", "10",
                            "http://" + Lab.SERVER_V4 + ":" + web.port() + "/");
            assertEquals("page for 192.0.2.77", page.ok());
        } finally {
            lab.host().run("ip", "address", "del", "192.0.2.77/24", "dev", Lab.INTERFACE);
        }
    }

    @Test
    void outboundAddressV6() {
        lab.host().run("ip", "address", "add", "2001:db8:1::77/64", "dev", Lab.INTERFACE, "nodad");
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V6, TcpServer::page)) {
            var page = lab.pasta("--config-net", "-a", Lab.HOST_V6, "-o", "2001:db8:1::77")
                    .run("sh", "-c", curl(Lab.SERVER_V6, web.port()));
            assertEquals("page for 2001:db8:1:0:0:0:0:77", page.ok());
        } finally {
            lab.host().run("ip", "address", "del", "2001:db8:1::77/64", "dev", Lab.INTERFACE);
        }
    }

    /** Bound to the interface, sockets take its address and leave by it, whatever the routes. */
    @Test
    void outboundInterfaces() {
        lab.link(lab.host(), "other0", lab.world(), "other1");
        try {
            lab.host().run("ip", "address", "add", "203.0.113.77/24", "dev", "other0");
            lab.host().run("ip", "address", "add", "2001:db8:9::77/64", "dev", "other0", "nodad");
            lab.world().run("ip", "address", "add", "203.0.113.1/24", "dev", "other1");
            lab.world().run("ip", "address", "add", "2001:db8:9::1/64", "dev", "other1", "nodad");
            // Of IPv6 addresses, the kernel says only on their own link that they are here.
            lab.world().run("ip", "address", "add", Lab.SERVER_V6, "dev", "other1", "nodad");
            lab.host().run("ip", "route", "add", "2001:db8:1::/64", "dev", "other0",
                    "metric", "9999");
            assertComesFrom("203.0.113.77", Lab.SERVER_V4, "--outbound-if4");
            assertComesFrom("2001:db8:9:0:0:0:0:77", Lab.SERVER_V6, "--outbound-if6");
        } finally {
            lab.host().run("ip", "link", "del", "other0");
        }
    }

    private static void assertComesFrom(String source, String server, String option) {
        try (var web = new TcpServer(lab.world(), server, TcpServer::page)) {
            var page = lab.pasta("--config-net", "-i", Lab.INTERFACE, option, "other0")
                    .run("sh", "-c", curl(server, web.port()));
            assertEquals("page for " + source, page.ok());
        }
    }

    @Test
    void withoutConfigNetTheInterfaceIsThereButDown() {
        var shown = lab.pasta().run("sh", "-c", "ip -br link; ip -br address").ok();
        assertHas(shown, "eth0");
        assertLacks(shown, "192.0.2.10");
    }

    /** The C original of October 2026 refuses --no-tcp and --no-udp unless -t, -T... are none. */
    @Test
    void withoutProtocolsNothingPasses() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page);
                var echo = new UdpEcho(lab.world(), Lab.SERVER_V4)) {
            var url = "http://" + Lab.SERVER_V4 + ":" + web.port() + "/";
            var tries = "curl -s -m 1 -o /dev/null " + url + "; echo tcp $?;"
                    + String.join(" ", lab.python("udp.py", "once", Lab.SERVER_V4, echo.port(), 1))
                    + "; ping -q -c 1 -W 1 " + Lab.SERVER_V4 + " >/dev/null; echo ping $?";
            assertEquals("tcp 28\nudp ok\nping 0", tries("--no-tcp", tries));
            assertEquals("tcp 0\nudp timeout\nping 0", tries("--no-udp", tries));
            assertEquals("tcp 0\nudp ok\nping 1", tries("--no-icmp", tries));
        }
    }

    @Test
    void captureIsReadableByTshark() throws Exception {
        var capture = lab.directory().resolve("capture.pcap");
        lab.pasta("--config-net", "-p", capture.toString())
                .run("ping", "-q", "-c", "2", "-i", "0.2", "-W", "2", Lab.SERVER_V4).ok();
        assertTrue(Files.size(capture) > 24, "capture is empty");
        var copy = Files.copy(capture, lab.directory().resolve("copy.pcap"));
        var frames = Tool.run("tshark", "-n", "-r", copy.toString(), "-T", "fields",
                "-e", "ip.src", "-e", "ip.dst", "-e", "icmp.type", "-Y", "icmp");
        assertEquals(2, count(frames, Lab.HOST_V4 + "\t" + Lab.SERVER_V4 + "\t8"), frames);
        assertEquals(2, count(frames, Lab.SERVER_V4 + "\t" + Lab.HOST_V4 + "\t0"), frames);
    }

    private static String curl(String server, int port) {
        var host = server.contains(":") ? "[" + server + "]" : server;
        return "curl -sS -m 4 http://" + host + ":" + port + "/";
    }

    private static String tries(String option, String script) {
        return lab.pasta("--config-net", option).run("sh", "-c", script).ok();
    }

    private static String show(String... options) {
        var all = new String[options.length + 1];
        System.arraycopy(options, 0, all, 1, options.length);
        all[0] = "--config-net";
        return lab.pasta(all).run("sh", "-c", SHOW).ok();
    }

    private static long count(String text, String line) {
        return text.lines().filter(line::equals).count();
    }

    private static void assertHas(String text, String part) {
        assertTrue(text.contains(part), () -> part + " missing in:\n" + text);
    }

    private static void assertLacks(String text, String part) {
        assertFalse(text.contains(part), () -> part + " in:\n" + text);
    }
}
