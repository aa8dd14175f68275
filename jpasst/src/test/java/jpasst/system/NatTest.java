// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which server a guest reaches under which address: the outbound table of spec 07 section 10.1. */
@Order(Integer.MAX_VALUE - 90)
class NatTest {
    private static final int PORT = 8080;

    private static Lab lab;

    private final List<AutoCloseable> servers = new ArrayList<>();

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @AfterEach
    void stopServers() throws Exception {
        for (var server : servers)
            server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void theGatewayAddressMeansTheHostsLoopback(String family) {
        boolean v4 = family.equals("4");
        serveEverywhere(v4);
        assertEquals("loopback for " + (v4 ? "127.0.0.1" : "0:0:0:0:0:0:0:1"),
                fetch(v4 ? Lab.GATEWAY_V4 : Lab.GATEWAY_V6, PORT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void withoutThatMappingTheGatewayIsItself(String family) {
        boolean v4 = family.equals("4");
        serveEverywhere(v4);
        var gateway = v4 ? Lab.GATEWAY_V4 : Lab.GATEWAY_V6;
        var seen = "gateway for " + (v4 ? Lab.HOST_V4 : "2001:db8:1:0:0:0:0:10");
        assertEquals(seen, fetch(gateway, PORT, "--no-map-gw"));
        assertEquals(seen, fetch(gateway, PORT, "--map-host-loopback", "none"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void anotherAddressMayMeanTheHostsLoopback(String family) {
        boolean v4 = family.equals("4");
        serveEverywhere(v4);
        var mapped = v4 ? "192.0.2.111" : "2001:db8:1::111";
        assertEquals("loopback for " + (v4 ? "127.0.0.1" : "0:0:0:0:0:0:0:1"),
                fetch(mapped, PORT, "--map-host-loopback", mapped));
        assertEquals("gateway for " + (v4 ? Lab.HOST_V4 : "2001:db8:1:0:0:0:0:10"),
                fetch(v4 ? Lab.GATEWAY_V4 : Lab.GATEWAY_V6, PORT,
                        "--map-host-loopback", mapped));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void anAddressMayMeanTheHostsOwnGlobalOne(String family) {
        boolean v4 = family.equals("4");
        serveEverywhere(v4);
        var mapped = v4 ? "192.0.2.112" : "2001:db8:1::112";
        assertEquals("host for " + (v4 ? Lab.HOST_V4 : "2001:db8:1:0:0:0:0:10"),
                fetch(mapped, PORT, "--map-guest-addr", mapped));
    }

    @Test
    void udpFollowsTheSameMappings() {
        try (var loopback = new UdpEcho(lab.host(), "127.0.0.1")) {
            assertEquals("udp ok", lab.pasta("--config-net").run(
                    lab.python("udp.py", "source-port", Lab.GATEWAY_V4, loopback.port(), 23457))
                    .ok());
            var client = loopback.clients().iterator().next();
            assertEquals("127.0.0.1:23457",
                    client.getAddress().getHostAddress() + ":" + client.getPort());
        }
    }

    @Test
    void pingFollowsTheSameMappings() {
        lab.pasta("--config-net", "--map-host-loopback", "192.0.2.111")
                .run("ping", "-q", "-c", "1", "-W", "2", "192.0.2.111").ok();
    }

    @ParameterizedTest
    @ValueSource(ints = {53, 853})
    void dnsQueriesGoToTheHostsResolver(int port) {
        serve(lab.world(), Lab.SERVER_V4, port, "resolver");
        serve(lab.world(), Lab.SERVER_V6, port, "resolver6");
        servers.add(new UdpEcho(lab.world(), Lab.SERVER_V4, port));
        // The resolver is the first one in the host's resolv.conf, or the one that is given.
        assertEquals("resolver for " + Lab.HOST_V4,
                fetch("203.0.113.53", port, "--dns-forward", "203.0.113.53"));
        assertEquals("resolver6 for 2001:db8:1:0:0:0:0:10",
                fetch("2001:db8:9::53", port, "--dns-forward", "2001:db8:9::53",
                        "--dns-host", Lab.SERVER_V6));
        assertEquals("udp ok", lab.pasta("--config-net", "--dns-forward", "203.0.113.53",
                "--dns-host", Lab.SERVER_V4).run(
                lab.python("udp.py", "once", "203.0.113.53", port, 3)).ok());
    }

    @Test
    void otherPortsOfTheDnsAddressAreOrdinary() {
        serve(lab.world(), Lab.SERVER_V4, PORT, "resolver");
        serve(lab.world(), Lab.GATEWAY_V4, PORT, "elsewhere");
        lab.world().run("ip", "address", "add", "203.0.113.53/32", "dev", "lo");
        serve(lab.world(), "203.0.113.53", PORT, "itself");
        assertEquals("itself for " + Lab.HOST_V4, fetch("203.0.113.53", PORT,
                "--dns-forward", "203.0.113.53", "--dns-host", Lab.SERVER_V4));
    }

    /** One server on each address which a guest's packet might end up at, each saying its name. */
    private void serveEverywhere(boolean v4) {
        serve(lab.host(), v4 ? "127.0.0.1" : "::1", PORT, "loopback");
        serve(lab.host(), v4 ? Lab.HOST_V4 : Lab.HOST_V6, PORT, "host");
        serve(lab.world(), v4 ? Lab.GATEWAY_V4 : Lab.GATEWAY_V6, PORT, "gateway");
    }

    private void serve(NetworkNamespace where, String address, int port, String name) {
        servers.add(new TcpServer(where, address, port, connection -> {
            var peer = connection.getInetAddress().getHostAddress();
            TcpServer.say(connection, name + " for " + peer + "\n");
            return peer;
        }));
    }

    /** What the server under this address says to a guest of pasta with these options. */
    private static String fetch(String address, int port, String... options) {
        var all = new ArrayList<>(List.of("--config-net"));
        all.addAll(List.of(options));
        var target = address.contains(":") ? "[" + address + "]" : address;
        return lab.pasta(all.toArray(String[]::new))
                .run("socat", "-T3", "-", "TCP:" + target + ":" + port + ",connect-timeout=3")
                .ok();
    }
}
