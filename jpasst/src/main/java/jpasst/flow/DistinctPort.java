// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * Chooses the port under which a flow's target sees its initiator: the one it has, unless the
 * target could not tell this flow from another. That happens where several addresses look like
 * one to it, or several ports of ours lead to one of its. Its answers would go to either.
 */
public final class DistinctPort {
    private static final int FIRST_FREE_CHOICE = 1024;
    private static final int FREE_CHOICES = 65536 - FIRST_FREE_CHOICE;
    private static final int MAX_PORTS_TRIED = 32;
    // Of a linear congruential generator (Knuth): ports need to differ, not to be secret.
    private static final int MULTIPLIER = 1_664_525;
    private static final int INCREMENT = 1_013_904_223;

    private DistinctPort() {}

    /**
     * Changes our port of side 1, which must not be hashed yet, if it has to be.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     * @return false if no port was found
     */
    public static boolean choose(FlowTable table, Typed typed, long nowNs) {
        Flow flow = typed.flow();
        FlowSide side = flow.side(1);
        int random = (int) (nowNs >>> 5) ^ side.ourPort();
        for (int tries = 0; tries < MAX_PORTS_TRIED; tries++) {
            if (!isTaken(table, flow)) {
                return true;
            }
            random = random * MULTIPLIER + INCREMENT;
            int port = FIRST_FREE_CHOICE + (random >>> 8) % FREE_CHOICES;
            typed.refineOur(side.ourHigh(), side.ourLow(), port);
        }
        return false;
    }

    /** Whether side 1 of a flow that is not hashed yet looks like a side of another flow. */
    public static boolean isTaken(FlowTable table, Flow flow) {
        return Sidx.isValid(table.lookup(flow.type().protocol(), flow.pif(1), flow.side(1)));
    }
}
