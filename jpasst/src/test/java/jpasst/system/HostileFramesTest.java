// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A guest that writes nonsense to its tap device harms nobody, not even its own connections. */
@Order(Integer.MAX_VALUE - 50)
class HostileFramesTest {
    private static final int FRAMES = 100_000;

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
    void mutatedFramesLeaveAGoodConnectionUndisturbed() {
        int seed = ThreadLocalRandom.current().nextInt(1_000_000);
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo);
                var web = new TcpServer(lab.world(), Lab.SERVER_V6, TcpServer::page)) {
            var hostile = String.join(" ", lab.python("hostile.py", Lab.INTERFACE, Lab.SERVER_V4,
                    Lab.SERVER_V6, FRAMES, seed));
            // The good connection is there before, during and after the storm.
            var outcome = lab.pasta("--config-net").run("sh", "-c",
                    "$0 $1 probe $2 $3 15 > probed & sleep 0.5; " + hostile
                            + " && wait && cat probed && curl -sS -m 10 http://[" + Lab.SERVER_V6
                            + "]:" + web.port() + "/ && ping -q -c 1 -W 2 $2 >/dev/null",
                    "python3", lab.copyOf("tcp.py").toString(), Lab.SERVER_V4, "" + echo.port());
            var lines = outcome.ok().lines().toList();
            int dropped = Integer.parseInt(lines.get(0).split("dropped ")[1]);
            assertTrue(dropped < FRAMES / 20, lines.get(0) + ", seed " + seed);
            TcpTest.assertProbed(lines.get(1), 500);
            assertEquals("page for 2001:db8:1:0:0:0:0:10", lines.get(2), "seed " + seed);
            // Complaints have a rate limit, for each site of the program: 5 in a second.
            assertTrue(outcome.err().lines().count() < FRAMES / 100, "seed " + seed);
        }
    }
}
