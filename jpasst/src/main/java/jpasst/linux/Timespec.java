// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct timespec}: seconds and nanoseconds, 64 bits each. */
final class Timespec {
    static final int LENGTH = 16;
    static final int SECONDS = 0;
    static final int NANOSECONDS = 8;

    private static final long NS_PER_S = 1_000_000_000L;

    private Timespec() {
    }

    static void put(MemorySegment memory, long at, long durationNs) {
        memory.set(ValueLayout.JAVA_LONG, at + SECONDS, durationNs / NS_PER_S);
        memory.set(ValueLayout.JAVA_LONG, at + NANOSECONDS, durationNs % NS_PER_S);
    }
}
