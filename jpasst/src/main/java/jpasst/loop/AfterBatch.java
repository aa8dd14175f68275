// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/** Work that follows the events of a round: flushing, timers, deferred ends of flows. */
public interface AfterBatch {
    /**
     * Does that work.
     *
     * @param nowNs the reading the round's handlers saw
     * @return when the loop must come back at the latest (CLOCK_MONOTONIC), or
     *         {@link Long#MAX_VALUE} if only events need it
     */
    long run(long nowNs);
}
