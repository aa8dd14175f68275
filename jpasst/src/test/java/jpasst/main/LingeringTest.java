// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LingeringTest {
    private static final long START_NS = 5_000;
    private static final long MILLISECOND_NS = 1_000_000;

    private final Lingering lingering = new Lingering(START_NS);

    @Test
    void looksAtTheTapOnceMoreAndIsOverIfThereIsNothing() {
        assertEquals(START_NS, lingering.look(START_NS, 7, 100, false));
        assertEquals(Lingering.OVER, lingering.look(START_NS + 1, 7, 100, false));
    }

    @Test
    void goesOnWhileTheTapHasFrames() {
        for (int frames = 1; frames < 100; frames++) {
            long nowNs = START_NS + frames;
            assertEquals(nowNs, lingering.look(nowNs, frames, 0, false));
        }
    }

    @Test
    void waitsForPendingConnectionsThatMove() {
        lingering.look(START_NS, 1, 0, true);
        for (int i = 1; i < 50; i++) {
            long nowNs = START_NS + i * 100 * MILLISECOND_NS;
            assertTrue(lingering.look(nowNs, 1, i, true) > nowNs, "look " + i);
        }
    }

    @Test
    void givesUpOnConnectionsThatStandStill() {
        lingering.look(START_NS, 1, 0, true);
        long lastNs = START_NS + Lingering.QUIET_NS;
        assertTrue(lingering.look(lastNs - 1, 1, 0, true) >= lastNs - 1);
        assertEquals(Lingering.OVER, lingering.look(lastNs, 1, 0, true));
    }

    @Test
    void endsAtTheLimitThoughAllMoves() {
        long nowNs = START_NS + Lingering.LIMIT_NS;
        assertTrue(lingering.look(nowNs - 1, 1, 1, true) != Lingering.OVER);
        assertEquals(Lingering.OVER, lingering.look(nowNs, 2, 2, true));
    }
}
