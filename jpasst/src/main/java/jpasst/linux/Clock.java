// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The two clocks of the system, in nanoseconds. Any thread. */
public final class Clock {
    /** clockid_t values, time.h. */
    public static final int CLOCK_REALTIME = 0;
    public static final int CLOCK_MONOTONIC = 1;

    private static final long NS_PER_S = 1_000_000_000L;

    private Clock() {
    }

    /**
     * CLOCK_MONOTONIC. The JVM's own reading is that clock on Linux (a test compares them), and
     * calls the vDSO without a transition.
     */
    public static long monotonicNs() {
        return System.nanoTime();
    }

    /** CLOCK_REALTIME: nanoseconds since 1970-01-01 UTC. */
    public static long realtimeNs() {
        return read(CLOCK_REALTIME);
    }

    /** clock_gettime(2); cannot fail for the clocks named here. */
    static long read(int clock) {
        MemorySegment timespec = Native.scratch();
        Errno.check("clock_gettime", Native.callInt(Function.CLOCK_GETTIME, clock,
                timespec.address()));
        return timespec.get(ValueLayout.JAVA_LONG, Timespec.SECONDS) * NS_PER_S
                + timespec.get(ValueLayout.JAVA_LONG, Timespec.NANOSECONDS);
    }

    /** Apart, so that reading the monotonic clock does not start the native linker. */
    private static final class Function {
        static final MemorySegment CLOCK_GETTIME = Native.function("clock_gettime");
    }
}
