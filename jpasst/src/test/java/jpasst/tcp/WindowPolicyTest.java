// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The window policy with simulated sockets: how fast they take, and how long they stall. */
class WindowPolicyTest {
    private static final long MS = 1_000_000L;

    /** A guest that always fills its window, and a socket that takes some bytes a millisecond. */
    private static final class Simulation implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final ChunkPool pool = new ChunkPool(arena, 4 << 20);
        final MemorySegment bytes = arena.allocate(ReceiveBuffer.MAX_SPAN);
        final TcpConnection c = new TcpConnection(0, -1);
        long nowNs = 5 * MS;
        long taken;

        Simulation() {
            c.events = TcpConnection.ESTABLISHED;
            c.set(TcpConnection.SCALED);
            c.mss = 1460;
            c.seqFromTap = 77;
            c.seqAckToTap = 77;
            c.edgeToTap = 77 + 65535;
            c.rateSinceNs = nowNs;
            c.buffer = new ReceiveBuffer(pool);
            announce();
        }

        void announce() {
            int window = WindowPolicy.window(c, c.seqFromTap, pool.isScarce());
            int edge = c.seqFromTap + window;
            assertTrue(edge - c.edgeToTap >= 0, "the edge goes back");
            c.seqAckToTap = c.seqFromTap;
            c.edgeToTap = edge;
        }

        /** One millisecond, in which the socket can take so much. */
        void step(int capacity, int appetite) {
            nowNs += MS;
            int offered = Math.min(appetite, c.edgeToTap - c.seqFromTap);
            if (offered > 0) {
                assertTrue(c.buffer.put(c.buffer.inOrderLength(), bytes, 0, offered),
                        "advertised and not absorbed");
                c.seqFromTap += offered;
            }
            int takes = Math.min(capacity, c.buffer.inOrderLength());
            if (takes > 0) {
                c.buffer.taken(takes);
                taken += takes;
                WindowPolicy.taken(c, takes, nowNs);
            }
            announce();
        }

        @Override
        public void close() {
            c.buffer.clear();
            assertEquals(0, pool.takenCount());
            arena.close();
        }
    }

    @Property(tries = 100)
    void absorbsWhateverItAdvertises(@ForAll long seed,
            @ForAll @IntRange(max = 2_000_000) int fastest) {
        var random = new Random(seed);
        try (var s = new Simulation()) {
            int rate = fastest;
            for (int i = 0; i < 500; i++) {
                if (random.nextInt(30) == 0) rate = random.nextInt(fastest + 1);
                s.step(random.nextInt(10) == 0 ? 0 : rate, random.nextInt(1 << 20));
                assertTrue(s.c.windowLimit >= WindowPolicy.MIN_LIMIT);
                assertTrue(s.c.windowLimit <= WindowPolicy.MAX_LIMIT);
                assertTrue(s.c.buffer.inOrderLength() <= ReceiveBuffer.MAX_SPAN);
            }
        }
    }

    @Test
    void aFastSocketGetsTheLargestWindowSoon() {
        try (var s = new Simulation()) {
            for (int i = 0; i < 40; i++) s.step(1 << 20, 1 << 20);
            assertEquals(WindowPolicy.MAX_LIMIT, s.c.windowLimit);
            assertTrue(s.taken > 20L << 20, "took " + s.taken);
        }
    }

    @Test
    void aSlowSocketEndsWithAShortQueue() {
        try (var s = new Simulation()) {
            for (int i = 0; i < 2000; i++) s.step(1000, 1 << 20);
            assertEquals(WindowPolicy.MIN_LIMIT, s.c.windowLimit);
            assertTrue(s.c.buffer.inOrderLength() <= WindowPolicy.MIN_LIMIT + 65536);
            assertTrue(s.taken > 1_900_000, "kept waiting: " + s.taken);
        }
    }

    @Test
    void aStalledSocketShutsTheWindowAndOpensItAgain() {
        try (var s = new Simulation()) {
            for (int i = 0; i < 20; i++) s.step(0, 1 << 20);
            assertEquals(0, s.c.edgeToTap - s.c.seqFromTap);
            s.step(1 << 20, 0);
            assertTrue(s.c.edgeToTap - s.c.seqFromTap >= WindowPolicy.MIN_LIMIT);
        }
    }

    @Test
    void aSlowGuestIsNotTakenForASlowSocket() {
        try (var s = new Simulation()) {
            for (int i = 0; i < 40; i++) s.step(1 << 20, 1 << 20);
            for (int i = 0; i < 2000; i++) s.step(1 << 20, 100);
            assertEquals(WindowPolicy.MAX_LIMIT, s.c.windowLimit);
        }
    }

    @Test
    void scarceMemoryMeansTheLeastWindow() {
        try (var s = new Simulation()) {
            s.step(1 << 20, 1 << 20);
            s.step(1 << 20, 1 << 20);
            int window = WindowPolicy.window(s.c, s.c.seqFromTap, true);
            int promised = s.c.edgeToTap - s.c.seqFromTap;
            assertEquals(Math.max(promised, WindowPolicy.MIN_LIMIT), window);
        }
    }

    @Test
    void theEdgeMovesByWholeSegmentsOnly() {
        try (var s = new Simulation()) {
            int edge = s.c.edgeToTap;
            s.c.seqFromTap += 1459;
            assertEquals(edge - s.c.seqFromTap, WindowPolicy.window(s.c, s.c.seqFromTap, false));
            s.c.seqFromTap += 1;
            assertEquals(s.c.windowLimit, WindowPolicy.window(s.c, s.c.seqFromTap, false));
        }
    }

    @Test
    void withoutScaleNothingBeyondTheFieldIsWanted() {
        try (var s = new Simulation()) {
            s.c.clear(TcpConnection.SCALED);
            s.c.edgeToTap = s.c.seqFromTap + 65535;
            int window = WindowPolicy.window(s.c, s.c.seqFromTap, false);
            assertEquals(65535, window);
            assertFalse(WindowPolicy.isWorthTelling(s.c, s.c.seqFromTap, window));
        }
    }

    @Test
    void tellsAnOpenedWindowAtOnceAndALittleMoreNotAtAll() {
        try (var s = new Simulation()) {
            int ack = s.c.seqFromTap;
            s.c.edgeToTap = ack;
            assertTrue(WindowPolicy.isWorthTelling(s.c, ack, 1460));
            assertFalse(WindowPolicy.isWorthTelling(s.c, ack, 0));
            s.c.edgeToTap = ack + 100_000;
            assertFalse(WindowPolicy.isWorthTelling(s.c, ack, 101_460));
            assertTrue(WindowPolicy.isWorthTelling(s.c, ack, 100_000 + 65_536));
        }
    }
}
