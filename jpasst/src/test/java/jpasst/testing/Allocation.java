// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;

/** Checks that code allocates nothing on the heap once it is warm. */
public final class Allocation {
    private static final int WARM_UP_ROUNDS = 12;
    private static final int QUIET_ROUNDS = 2;

    private Allocation() {
    }

    /**
     * Runs {@code step} {@code times} times a round until rounds without a single byte follow each
     * other. The compiler takes its time, so several rounds may be needed; code that allocates per
     * step never gets there.
     */
    public static void assertNone(int times, Runnable step) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        long bytes = 0;
        int quiet = 0;
        for (int round = 0; round < WARM_UP_ROUNDS && quiet < QUIET_ROUNDS; round++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < times; i++) {
                step.run();
            }
            bytes = threads.getThreadAllocatedBytes(thread) - before - OWN_BYTES;
            quiet = bytes <= 0 ? quiet + 1 : 0;
        }
        assertEquals(QUIET_ROUNDS, quiet, "still " + bytes + " bytes in " + times + " steps");
    }

    /** What asking for the count may itself allocate, far below a byte per step. */
    private static final long OWN_BYTES = 256;
}
