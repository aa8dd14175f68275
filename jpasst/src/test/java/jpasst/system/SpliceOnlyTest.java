// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code --splice-only}: a namespace without a tap, joined to the host by loopback alone. */
@Order(Integer.MAX_VALUE - 84)
class SpliceOnlyTest {
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
    void thereIsNoInterfaceButLoopback() {
        var shown = lab.pasta("--config-net", "--splice-only").run("ip", "-o", "link").ok();
        assertEquals(1, shown.lines().count(), shown);
        assertTrue(shown.startsWith("1: lo:"), shown);
        // Nor is a device needed for it.
        lab.pasta("--config-net", "--splice-only").tunMode("000").run("true").ok();
    }

    @Test
    void loopbackIsJoinedBothWays() {
        try (var guest = guest(); var _ = witness(guest.inside(), 8080);
                var _ = witness(lab.host(), 8081)) {
            for (var address : new String[] {"127.0.0.1", "127.0.0.5", "::1"}) {
                var peer = address.equals("::1") ? address : "127.0.0.1";
                assertSeen(peer, address, 8080, new Client(lab.host()));
                assertSeen(peer, address, 8081, new Client(guest.inside()));
            }
        }
    }

    /** Others are let go: no way leads from them into the namespace. */
    @Test
    void clientsBeyondLoopbackAreTurnedAway() {
        try (var guest = guest(); var _ = witness(guest.inside(), 8080)) {
            assertEquals("reset", new Client(lab.world()).tcp(Lab.HOST_V4, 8080));
            assertEquals("reset", new Client(lab.host()).tcp(Lab.HOST_V6, 8080));
            assertEquals("silence", new Client(lab.world()).udp(Lab.HOST_V4, 8080, 500));
            assertSeen("127.0.0.1", "127.0.0.1", 8080, new Client(lab.host()));
        }
    }

    @Test
    void itCannotGoWithoutSplicing() {
        var refusal = lab.pasta("--splice-only", "--no-splice").run("true").oneLineError();
        assertTrue(refusal.contains("--splice-only"), refusal);
        assertTrue(refusal.contains("--no-splice"), refusal);
    }

    private static Guest guest() {
        return lab.guest("--splice-only", "-t", "8080", "-u", "8080", "-T", "8081", "-U", "8081");
    }

    private static Witness witness(NetworkNamespace where, int port) {
        return new Witness(where, port, "127.0.0.1", "127.0.0.5", "::1");
    }

    private static void assertSeen(String peer, String local, int port, Client client) {
        var byTcp = client.seenByTcp(local, port);
        assertEquals(Seen.of(peer, local, port, byTcp.portKept()), byTcp, "TCP to " + local);
        assertEquals(Seen.of(peer, local, port, true), client.seenByUdp(local, port),
                "UDP to " + local);
    }
}
