// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Who a server in the namespace believes its client to be, and where he believes to have gone: for
 * clients on the host and beyond, over TCP and UDP, with each option that has a say in it.
 */
@Order(Integer.MAX_VALUE - 58)
class InboundAddressesTest {
    private static final int PORT = 8080;
    private static final String ALIAS_V4 = "192.0.2.77";
    private static final String ALIAS_V6 = "2001:db8:1::77";
    private static final String[] ADDRESSES =
            {Lab.HOST_V4, Lab.HOST_V6, "127.0.0.1", "127.0.0.5", "::1"};

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
    void loopbackClientsAreTheGuestItselfByDefault() {
        try (var guest = guest(); var _ = witness(guest)) {
            assertHostSeenAs(Lab.HOST_V4, Lab.HOST_V4, "127.0.0.1");
            assertHostSeenAs(Lab.HOST_V4, Lab.HOST_V4, "127.0.0.5");
            assertHostSeenAs(Lab.HOST_V6, Lab.HOST_V6, "::1");
            // UDP keeps the client's port, TCP has the kernel choose one.
            var client = new Client(lab.host());
            assertEquals(Seen.of(Lab.HOST_V4, Lab.HOST_V4, PORT, true),
                    client.seenByUdp("127.0.0.1", PORT));
            assertEquals(Seen.of(Lab.HOST_V6, Lab.HOST_V6, PORT, true),
                    client.seenByUdp("::1", PORT));
        }
    }

    @Test
    void clientsBeyondTheHostKeepAddressAndPort() {
        try (var guest = guest(); var _ = witness(guest)) {
            var v4 = new Client(lab.world(), Lab.SERVER_V4);
            assertSeen(Seen.of(Lab.SERVER_V4, Lab.HOST_V4, PORT, true), v4, Lab.HOST_V4);
            var v6 = new Client(lab.world(), Lab.SERVER_V6);
            assertSeen(Seen.of(Lab.SERVER_V6, Lab.HOST_V6, PORT, true), v6, Lab.HOST_V6);
        }
    }

    /** The guest has the host's address too: a client there needs another, and keeps his port. */
    @Test
    void theHostsOwnAddressComesAsTheGateway() {
        try (var guest = guest(); var _ = witness(guest)) {
            var client = new Client(lab.host());
            assertSeen(Seen.of(Lab.GATEWAY_V4, Lab.HOST_V4, PORT, true), client, Lab.HOST_V4);
            assertSeen(Seen.of(Lab.GATEWAY_V6, Lab.HOST_V6, PORT, true), client, Lab.HOST_V6);
        }
    }

    @Test
    void theHostsOwnAddressComesAsTheOneThatMapsToIt() {
        try (var guest = guest("--map-guest-addr", ALIAS_V4, "--map-guest-addr", ALIAS_V6);
                var _ = witness(guest)) {
            var client = new Client(lab.host());
            assertSeen(Seen.of(ALIAS_V4, Lab.HOST_V4, PORT, true), client, Lab.HOST_V4);
            assertSeen(Seen.of(ALIAS_V6, Lab.HOST_V6, PORT, true), client, Lab.HOST_V6);
        }
    }

    /** An address is answered by one of its own scope. */
    @Test
    void aLinkLocalGatewayComesToTheLinkLocalAddress() {
        try (var guest = guest("-g", "fe80::1")) {
            var own = linkLocalOf(guest);
            try (var _ = new Witness(guest.inside(), PORT,
                    own + scope(guest.inside(), Lab.INTERFACE))) {
                assertSeen(Seen.of("fe80::1", own, PORT, true), new Client(lab.host()),
                        Lab.HOST_V6);
            }
        }
    }

    @Test
    void linkLocalClientsReachTheGuestsLinkLocalAddress() {
        try (var guest = guest()) {
            var own = linkLocalOf(guest);
            try (var _ = new Witness(guest.inside(), PORT,
                    own + scope(guest.inside(), Lab.INTERFACE))) {
                assertSeen(Seen.of(linkLocal(lab.world(), "world0"), own, PORT, true),
                        new Client(lab.world()), linkLocal(lab.host(), Lab.INTERFACE)
                                + scope(lab.world(), "world0"));
            }
        }
    }

    /** What listens on the namespace's loopback only is not meant for others. */
    @Test
    void serversOnTheGuestsLoopbackAreNotReached() {
        try (var guest = guest();
                var _ = new TcpServer(guest.inside(), "127.0.0.1", PORT, Witness::tell);
                var _ = new TcpServer(guest.inside(), "::1", PORT, Witness::tell)) {
            for (var client : List.of(new Client(lab.host()), new Client(lab.world())))
                for (var address : List.of(Lab.HOST_V4, Lab.HOST_V6))
                    assertEquals("reset", client.tcp(address, PORT));
            var client = new Client(lab.host());
            for (var address : List.of("127.0.0.1", "127.0.0.5", "::1"))
                assertEquals("reset", client.tcp(address, PORT));
        }
    }

    @Test
    void hostLoToNsLoKeepsLoopbackAddresses() {
        try (var guest = guest("--host-lo-to-ns-lo"); var _ = witness(guest)) {
            assertHostSeenAs("127.0.0.1", "127.0.0.1", "127.0.0.1");
            assertHostSeenAs("127.0.0.1", "127.0.0.5", "127.0.0.5");
            assertHostSeenAs("::1", "::1", "::1");
        }
    }

