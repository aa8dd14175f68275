// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code -t} and {@code -u} say, seen from both sides: ports, addresses, interfaces. */
@Order(Integer.MAX_VALUE - 57)
class InboundRulesTest {
    private static final int PORT = 8080;
    private static final String ALIAS_V4 = "192.0.2.77";
    private static final String ALIAS_V6 = "2001:db8:1::77";

    private static Lab lab;
    private static Client onHost;
    private static Client beyond;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        onHost = new Client(lab.host());
        beyond = new Client(lab.world());
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void rangesMapToRangesAndExclusionsStayClosed() {
        try (var guest = guest("-t", "2000-2003:3000-3003,~2001",
                        "-u", "2000-2003:3000-3003,~2001");
                var _ = new Witness(guest.inside(), 3000, Lab.HOST_V4);
                var _ = new Witness(guest.inside(), 3001, Lab.HOST_V4);
                var _ = new Witness(guest.inside(), 3003, Lab.HOST_V4)) {
            for (int i : new int[] {0, 3}) {
                assertEquals(3000 + i, beyond.seenByTcp(Lab.HOST_V4, 2000 + i).localPort());
                assertEquals(3000 + i, beyond.seenByUdp(Lab.HOST_V4, 2000 + i).localPort());
                assertEquals(3000 + i, onHost.seenByTcp("127.0.0.1", 2000 + i).localPort());
                assertEquals(3000 + i, onHost.seenByUdp("127.0.0.1", 2000 + i).localPort());
            }
            assertClosed(beyond, Lab.HOST_V4, 2001);
            assertClosed(onHost, "127.0.0.1", 2001);
            assertClosed(beyond, Lab.HOST_V4, 3000);
            // 2002 is open, but nobody serves its target: that is found out behind the tap.
            assertEquals("reset", beyond.tcp(Lab.HOST_V4, 2002));
        }
    }

    /** An exclusion alone means all other ports. */
    @Test
    void allButSomePorts() {
        try (var guest = guest("-t", "~1-7999,~8001-65535", "-u", "none");
                var _ = new Witness(guest.inside(), 8000);
                var _ = new Witness(guest.inside(), 8001)) {
            assertEquals(8000, beyond.seenByTcp(Lab.HOST_V4, 8000).localPort());
            assertEquals("refused", beyond.tcp(Lab.HOST_V4, 8001));
        }
    }

    @Test
    void aTargetAddressIsWhereConnectionsGo() {
        try (var guest = guest("-t", "0.0.0.0/2000-2001:" + ALIAS_V4 + "/3000-3001",
                "-u", "0.0.0.0/2000-2001:" + ALIAS_V4 + "/3000-3001",
                "-t", "[::]/2000:[" + ALIAS_V6 + "]/3000",
                "-u", "[::]/2000:" + ALIAS_V6 + "/3000")) {
            guest.inside().run("ip", "address", "add", ALIAS_V4 + "/32", "dev", Lab.INTERFACE);
            guest.inside().run("ip", "address", "add", ALIAS_V6 + "/128", "dev", Lab.INTERFACE,
                    "nodad");
            try (var _ = new Witness(guest.inside(), 3000, ALIAS_V4, ALIAS_V6, Lab.HOST_V4);
                    var _ = new Witness(guest.inside(), 3001, ALIAS_V4, Lab.HOST_V4)) {
                assertSeen(Seen.of(Lab.SERVER_V4, ALIAS_V4, 3001, true),
                        new Client(lab.world(), Lab.SERVER_V4), Lab.HOST_V4, 2001);
                assertSeen(Seen.of(Lab.SERVER_V6, ALIAS_V6, 3000, true),
                        new Client(lab.world(), Lab.SERVER_V6), Lab.HOST_V6, 2000);
                // Where a rule says where to go, the host's loopback takes the tap as well.
                assertSeen(Seen.of(Lab.GATEWAY_V4, ALIAS_V4, 3000, true), onHost, "127.0.0.1",
                        2000);
                assertSeen(Seen.of(Lab.GATEWAY_V6, ALIAS_V6, 3000, true), onHost, "::1", 2000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.6/8080", "%lo/8080", "*%lo/8080"})
    void listeningOnLoopbackOnly(String rule) {
        try (var guest = guest("-t", rule, "-u", rule); var _ = witness(guest)) {
            assertReached(onHost, "127.0.0.6");
            assertClosed(beyond, Lab.HOST_V4, PORT);
            if (rule.startsWith("127")) assertClosed(onHost, "127.0.0.1", PORT);
            else assertReached(onHost, "::1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.HOST_V4 + "/8080", "[" + Lab.HOST_V6 + "]/8080", "%eth0/8080",
        Lab.HOST_V4 + "%eth0/8080"})
    void listeningOutsideLoopbackOnly(String rule) {
        try (var guest = guest("-t", rule, "-u", rule); var _ = witness(guest)) {
            if (!rule.startsWith("[")) assertReached(beyond, Lab.HOST_V4);
            if (!rule.startsWith("1")) assertReached(beyond, Lab.HOST_V6);
            assertClosed(onHost, "127.0.0.1", PORT);
            assertClosed(onHost, "::1", PORT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-4", "-6"})
    void oneFamilyOnly(String family) {
        boolean v4 = family.equals("-4");
        try (var guest = guest(family, "-t", "8080", "-u", "8080"); var _ = witness(guest)) {
            assertReached(beyond, v4 ? Lab.HOST_V4 : Lab.HOST_V6);
            assertReached(onHost, v4 ? "127.0.0.1" : "::1");
            assertClosed(beyond, v4 ? Lab.HOST_V6 : Lab.HOST_V4, PORT);
            assertClosed(onHost, v4 ? "::1" : "127.0.0.1", PORT);
        }
    }

    /** An address that the host does not have yet: taken beforehand, reached once it is there. */
    @Test
    void freebindListensOnAnAddressThatComesLater() {
        var refused = lab.pasta("--config-net", "-t", "192.0.2.99/8080").run("true");
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains("192.0.2.99"), refused::toString);
        try (var guest = guest("--freebind", "-t", "192.0.2.99/8080", "-u", "192.0.2.99/8080");
                var _ = witness(guest)) {
            lab.host().run("ip", "address", "add", "192.0.2.99/32", "dev", Lab.INTERFACE);
            assertReached(beyond, "192.0.2.99");
        } finally {
            lab.host().run("ip", "address", "flush", "to", "192.0.2.99/32");
        }
    }

    private static Guest guest(String... options) {
        var all = new String[options.length + 4];
        System.arraycopy(new String[] {"-T", "none", "-U", "none"}, 0, all, 0, 4);
        System.arraycopy(options, 0, all, 4, options.length);
        return lab.guest(all);
    }

    private static Witness witness(Guest guest) {
        return new Witness(guest.inside(), PORT, "::");
    }

    private static void assertReached(Client client, String target) {
        assertEquals(PORT, client.seenByTcp(target, PORT).localPort(), "TCP to " + target);
        assertEquals(PORT, client.seenByUdp(target, PORT).localPort(), "UDP to " + target);
    }

    private static void assertClosed(Client client, String target, int port) {
        assertEquals("refused", client.tcp(target, port), "TCP to " + target);
        assertEquals("refused", client.udp(target, port), "UDP to " + target);
    }

    private static void assertSeen(Seen expected, Client client, String target, int port) {
        assertEquals(expected, client.seenByTcp(target, port), "TCP to " + target);
        assertEquals(expected, client.seenByUdp(target, port), "UDP to " + target);
    }
}
