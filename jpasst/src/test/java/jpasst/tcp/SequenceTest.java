// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sequence numbers wrap, and compare within 2^24. */
class SequenceTest {
    @Property
    void comparesNearNumbersAsIfTheyDidNotWrap(@ForAll int a,
            @ForAll @IntRange(min = 1, max = Sequence.WINDOW - 1) int distance) {
        int b = a + distance;
        assertTrue(Sequence.before(a, b));
        assertTrue(Sequence.atOrBefore(a, b));
        assertFalse(Sequence.before(b, a));
        assertFalse(Sequence.atOrBefore(b, a));
        assertEquals(b, Sequence.later(a, b));
        assertEquals(b, Sequence.later(b, a));
    }

    @Property
    void farNumbersAreNeitherBeforeNorAfter(@ForAll int a,
            @ForAll @IntRange(min = Sequence.WINDOW + 1) int distance) {
        if (distance < 0 || -(long) distance > -Sequence.WINDOW - 1L) return;
        assertFalse(Sequence.before(a, a + distance));
        assertFalse(Sequence.before(a + distance, a));
    }

    @Property
    void equalsAreAtButNotBefore(@ForAll int a) {
        assertTrue(Sequence.atOrBefore(a, a));
        assertFalse(Sequence.before(a, a));
        assertEquals(a, Sequence.later(a, a));
    }

    @Property
    void withinIncludesBothEnds(@ForAll int from,
            @ForAll @IntRange(max = Sequence.WINDOW) int length) {
        assertTrue(Sequence.within(from, from, length));
        assertTrue(Sequence.within(from + length, from, length));
        assertFalse(Sequence.within(from - 1, from, length));
        assertFalse(Sequence.within(from + length + 1, from, length));
    }

    @Test
    void theBorderIsWhereTheSpecificationPutsIt() {
        assertTrue(Sequence.atOrBefore(0, (1 << 24) - 1));
        assertFalse(Sequence.atOrBefore(0, 1 << 24));
        assertTrue(Sequence.before(0, 1 << 24));
        assertFalse(Sequence.before(0, (1 << 24) + 1));
    }
}
