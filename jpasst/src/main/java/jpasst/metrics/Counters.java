// SPDX-License-Identifier: Apache-2.0

package jpasst.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/** One value per {@link Counter}: written by a single thread, readable by all. */
public final class Counters {
    private static final int COUNT = Counter.values().length;

    private final AtomicLongArray values = new AtomicLongArray(COUNT);

    /** Adds one. Loop thread only. */
    public void increment(Counter counter) {
        add(counter, 1);
    }

    /** Adds an amount that is not negative. Loop thread only. */
    public void add(Counter counter, long amount) {
        int i = counter.ordinal();
        // There is one writer, so a read and an opaque write suffice: no locked instruction.
        values.setOpaque(i, values.getPlain(i) + amount);
    }

    /** The value so far, of any thread. */
    public long get(Counter counter) {
        return values.getOpaque(counter.ordinal());
    }
}
