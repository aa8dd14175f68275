// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.util.Arrays;

import jpasst.flow.Flow;
import jpasst.flow.FlowState;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;

/**
 * New flows whose own sockets must wait, since the listening socket that had their first datagram
 * may hold more of theirs, which are older. Until then the loop does not watch them, for their
 * events could not be served. Kept in the order in which they came.
 *
 * <p>Should the listening socket be gone meanwhile, the flow's timer ends the wait, within about
 * a second.
 */
final class HeldFlows {
    /**
     * How long a flow waits while its listening socket has new peers without end. Enough to make
     * flows for all that a receive buffer holds.
     */
    private static final long LONGEST_NS = 50_000_000;
    private static final int INITIAL = 64;

    private final FlowTable table;
    private final UdpFactory factory;
    /** Who waits, or did when it was added: a flow may have ended, its index be another's. */
    private int[] flows = new int[INITIAL];
    private int count;

    HeldFlows(FlowTable table, UdpFactory factory) {
        this.table = table;
        this.factory = factory;
    }

    /** Adds a flow which {@link UdpFactory#fromSocket} has just made. */
    void add(Flow flow, long nowNs) {
        if (count == flows.length) {
            flows = Arrays.copyOf(flows, 2 * count);
        }
        flow.<UdpFlow>body().side(0).heldUntilNs = nowNs + LONGEST_NS;
        flows[count++] = flow.index();
    }

    /**
     * Ends the wait of flows for a listening socket, and of those that waited long enough.
     *
     * @param emptied the socket which was empty, or {@link UdpSide#NO_SOCKET}
     */
    void release(int emptied, long nowNs) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            UdpSide side = held(flows[i]);
            if (side == null) {
                continue;
            }
            if (side.heldBy == emptied || nowNs >= side.heldUntilNs) {
                factory.release(table.flow(flows[i]), nowNs);
            } else {
                flows[kept++] = flows[i];
            }
        }
        count = kept;
    }

    /** The side that waits of a flow, null if there is none. */
    private UdpSide held(int index) {
        Flow flow = table.flow(index);
        if (flow == null || flow.state() != FlowState.ACTIVE
                || flow.type() != FlowType.UDP) {
            return null;
        }
        UdpFlow body = flow.body();
        return body.side(0).isHeld() && !body.closed() ? body.side(0) : null;
    }
}
