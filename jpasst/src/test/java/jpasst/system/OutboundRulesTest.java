// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * What {@code -T} and {@code -U} say, and what the addresses that a guest may use for the host come
 * to, over TCP and UDP. {@link NatTest} has more of the latter.
 */
@Order(Integer.MAX_VALUE - 56)
class OutboundRulesTest {
    private static final int PORT = 8081;
    private static final String ALIAS_V4 = "192.0.2.77";

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
    void loopbackAddressesOfTheNamespaceAreTheHosts() {
        try (var guest = guest("-T", "8081", "-U", "8081");
                var _ = witness(lab.host(), "127.0.0.1", "127.0.0.5", "::1")) {
            var client = new Client(guest.inside());
            assertReaches(client, "127.0.0.1", "127.0.0.1");
            assertReaches(client, "127.0.0.1", "127.0.0.5");
            assertReaches(client, "::1", "::1");
            // The source is kept over UDP only.
            var other = new Client(guest.inside(), "127.0.0.9");
            assertEquals("127.0.0.1", other.seenByTcp("127.0.0.5", PORT).peer());
            assertEquals(Seen.of("127.0.0.9", "127.0.0.5", PORT, true),
                    other.seenByUdp("127.0.0.5", PORT));
        }
    }

    /** Only the loopback interface of the namespace listens. */
    @Test
    void otherAddressesOfTheNamespaceAreNotForwarded() {
        try (var guest = guest("-T", "8081", "-U", "8081");
                var _ = witness(lab.host(), "127.0.0.1", Lab.HOST_V4)) {
            // The guest's own address, which the host has too: reached from inside, over "lo".
            var client = new Client(guest.inside());
            assertEquals("refused", client.tcp(Lab.HOST_V4, PORT));
            assertEquals("refused", client.udp(Lab.HOST_V4, PORT));
        }
    }

    @Test
    void rangesMapToRangesAndExclusionsStayClosed() {
        try (var guest = guest("-T", "2000-2002:8080-8082,~2002", "-U", "2001:8081");
                var _ = witness(lab.host(), "127.0.0.1")) {
            var client = new Client(guest.inside());
            assertEquals(PORT, client.seenByTcp("127.0.0.1", 2001).localPort());
            assertEquals(PORT, client.seenByUdp("127.0.0.1", 2001).localPort());
            assertEquals("refused", client.tcp("127.0.0.1", 2002));
            assertEquals("refused", client.udp("127.0.0.1", 2002));
            assertEquals("reset", client.tcp("127.0.0.1", 2000));
        }
    }

    @Test
    void theGatewayIsTheHostsLoopback() {
        try (var guest = guest("-T", "none", "-U", "none");
                var _ = witness(lab.host(), "127.0.0.1", "::1")) {
            var client = new Client(guest.inside());
            assertReaches(client, Lab.GATEWAY_V4, "127.0.0.1", "127.0.0.1");
            assertReaches(client, Lab.GATEWAY_V6, "::1", "::1");
        }
    }

    @Test
    void theGatewayIsItselfIfNotMapped() {
        try (var guest = guest("-T", "none", "-U", "none", "--no-map-gw");
                var _ = witness(lab.world(), Lab.GATEWAY_V4, Lab.GATEWAY_V6)) {
            var client = new Client(guest.inside());
            assertReaches(client, Lab.GATEWAY_V4, Lab.HOST_V4, Lab.GATEWAY_V4);
            assertReaches(client, Lab.GATEWAY_V6, Lab.HOST_V6, Lab.GATEWAY_V6);
        }
    }

    /** A rule's own target is reached as anything outbound is. */
    @Test
    void targetsBeyondTheLoopbackAreReachedAsTheOptionsForOutboundSay() {
        var other = "192.0.2.11";
        lab.host().run("ip", "address", "add", other + "/24", "dev", Lab.INTERFACE);
        try (var guest = guest("-4", "-T", "8081:" + Lab.GATEWAY_V4 + "/8081", "-U",
                "8081:" + Lab.GATEWAY_V4 + "/8081", "-o", other, "--outbound-if4",
                Lab.INTERFACE);
                var _ = witness(lab.world(), Lab.GATEWAY_V4)) {
            assertReaches(new Client(guest.inside()), "127.0.0.1", other, Lab.GATEWAY_V4);
        }
    }

    @Test
    void otherAddressesMayMeanTheHost() {
        try (var guest = guest("-T", "none", "-U", "none", "--map-guest-addr", ALIAS_V4);
                var _ = witness(lab.host(), "127.0.0.1", Lab.HOST_V4)) {
            assertReaches(new Client(guest.inside()), ALIAS_V4, Lab.HOST_V4, Lab.HOST_V4);
        }
        try (var guest = guest("-T", "none", "-U", "none", "--map-host-loopback", ALIAS_V4);
                var _ = witness(lab.host(), "127.0.0.1", "127.0.0.5")) {
            assertReaches(new Client(guest.inside()), ALIAS_V4, "127.0.0.1", "127.0.0.1");
        }
    }

    private static Guest guest(String... options) {
        var all = new String[options.length + 4];
        System.arraycopy(new String[] {"-t", "none", "-u", "none"}, 0, all, 0, 4);
        System.arraycopy(options, 0, all, 4, options.length);
        return lab.guest(all);
    }

    private static Witness witness(NetworkNamespace where, String... addresses) {
        return new Witness(where, PORT, addresses);
    }

    private static void assertReaches(Client client, String peer, String target) {
        assertReaches(client, target, peer, target);
    }

    private static void assertReaches(Client client, String target, String peer, String local) {
        var byTcp = client.seenByTcp(target, PORT);
        assertEquals(Seen.of(peer, local, PORT, byTcp.portKept()), byTcp, "TCP to " + target);
        assertEquals(Seen.of(peer, local, PORT, true), client.seenByUdp(target, PORT),
                "UDP to " + target);
    }
}
