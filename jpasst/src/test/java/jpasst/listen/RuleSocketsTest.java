// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeMap;

import jpasst.linux.Errno;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RuleSocketsTest {
    private static RuleSockets all(boolean scan) {
        return new RuleSockets(ListenHarness.rule(ListenHarness.TCP, null, null, 1, 65535, true,
                scan), 0);
    }

    @Property
    void isAMapSortedByPort(@ForAll long seed, @ForAll boolean scan) {
        var random = new Random(seed);
        var sockets = all(scan);
        var model = new TreeMap<Integer, Integer>();
        for (int i = 0; i < 100; i++) {
            int port = 1 + random.nextInt(60);
            if (random.nextInt(3) > 0) {
                int socket = random.nextInt(200) - 100;
                sockets.put(port, socket);
                model.put(port, socket);
            } else if (model.remove(port) != null) {
                sockets.remove(sockets.find(port));
            }
            assertEquals(model.size(), sockets.count());
            assertEquals(model.values().stream().filter(s -> s >= 0).count(),
                    sockets.openCount());
        }
        int at = 0;
        for (var entry : model.entrySet()) {
            assertEquals(entry.getKey(), sockets.port(at));
            assertEquals(entry.getValue(), sockets.socket(at));
            assertEquals(at++, sockets.find(entry.getKey()));
        }
        assertEquals(~sockets.count(), sockets.find(65535));
    }

    @Test
    void takesAllPorts() {
        var sockets = all(false);
        for (int port = 1; port <= 65535; port++) sockets.put(port, port % 3 - 1);
        assertEquals(65535, sockets.count());
        assertTrue(sockets.isOpen(65534 / 3 * 3 + 1));
        sockets.put(65535, -Errno.EACCES);
        assertEquals(-Errno.EACCES, sockets.socket(65534));
    }
}
