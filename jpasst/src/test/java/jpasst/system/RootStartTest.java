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

    @Test
    void leavesTheMachinesTapDeviceAlone() {
        var before = Tool.run("stat", "-c", "%a %u %g %t %T %i", "/dev/net/tun");
        lab.pasta("--config-net").asRoot().tunMode("600").run("true").ok();
        assertEquals(before, Tool.run("stat", "-c", "%a %u %g %t %T %i", "/dev/net/tun"));
    }
}
