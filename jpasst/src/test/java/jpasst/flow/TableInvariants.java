// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What holds in a flow table at any time, by the numbers of the table's specification. */
final class TableInvariants {
    private TableInvariants() {}

    /** Checks all that can be seen in the table itself. */
    static void check(FlowTable table, int capacity, boolean afterScan) {
        int used = usedSlots(table, capacity);
        boolean[] inCluster = checkClusters(table, capacity, used, afterScan);
        checkEntries(table, capacity, used, inCluster);
        checkHash(table, afterScan);
    }

    private static int usedSlots(FlowTable table, int capacity) {
        int used = capacity;
        while (used > 0 && table.flow(used - 1) == null) {
            used--;
        }
        return used;
    }

    /** Invariants 3, 5 and 6, and which of the slots ever used are in a cluster. */
    private static boolean[] checkClusters(FlowTable table, int capacity, int used,
            boolean afterScan) {
        FreeClusters free = table.freeClusters();
        boolean[] inCluster = new boolean[used];
        long freeCount = 0;
        int head = free.firstFree();
        while (head < capacity) {
            int run = free.length(head);
            int next = free.next(head);
            assertTrue(run >= 1, "3: empty cluster at " + head);
            assertTrue(next > head, "3: not ascending at " + head);
            assertTrue(head + run <= next && next <= capacity, "3: overlap at " + head);
            assertTrue(!afterScan || next == capacity || head + run < next, "6: at " + head);
            for (int slot = head; slot < Math.min(head + run, used); slot++) {
                inCluster[slot] = true;
                assertTrue(slot == head || free.length(slot) == 0 && free.next(slot) == 0,
                    "4: slot " + slot);
            }
            freeCount += run;
            head = next;
        }
        assertEquals(capacity, head, "3: end of list");
        long others = 0;
        for (int slot = 0; slot < used; slot++) {
            others += table.flow(slot) == null ? 0 : 1;
        }
        assertEquals(capacity, freeCount + others, "5");
        return inCluster;
    }

    /** Invariants 1, 2 and 12. */
    private static void checkEntries(FlowTable table, int capacity, int used,
            boolean[] inCluster) {
        Flow making = null;
        int active = 0;
        for (int slot = 0; slot < used; slot++) {
            Flow flow = table.flow(slot);
            assertEquals(flow == null, inCluster[slot], "2: slot " + slot);
            if (flow == null) {
                continue;
            }
            assertNotEquals(FlowState.FREE, flow.state(), "2: slot " + slot);
            assertEquals(slot, flow.index(), "10");
            if (flow.state().isUnderConstruction()) {
                assertNull(making, "1: two under construction");
                making = flow;
            }
            active += flow.state() == FlowState.ACTIVE ? 1 : 0;
            checkFields(flow);
        }
        assertEquals(making, table.underConstruction(), "1");
        assertEquals(active, table.activeCount());
    }

    private static void checkFields(Flow flow) {
        FlowState state = flow.state();
        assertEquals(state.isAtLeast(FlowState.INI), flow.pif(0) != Pif.NONE, "12: pif 0");
        assertEquals(state.isAtLeast(FlowState.TGT), flow.pif(1) != Pif.NONE, "12: pif 1");
        assertEquals(state.isAtLeast(FlowState.TYPED), flow.type() != FlowType.NONE, "12: type");
        assertTrue(state.isAtLeast(FlowState.TYPED) || !flow.isHashed(), "12: hashed");
    }

    /** Invariants 13, but for lookups, and 14. */
    private static void checkHash(FlowTable table, boolean afterScan) {
        SidxHash hash = table.sidxHash();
        int size = hash.size();
        int count = 0;
        for (int bucket = 0; bucket < size; bucket++) {
            int sidx = hash.at(bucket);
            if (sidx == Sidx.INVALID) {
                continue;
            }
            count++;
            assertTrue(!afterScan || table.at(sidx) != null, "14");
            assertTrue(table.at(sidx).isHashed(Sidx.side(sidx)), "13: not marked as hashed");
            for (int b = hash.home(sidx); b != bucket; b = b - 1 & size - 1) {
                assertTrue(hash.at(b) != Sidx.INVALID, "13: hole on the way to bucket " + bucket);
            }
        }
        assertEquals(hash.count(), count, "13: count");
        assertTrue(count * 100L <= size * 70L, "load");
    }
}
