// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

import jpasst.addr.IpAddress;
import jpasst.linux.Sockets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Several pastas with everything automatic, on one host or one inside the other, while servers
 * come and go, also in the middle of a pasta's work.
 */
class AutoPortsPropertiesTest {
    private static final int[] PORTS = {80, 100, 101};
    private static final int[] PROTOCOLS = {Sockets.IPPROTO_TCP, Sockets.IPPROTO_UDP};
    private static final int MAX_PASTAS = 4;

    /** Pastas whose spaces form a tree: space 0 is the host, each pasta has made one more. */
    private static final class World {
        final SimulatedSpaces spaces = new SimulatedSpaces();
        final List<SimulatedPasta> pastas = new ArrayList<>();
        final Random random;
        /** Those at work, which others may interrupt but not they themselves. */
        final List<SimulatedPasta> busy = new ArrayList<>();
        boolean restless;
        long nowNs;

        World(long seed, int pastaCount, boolean allOnHost, boolean ownAddresses) {
            random = new Random(seed);
            for (int i = 0; i < pastaCount; i++) {
                int host = allOnHost ? 0 : random.nextInt(i + 1);
                var address = ownAddresses && random.nextBoolean()
                        ? IpAddress.ofV4(0x7f00_0002 + i) : null;
                pastas.add(new SimulatedPasta(spaces, host, i + 1, address, this::meanwhile));
            }
        }

        /** One look of each pasta, in any order. */
        void round() {
            nowNs += PortForwarding.FOLLOW_NS;
            var order = new ArrayList<>(pastas);
            Collections.shuffle(order, random);
            order.forEach(this::run);
        }

        void run(SimulatedPasta pasta) {
            if (!busy.contains(pasta)) {
                busy.add(pasta);
                pasta.run(nowNs, !restless);
                busy.remove(pasta);
                assertFalse(pasta.isLoop(), pasta + " listens on a port on both sides");
            }
        }

        void meanwhile() {
            if (restless && random.nextInt(8) == 0) {
                changeServers();
            }
            if (restless && random.nextInt(8) == 0) {
                run(pastas.get(random.nextInt(pastas.size())));
            }
        }

        void changeServers() {
            var servers = spaces.servers();
            if (!servers.isEmpty() && random.nextBoolean()) {
                spaces.close(servers.get(random.nextInt(servers.size())).fd());
            } else {
                startServer(random.nextInt(pastas.size() + 1),
                        PROTOCOLS[random.nextInt(2)], PORTS[random.nextInt(PORTS.length)]);
            }
        }

        void startServer(int space, int protocol, int port) {
            var address = random.nextInt(3) > 0 ? null
                    : IpAddress.ofV4(0xc000_0201 + random.nextInt(2));
            spaces.open(space, protocol, address, port, random.nextBoolean(), null);
        }

        void stopServers() {
            spaces.servers().forEach(server -> spaces.close(server.fd()));
        }

        void runWildly(int rounds) {
            restless = true;
            for (int i = 0; i < rounds; i++) {
                changeServers();
                round();
            }
            restless = false;
        }

        void runQuietly(int rounds) {
            for (int i = 0; i < rounds; i++) {
                round();
            }
        }
    }

    @Property(tries = 2000)
    void twoPastasReleaseAllPortsWithinTwoRoundsAfterTheServersStop(@ForAll long seed,
            @ForAll boolean ownAddresses) {
        var world = new World(seed, 2, true, ownAddresses);
        world.runWildly(12);
        world.stopServers();
        world.runQuietly(2);
        assertEquals(new TreeSet<String>(), world.spaces.forwards());
    }

    /** What is served next door was released within a round: what passed on that, within two. */
    @Property(tries = 1000)
    void aChainOfPastasReleasesAllPortsWithinARoundEach(@ForAll long seed) {
        int count = 1 + (int) Long.remainderUnsigned(seed, MAX_PASTAS);
        var world = new World(seed, count, false, true);
        world.runWildly(12);
        world.stopServers();
        world.runQuietly(count);
        assertEquals(new TreeSet<String>(), world.spaces.forwards());
    }

    @Property(tries = 2000)
    void nothingSwingsWhileServersStay(@ForAll long seed, @ForAll boolean allOnHost) {
        int count = 1 + (int) Long.remainderUnsigned(seed, MAX_PASTAS);
        var world = new World(seed, count, allOnHost, true);
        world.runWildly(12);
        // One in a chain may have to wait for the one before it to give up first.
        world.runQuietly(3 * count);
        var settled = world.spaces.forwards();
        for (int i = 0; i < 6; i++) {
            world.runQuietly(1);
            assertEquals(settled, world.spaces.forwards(), "round " + i);
        }
    }

    @Property(tries = 500)
    void aSingleServerIsReachedFromEverywhere(@ForAll long seed, @ForAll boolean tcp) {
        int count = 1 + (int) Long.remainderUnsigned(seed, MAX_PASTAS);
        var world = new World(seed, count, false, true);
        world.runWildly(12);
        world.stopServers();
        world.runQuietly(count);
        int protocol = tcp ? Sockets.IPPROTO_TCP : Sockets.IPPROTO_UDP;
        world.startServer(world.random.nextInt(count + 1), protocol, PORTS[0]);
        world.runQuietly(count);
        for (int space = 0; space <= count; space++) {
            assertTrue(world.spaces.isBound(space, protocol, PORTS[0]), "in space " + space);
        }
    }
}
