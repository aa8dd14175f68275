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
    /**
     * How long a flow waits at most: a listening socket may have new peers without end, or be
     * gone meanwhile. Long enough to make flows for all that a receive buffer holds.
     */
    private static final long LONGEST_NS = 50_000_000;
    private static final int INITIAL = 64;
    /** In place of a listening socket. */
    private static final int ANY = -1;

    private final FlowTable table;
    private int[] flows = new int[INITIAL];
    private int[] listeners = new int[INITIAL];
    private int count;

    HeldFlows(FlowTable table) {
        this.table = table;
    }

    /** Has the socket of a flow's initiating side wait for another one to be empty. */
    void hold(Flow flow, int listening, long nowNs) {
        if (count == flows.length) {
            flows = Arrays.copyOf(flows, 2 * count);
            listeners = Arrays.copyOf(listeners, 2 * count);
        }
        flow.<UdpFlow>body().side(0).heldUntilNs = nowNs + LONGEST_NS;
        flows[count] = flow.index();
        listeners[count++] = listening;
    }

    /** Has the next deferred pass read those that wait for a socket, since it was empty. */
    void release(int listening) {
        keep(listening, Long.MAX_VALUE);
    }

    /** Has the next deferred pass read those that waited long enough. */
    void releaseOverdue(long nowNs) {
        keep(ANY, nowNs);
    }

    private void keep(int listening, long nowNs) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            boolean meant = listening == ANY || listeners[i] == listening;
            if (!meant || !release(table.flow(flows[i]), nowNs)) {
                flows[kept] = flows[i];
                listeners[kept++] = listeners[i];
            }
        }
        count = kept;
    }

    /** Whether it need not wait any more. It may have ended, and its slot be another flow's. */
    private boolean release(Flow flow, long nowNs) {
        if (flow.state() != FlowState.ACTIVE || flow.type() != FlowType.UDP) {
            return true;
        }
        UdpSide side = flow.<UdpFlow>body().side(0);
        if (nowNs < side.heldUntilNs) {
            return false;
        }
        side.heldUntilNs = Long.MIN_VALUE;
        table.markDeferred(flow);
        return true;
    }
}
