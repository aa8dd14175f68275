// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells of the neighbours of a namespace made for it. */
class NeighborSocketTest {
    private static final int MANY = 2000;

    @TempDir
    Path directory;

    private final NeighborRecorder heard = new NeighborRecorder();
    private NetworkNamespace host;
    private NeighborSocket socket;
    private String here;

    @BeforeEach
    void makeHost() {
        host = new NetworkNamespace();
        host.ip("link add aa type veth peer name bb");
        host.ip("link set aa up");
        host.ip("link set bb up");
        here = host.index("aa") + " ";
    }

    @AfterEach
    void removeHost() {
        if (socket != null) socket.close();
        host.close();
    }

    private void subscribe() throws Exception {
        socket = host.inside(() -> new NeighborSocket(Arena.ofAuto(), heard));
    }

    private void add(String address, String mac) {
        host.ip("neigh replace " + address + " lladdr " + mac + " dev aa nud permanent");
    }

    private Map<String, String> table() {
        int rounds = 0;
        do {
            heard.drain();
            assertEquals(0, socket.read());
            assertTrue(++rounds < 10_000, "never ends");
        } while (!heard.drain().isEmpty() || heard.dumpsEnded < heard.dumpsBegun);
        var ours = new TreeMap<String, String>();
        heard.table.forEach((key, mac) -> {
            if (key.startsWith(here)) ours.put(key.substring(here.length()), mac);
        });
        return ours;
    }

    @Test
    void tellsWhatThereIsAndWhatComes() throws Exception {
        add("192.0.2.7", "02:00:00:00:00:07");
        add("2001:db8::7", "02:00:00:00:00:08");
        subscribe();
        assertEquals(Map.of("192.0.2.7", "02:00:00:00:00:07", "2001:db8::7", "02:00:00:00:00:08"),
                table());
        assertEquals(1, heard.dumpsEnded);
        add("192.0.2.9", "02:00:00:00:00:09");
        add("192.0.2.7", "02:00:00:00:00:0a");
        host.ip("neigh del 2001:db8::7 dev aa");
        assertEquals(Map.of("192.0.2.7", "02:00:00:00:00:0a", "192.0.2.9", "02:00:00:00:00:09"),
                table());
        host.ip("link set aa down");
        assertEquals(Map.of(), table());
        assertEquals(1, heard.dumpsBegun);
    }

    @Test
    void proxiesDoNotHideNeighbours() throws Exception {
        subscribe();
        add("192.0.2.7", "02:00:00:00:00:07");
        host.ip("neigh add proxy 192.0.2.7 dev aa");
        assertEquals(Map.of("192.0.2.7", "02:00:00:00:00:07"), table());
    }

    private void batch(String verb, int from, int to, String rest) throws IOException {
        var lines = new StringBuilder();
        for (int i = from; i < to; i++) {
            lines.append("neigh ").append(verb).append(" 10.0.").append(i >> 8)
                    .append('.').append(i & 0xff).append(rest).append('\n');
        }
        var file = directory.resolve(verb + from);
        Files.writeString(file, lines);
        host.ip("-batch " + file);
    }

    /** The kernel drops messages which nobody reads in time: the table is read anew. */
    @Test
    void readsTheTableAnewAfterAnOverrun() throws Exception {
        subscribe();
        batch("replace", 0, 300, " lladdr 02:00:00:00:00:01 dev aa nud permanent");
        assertEquals(300, table().size());
        // The first removals are lost: only a dump can tell.
        batch("replace", 300, MANY, " lladdr 02:00:00:00:00:02 dev aa nud permanent");
        batch("del", 0, 299, " dev aa");
        var table = table();
        assertTrue(heard.dumpsBegun > 1, "no overrun");
        assertEquals(heard.dumpsBegun, heard.dumpsEnded);
        assertEquals(MANY - 299, table.size());
        assertFalse(table.containsKey("10.0.0.1"));
        assertEquals("02:00:00:00:00:01", table.get("10.0.1.43"));
        assertEquals("02:00:00:00:00:02", table.get("10.0.1.44"));
    }

    /** However much there is to read, others have their turn. */
    @Test
    void readsABoundedPartAtOnce() throws Exception {
        batch("replace", 0, MANY, " lladdr 02:00:00:00:00:01 dev aa nud permanent");
        subscribe();
        int most = 0;
        while (heard.dumpsEnded == 0) {
            assertEquals(0, socket.read());
            most = Math.max(most, heard.drain().size());
        }
        assertTrue(most <= 256, "at once: " + most);
        assertEquals(MANY, table().size());
    }

    @Test
    void knowsEthernet() throws Exception {
        host.ip("tuntap add name tun1 mode tun");
        subscribe();
        assertTrue(host.inside(() -> socket.isEthernet(host.index("aa"))));
        assertFalse(host.inside(() -> socket.isEthernet(host.index("lo"))));
        assertFalse(host.inside(() -> socket.isEthernet(host.index("tun1"))));
        assertFalse(host.inside(() -> socket.isEthernet(9999)));
        assertFalse(host.inside(() -> socket.isEthernet(-1)));
    }
}
