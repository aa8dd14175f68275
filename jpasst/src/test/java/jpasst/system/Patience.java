// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for something to come true, which is looked at every 20 ms. */
final class Patience {
    private static final long PAUSE_MS = 20;

    private Patience() {
    }

    /** Waits until {@code condition}, and says how long that took; fails after {@code limit}. */
    static Duration until(String what, Duration limit, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos())
                throw new AssertionError("not within " + limit + ": " + what);
            pause(PAUSE_MS);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Waits so long: only for what is measured over time. */
    static void pause(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
