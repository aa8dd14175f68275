// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import java.util.ArrayDeque;
import jpasst.flow.Flow;

/**
 * The connections that have more to move than one turn allows, and whose turn it is. Loop thread
 * only.
 *
 * <p>One of them has a turn in each round, so that whoever else has something to move waits for
 * no more than that. The same one goes on for some rounds: the longer a receive queue is read
 * without a break, the fewer updates of the window its sender gets, and each of these sends what
 * that one holds back, in our time (docs/design/splice.md).
 */
final class Turns {
    /** So many turns one has before the next, if few are waiting. */
    static final int LONGEST = 16;
    /** In so many turns everyone had some, if not more than that are waiting. */
    static final int CYCLE = 128;

    private final ArrayDeque<Flow> waiting = new ArrayDeque<>();
    private int taken;

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Lets a connection wait, which does not yet. */
    void add(Flow flow) {
        waiting.addLast(flow);
    }

    /** Whose turn it is, or null. */
    Flow next() {
        return waiting.peekFirst();
    }

    /** Whoever's turn it was had it, and wants another. */
    void wantsMore() {
        if (++taken < Math.min(LONGEST, CYCLE / waiting.size())) return;
        waiting.addLast(waiting.pollFirst());
        taken = 0;
    }

    /** Takes out one that waits: it has no more, or has come to its end. */
    void remove(Flow flow) {
        if (waiting.peekFirst() == flow) {
            waiting.pollFirst();
            taken = 0;
        } else {
            waiting.remove(flow);
        }
    }
}
