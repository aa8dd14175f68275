// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import jpasst.flow.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose turn it is. */
class TurnsTest {
    private final Turns turns = new Turns();

    @Test
    void itIsNobodysTurnIfNobodyWaits() {
        assertTrue(turns.isEmpty());
        assertNull(turns.next());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 9, 100, 128, 1000})
    void everyoneHasTurnsWithinACycle(int count) {
        for (int i = 0; i < count; i++) turns.add(new Flow());
        Set<Flow> served = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < Math.max(Turns.CYCLE, count); i++) {
            served.add(turns.next());
            turns.wantsMore();
        }
        assertEquals(count, served.size());
    }

    @Test
    void theSameOneGoesOnForAWhile() {
        var first = new Flow();
        var second = new Flow();
        turns.add(first);
        turns.add(second);
        for (int i = 0; i < Turns.LONGEST; i++) {
            assertSame(first, turns.next());
            turns.wantsMore();
        }
        assertSame(second, turns.next());
    }

    @Test
    void whoComesToAnEndLeavesTheNextAllItsTurns() {
        var first = new Flow();
        var second = new Flow();
        var third = new Flow();
        turns.add(first);
        turns.add(second);
        turns.add(third);
        turns.wantsMore();
        turns.remove(third);
        assertSame(first, turns.next());
        turns.remove(first);
        for (int i = 0; i < Turns.LONGEST; i++) {
            assertSame(second, turns.next());
            turns.wantsMore();
        }
        turns.remove(second);
        assertTrue(turns.isEmpty());
    }
}
