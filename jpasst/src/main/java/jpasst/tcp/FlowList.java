// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.util.Arrays;
import jpasst.flow.Flow;

/**
 * Flows that wait for their turn. It is up to the caller that none is listed twice: a flag of the
 * connection says so. Loop thread only.
 */
final class FlowList {
    private static final int INITIAL_SIZE = 64;

    private Flow[] flows = new Flow[INITIAL_SIZE];
    private int count;

    void add(Flow flow) {
        if (count == flows.length) flows = Arrays.copyOf(flows, count << 1);
        flows[count++] = flow;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * Empties the list: {@link #take} gives the flows that were on it, one by one. Meanwhile no
     * more may be added than were taken.
     *
     * @return how many they are
     */
    int drain() {
        int drained = count;
        count = 0;
        return drained;
    }

    /** The flow at a position of what was drained, once. */
    Flow take(int position) {
        Flow flow = flows[position];
        flows[position] = null;
        return flow;
    }

    /** Takes a flow off the list wherever it stands. */
    void remove(Flow flow) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (flows[i] != flow) flows[kept++] = flows[i];
        }
        Arrays.fill(flows, kept, count, null);
        count = kept;
    }
}
