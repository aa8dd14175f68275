// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.flow.FlowTable;
import jpasst.loop.TimingWheel;

/**
 * Gives memory back after many flows have ended. The JVM by itself would keep it: it looks for
 * garbage when it needs room, and a process whose flows have ended needs none.
 *
 * <p>What is given back are arrays of the table and of the timers, which the end of flows leaves
 * too long, and then the heap's pages. The collection that it takes stops the loop for some
 * milliseconds, so it happens only when it is worth it, for many flows, and once they have stayed
 * away for a while. Loop thread only.
 */
final class Reclaiming {
    /** So many flows less than there were are worth a collection: a megabyte and more. */
    static final int WORTH_FLOWS = 4096;
    /** So long they must have stayed away. */
    static final long QUIET_NS = 5_000_000_000L;

    private static final long NOT_DUE = Long.MAX_VALUE;

    private final FlowTable table;
    private final TimingWheel wheel;
    private final Runnable collection;
    /** The most flows at once since memory was given back, or since many had ended. */
    private int most;
    private long dueNs = NOT_DUE;

    /** @param collection has the JVM collect garbage and give back what is free of its heap */
    Reclaiming(FlowTable table, TimingWheel wheel, Runnable collection) {
        this.table = table;
        this.wheel = wheel;
        this.collection = collection;
    }

    /**
     * Looks at how many flows there are, at the end of every round.
     *
     * @return when to look again, at the latest; {@link Long#MAX_VALUE} if not for this
     */
    long run(long nowNs) {
        int active = table.activeCount();
        if (active > most - WORTH_FLOWS) {
            most = Math.max(most, active);
            dueNs = NOT_DUE;
        } else if (dueNs == NOT_DUE) {
            dueNs = nowNs + QUIET_NS;
        } else if (nowNs >= dueNs) {
            reclaim(active);
        }
        return dueNs;
    }

    private void reclaim(int active) {
        most = active;
        dueNs = NOT_DUE;
        table.trim();
        wheel.trim();
        collection.run();
    }
}
