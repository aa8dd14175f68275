// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Arrays;

/**
 * The entries by index. A slot has one while it is taken; a few of those given back wait for the
 * next flow, wherever that will be, so that flows which come and go allocate nothing.
 */
final class FlowSlots {
    /** Entries that wait at most; what a burst of flows leaves beyond them is garbage. */
    static final int MAX_SPARE = 256;
    /** Slots that there is room for in any case. */
    static final int FIRST_SLOTS = 256;

    private final int capacity;
    private final Flow[] spare = new Flow[MAX_SPARE];
    private int spareCount;
    private Flow[] flows;

    FlowSlots(int capacity) {
        this.capacity = capacity;
        this.flows = new Flow[Math.min(capacity, FIRST_SLOTS)];
    }

    /** The entry at an index, null if its slot is free. */
    Flow get(int index) {
        return index < flows.length ? flows[index] : null;
    }

    /** How many slots there is room for: those from here on are free. */
    int size() {
        return flows.length;
    }

    /** An entry, FREE, for a slot that has none: from now on the one at that index. */
    Flow take(int index) {
        if (index >= flows.length) {
            flows = Arrays.copyOf(flows, Math.min(capacity, Math.max(index + 1, 2 * flows.length)));
        }
        Flow flow = spareCount == 0 ? new Flow() : spare[--spareCount];
        flow.place(index);
        flows[index] = flow;
        return flow;
    }

    /** Takes an entry, FREE and cleared, out of its slot. */
    void giveBack(Flow flow) {
        flows[flow.index()] = null;
        if (spareCount < MAX_SPARE) {
            spare[spareCount++] = flow;
        }
    }

    /** Gives back room for slots from an index on, which are all free. */
    void trim(int used) {
        int size = Math.min(capacity, roomFor(used));
        if (size < flows.length) {
            flows = Arrays.copyOf(flows, size);
        }
    }

    /** How much room arrays keep for so many slots: as much as they would have grown to. */
    static int roomFor(int slots) {
        return Math.max(FIRST_SLOTS, Integer.highestOneBit(Math.max(slots - 1, 1)) << 1);
    }
}
