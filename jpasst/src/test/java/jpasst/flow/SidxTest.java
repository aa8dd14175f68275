// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import org.junit.jupiter.api.Test;

class SidxTest {
    @Property
    void packsFlowAndSide(@ForAll @IntRange(max = 131070) int flow,
            @ForAll @IntRange(max = 1) int side) {
        int sidx = Sidx.of(flow, side);
        assertTrue(Sidx.isValid(sidx) && sidx < 1 << 18);
        assertEquals(flow, Sidx.flow(sidx));
        assertEquals(side, Sidx.side(sidx));
        assertEquals(Sidx.of(flow, 1 - side), Sidx.opposite(sidx));
        assertEquals(sidx, Sidx.opposite(Sidx.opposite(sidx)));
    }

    @Property
    void travelsInAnEventTag(@ForAll @IntRange(max = 131070) int flow,
            @ForAll @IntRange(max = 1) int side) {
        long tag = EventTag.of(EventType.UDP, EventTag.MAX_FD, Sidx.of(flow, side));
        assertEquals(Sidx.of(flow, side), EventTag.payload(tag));
    }

    @Test
    void hasOneInvalidFlow() {
        assertFalse(Sidx.isValid(Sidx.INVALID));
        assertFalse(Sidx.isValid(Sidx.of(Sidx.NO_FLOW, 1)));
        assertFalse(Sidx.isValid(-1));
        assertFalse(Sidx.isValid(Integer.MAX_VALUE));
        assertEquals(Sidx.INVALID, Sidx.opposite(Sidx.INVALID));
        assertEquals(131071, Sidx.NO_FLOW);
        assertTrue(Sidx.isValid(Sidx.of(131070, 1)));
    }
}
