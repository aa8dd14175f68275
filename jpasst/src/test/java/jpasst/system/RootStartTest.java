// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Started as root it gives root up, and yet works where only root may open the tap device.
 * The C original of October 2026 starts here neither with nor without access to it.
 */
@Order(Integer.MAX_VALUE - 95)
class RootStartTest {
    private static final String NOBODY = "65534";

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
    void becomesNobodyAndWorksWithAClosedTapDevice() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page);
                var pasta = lab.pasta("--config-net").asRoot().tunMode("600").start("sh", "-c",
                        "cat /proc/self/uid_map; curl -sS -m 10 http://" + Lab.SERVER_V4 + ":"
                                + web.port() + "/; read go; exit 3")) {
            assertEquals("0 " + NOBODY + " 1",
                    pasta.awaitLine(line -> true).strip().replaceAll(" +", " "));
            pasta.awaitLine("page for " + Lab.HOST_V4);
            var expected = String.join("\t", NOBODY, NOBODY, NOBODY, NOBODY);
            assertEquals(expected, pasta.status("Uid"));
            assertEquals(expected, pasta.status("Gid"));
            pasta.type("go");
            var outcome = pasta.finish();
            assertEquals(3, outcome.exitCode(), outcome::toString);
            assertTrue(outcome.err().lines().count() <= 1, outcome::toString);
        }
    }

    /** A UID alone stands for the GID of the same number, a login for its own group. */
    @Test
    void becomesWhomItIsTold() {
        assertEquals("0 54321 1 / 0 54321 1", mapped("--runas", "54321"));
        assertEquals("0 54321 1 / 0 12345 1", mapped("--runas", "54321:12345"));
        var login = "0 " + Tool.run("id", "-u", "daemon").strip() + " 1 / 0 ";
        assertEquals(login + Tool.run("id", "-g", "daemon").strip() + " 1",
                mapped("--runas", "daemon"));
        assertEquals(login + Tool.run("id", "-g", "nobody").strip() + " 1",
                mapped("--runas", "daemon:nogroup"));
    }

    private static String mapped(String... options) {
        return lab.pasta(options).asRoot().run("sh", "-c", "echo $(cat /proc/self/uid_map) /"
                + " $(cat /proc/self/gid_map)").ok();
    }

    @Test
    void leavesTheMachinesTapDeviceAlone() {
        var before = Tool.run("stat", "-c", "%a %u %g %t %T %i", "/dev/net/tun");
        lab.pasta("--config-net").asRoot().tunMode("600").run("true").ok();
        assertEquals(before, Tool.run("stat", "-c", "%a %u %g %t %T %i", "/dev/net/tun"));
    }
}
