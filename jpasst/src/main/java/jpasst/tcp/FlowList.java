// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import jpasst.flow.Flow;

/**
 * Flows that wait for their turn, first come, first served. It is up to the caller that none is
 * listed twice: a flag of the connection says so. Loop thread only.
 */
final class FlowList {
    private static final int INITIAL_SIZE = 64;

    /** A ring; its length is a power of two. */
    private Flow[] flows = new Flow[INITIAL_SIZE];
    private int head;
    private int size;

    void add(Flow flow) {
        if (size == flows.length) grow();
        flows[index(size++)] = flow;
    }

    int size() {
        return size;
    }

    /** Takes the first flow off the list, which is not empty. */
    Flow poll() {
        Flow flow = flows[head];
        flows[head] = null;
        head = index(1);
        size--;
        return flow;
    }

    /** Takes a flow off the list wherever it stands. */
    void remove(Flow flow) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            Flow each = flows[index(i)];
            if (each != flow) flows[index(kept++)] = each;
        }
        for (int i = kept; i < size; i++) flows[index(i)] = null;
        size = kept;
    }

    /** Where the flow at a position, counted from the first, is. */
    private int index(int position) {
        return head + position & flows.length - 1;
    }

    private void grow() {
        var larger = new Flow[flows.length << 1];
        for (int i = 0; i < size; i++) larger[i] = flows[index(i)];
        flows = larger;
        head = 0;
    }
}
