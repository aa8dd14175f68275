// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.loop.EventLoop;

/**
 * How often something may be done in one round of the loop, so that others have their turn before
 * it is done again.
 */
final class RoundBudget {
    private final EventLoop loop;
    private final int most;
    private int left;
    private long round = -1;

    RoundBudget(EventLoop loop, int most) {
        this.loop = loop;
        this.most = most;
    }

    /** Whether it may be done once more in this round. */
    boolean isLeft() {
        if (round != loop.rounds()) {
            round = loop.rounds();
            left = most;
        }
        return left > 0;
    }

    /** Counts once; to be called after {@link #isLeft} said yes. */
    void take() {
        left--;
    }
}
