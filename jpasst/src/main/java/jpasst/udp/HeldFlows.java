// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.util.Arrays;

import jpasst.flow.Flow;
import jpasst.flow.FlowState;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;

/**
 * New flows whose own sockets must wait, since the listening socket that had their first datagram
 * may hold more of theirs, which are older. Kept in the order in which they came.
 */
final class HeldFlows {
    /** How long a flow waits at most, should its listening socket be gone meanwhile. */
    private static final long LONGEST_NS = 20_000_000;
    private static final int INITIAL = 64;

    private final FlowTable table;
    private int[] flows = new int[INITIAL];
    private int[] listeners = new int[INITIAL];
    private int count;

    HeldFlows(FlowTable table) {
        this.table = table;
    }

    /** How many there are: the position of the next one. */
    int count() {
        return count;
    }

    /** Has the socket of a flow's initiating side wait until {@link #release}. */
    void hold(Flow flow, int listening, long nowNs) {
        if (count == flows.length) {
            flows = Arrays.copyOf(flows, 2 * count);
            listeners = Arrays.copyOf(listeners, 2 * count);
        }
        flow.<UdpFlow>body().side(0).heldUntilNs = nowNs + LONGEST_NS;
        flows[count] = flow.index();
        listeners[count++] = listening;
    }

    /** Has the next deferred pass read those that wait for a socket, and came before a position. */
    void release(int listening, int before) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (i < before && listeners[i] == listening) {
                release(table.flow(flows[i]));
            } else {
                flows[kept] = flows[i];
                listeners[kept++] = listeners[i];
            }
        }
        count = kept;
    }

    /** The flow may have ended meanwhile, and its slot be another's. */
    private void release(Flow flow) {
        if (flow.state() == FlowState.ACTIVE && flow.type() == FlowType.UDP) {
            flow.<UdpFlow>body().side(0).heldUntilNs = Long.MIN_VALUE;
            table.markDeferred(flow);
        }
    }
}
