// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

import org.junit.jupiter.api.Test;

class FlowSlotsTest {
    private static final int MANY = 20 * FlowSlots.MAX_SPARE;

    private final FlowSlots slots = new FlowSlots(FlowTable.MAX_FLOWS);

    private void giveBackFrom(int first) {
        for (int i = first; i < MANY; i++) {
            slots.giveBack(slots.get(i));
        }
    }

    private Set<Flow> takeAll() {
        Set<Flow> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < MANY; i++) {
            taken.add(slots.take(i));
        }
        return taken;
    }

    @Test
    void usesAnEntryGivenBackForAnotherSlot() {
        Flow flow = slots.take(7);
        slots.giveBack(flow);
        assertNull(slots.get(7));
        assertSame(flow, slots.take(300));
        assertSame(flow, slots.get(300));
        assertEquals(300, flow.index());
    }

    @Test
    void keepsFewEntriesForLaterFlows() {
        Set<Flow> first = takeAll();
        giveBackFrom(0);
        Set<Flow> second = takeAll();
        second.retainAll(first);
        assertEquals(FlowSlots.MAX_SPARE, second.size());
    }

    @Test
    void givesBackRoomAboveWhatIsUsedAndGrowsAgain() {
        takeAll();
        slots.trim(MANY);
        assertEquals(8192, slots.size());
        giveBackFrom(600);
        slots.trim(600);
        assertEquals(1024, slots.size());
        assertEquals(599, slots.get(599).index());
        assertNull(slots.get(5000));
        assertEquals(5000, slots.take(5000).index());
        assertNull(slots.get(4999));
    }

    @Test
    void hasNoMoreRoomThanCapacity() {
        var few = new FlowSlots(3);
        few.take(2);
        assertEquals(3, few.size());
        few.trim(1);
        assertEquals(3, few.size());
    }
}
