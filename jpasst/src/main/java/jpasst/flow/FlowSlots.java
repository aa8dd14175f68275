// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Arrays;

/** The entries by index, each made when its slot is first taken and kept from then on. */
final class FlowSlots {
    private static final int FIRST_SLOTS = 256;

    private final int capacity;
    private Flow[] flows;
    private int count;

    FlowSlots(int capacity) {
        this.capacity = capacity;
        this.flows = new Flow[Math.min(capacity, FIRST_SLOTS)];
    }

    /** The entry at an index, null if its slot was never taken. */
    Flow get(int index) {
        return index < flows.length ? flows[index] : null;
    }

    /** How many slots were ever taken: slots are taken from the lowest, so these are the first. */
    int count() {
        return count;
    }

    /** The entry at an index that is at most {@link #count()}. */
    Flow take(int index) {
        if (index == count) {
            if (index == flows.length) {
                flows = Arrays.copyOf(flows, Math.min(capacity, 2 * index));
            }
            flows[index] = new Flow(index);
            count++;
        }
        return flows[index];
    }
}