    @Test
    void withoutSplicingLoopbackIsMappedAsTheGuestSeesIt() {
        try (var guest = guest("--no-splice"); var _ = witness(guest)) {
            var client = new Client(lab.host());
            var viaGateway = Seen.of(Lab.GATEWAY_V4, Lab.HOST_V4, PORT, true);
            assertSeen(viaGateway, client, "127.0.0.1");
            assertSeen(viaGateway, new Client(lab.host(), "127.0.0.5"), "127.0.0.5");
            assertSeen(Seen.of(Lab.GATEWAY_V6, Lab.HOST_V6, PORT, true), client, "::1");
        }
        try (var guest = guest("--no-splice", "--map-host-loopback", ALIAS_V4,
                "--map-host-loopback", ALIAS_V6); var _ = witness(guest)) {
            var client = new Client(lab.host());
            assertSeen(Seen.of(ALIAS_V4, Lab.HOST_V4, PORT, true), client, "127.0.0.1");
            assertSeen(Seen.of(ALIAS_V6, Lab.HOST_V6, PORT, true), client, "::1");
            // Only 127.0.0.1 itself is mapped: its neighbours come from our own address.
            assertSeen(Seen.of(Lab.GATEWAY_V4, Lab.HOST_V4, PORT, true),
                    new Client(lab.host(), "127.0.0.5"), "127.0.0.5");
        }
    }

    @Test
    void withoutSplicingServersOnTheGuestsLoopbackAreNotReached() {
        try (var guest = guest("--no-splice");
                var _ = new TcpServer(guest.inside(), "127.0.0.1", PORT, Witness::tell);
                var _ = new TcpServer(guest.inside(), "::1", PORT, Witness::tell)) {
            for (var address : List.of("127.0.0.1", "::1"))
                assertEquals("reset", new Client(lab.host()).tcp(address, PORT));
        }
    }

    @Test
    void withoutSplicingAndMappingOurOwnAddressStandsIn() {
        try (var guest = guest("--no-splice", "--no-map-gw"); var _ = witness(guest)) {
            var client = new Client(lab.host());
            assertSeen(Seen.of(Lab.GATEWAY_V4, Lab.HOST_V4, PORT, true), client, "127.0.0.1");
            assertSeen(Seen.of(Lab.GATEWAY_V6, Lab.HOST_V6, PORT, true), client, "::1");
        }
    }

    /** The address that the guest used last, for spliced connections as for others. */
    @Test
    void aGuestWhichUsesAnotherAddressIsReachedThere() {
        try (var guest = guest(); var echo = new UdpEcho(lab.world(), Lab.SERVER_V4)) {
            speakFromAlias(guest, echo);
            try (var _ = witness(guest, ALIAS_V4)) {
                assertSeen(Seen.of(Lab.SERVER_V4, ALIAS_V4, PORT, true),
                        new Client(lab.world(), Lab.SERVER_V4), Lab.HOST_V4);
                assertHostSeenAs(ALIAS_V4, ALIAS_V4, "127.0.0.1");
            }
        }
    }

    @Test
    void anAddressThatWasGivenIsNotLearnedAnew() {
        try (var guest = guest("-a", Lab.HOST_V4); var echo = new UdpEcho(lab.world(),
                Lab.SERVER_V4)) {
            speakFromAlias(guest, echo);
            try (var _ = witness(guest, ALIAS_V4)) {
                assertSeen(Seen.of(Lab.SERVER_V4, Lab.HOST_V4, PORT, true),
                        new Client(lab.world(), Lab.SERVER_V4), Lab.HOST_V4);
            }
        }
    }

    /** Gives the guest a second address and has it heard, with an answer. */
    private static void speakFromAlias(Guest guest, UdpEcho echo) {
        guest.inside().run("ip", "address", "add", ALIAS_V4 + "/32", "dev", Lab.INTERFACE);
        assertEquals("who am I?",
                new Client(guest.inside(), ALIAS_V4).udp(Lab.SERVER_V4, echo.port()));
    }

    private static Guest guest(String... options) {
        var all = new ArrayList<>(List.of("-t", "" + PORT, "-u", "" + PORT, "-T", "none",
                "-U", "none"));
        all.addAll(List.of(options));
        return lab.guest(all.toArray(String[]::new));
    }

    private static Witness witness(Guest guest, String... more) {
        var all = new ArrayList<>(List.of(ADDRESSES));
        all.addAll(List.of(more));
        return new Witness(guest.inside(), PORT, all.toArray(String[]::new));
    }

    /** A client on the host, whichever his port becomes. */
    private static void assertHostSeenAs(String peer, String local, String target) {
        var client = new Client(lab.host());
        var byTcp = client.seenByTcp(target, PORT);
        assertEquals(Seen.of(peer, local, PORT, byTcp.portKept()), byTcp, "TCP to " + target);
        var byUdp = client.seenByUdp(target, PORT);
        assertEquals(Seen.of(peer, local, PORT, byUdp.portKept()), byUdp, "UDP to " + target);
    }

    private static void assertSeen(Seen expected, Client client, String target) {
        assertEquals(expected, client.seenByTcp(target, PORT), "TCP to " + target);
        assertEquals(expected, client.seenByUdp(target, PORT), "UDP to " + target);
    }

    /** The guest's link-local address, once the kernel is sure that nobody else has it. */
    private static String linkLocalOf(Guest guest) {
        Patience.until("link-local address", Duration.ofSeconds(10), () -> guest.inside()
                .run("ip", "-6", "address", "show", "dev", Lab.INTERFACE, "tentative").isBlank());
        return linkLocal(guest.inside(), Lab.INTERFACE);
    }

    private static String linkLocal(NetworkNamespace where, String device) {
        var shown = where.run("ip", "-6", "-br", "address", "show", "dev", device, "scope", "link");
        return shown.strip().split("\\s+")[2].split("/")[0];
    }

    /** By number: the JVM looks names of interfaces up in its own namespace, not the thread's. */
    private static String scope(NetworkNamespace where, String device) {
        return "%" + where.run("ip", "-o", "link", "show", "dev", device).split(":")[0];
    }
}
