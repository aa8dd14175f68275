// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Descriptors that wake a loop: timerfd_create(2) and eventfd(2). Value or -errno. */
public final class Timers {
    static final int TFD_NONBLOCK = 0x800;
    static final int TFD_CLOEXEC = 0x80000;
    static final int EFD_NONBLOCK = 0x800;
    static final int EFD_CLOEXEC = 0x80000;
    /** {@code struct itimerspec}: interval, then first expiry; both a timespec. */
    static final int ITIMERSPEC_LENGTH = 32;
    static final int ITIMERSPEC_VALUE = 16;

    private Timers() {
    }

    /** A timer on CLOCK_MONOTONIC, not blocking, close-on-exec: its descriptor. */
    public static int create() {
        return Native.callInt(Native.function("timerfd_create"), Clock.CLOCK_MONOTONIC,
                TFD_NONBLOCK | TFD_CLOEXEC);
    }

    /**
     * Sets a timer.
     *
     * @param firstNs from now; 0 stops it
     * @param intervalNs between later expiries; 0 for one only
     */
    public static int set(int fd, long firstNs, long intervalNs) {
        MemorySegment scratch = Native.scratch();
        Timespec.put(scratch, 0, intervalNs);
        Timespec.put(scratch, ITIMERSPEC_VALUE, firstNs);
        return Native.callInt(Native.function("timerfd_settime"), fd, 0, scratch.address(), 0);
    }

    /** An event counter at 0, not blocking, close-on-exec: its descriptor. */
    public static int eventfd() {
        return Native.callInt(Native.function("eventfd"), 0, EFD_NONBLOCK | EFD_CLOEXEC);
    }

    /** Adds one to an event counter, which wakes who waits for it; from any thread. */
    public static int signal(int eventfd) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_LONG, 0, 1);
        return (int) Files.write(eventfd, scratch, 0, 8);
    }

    /** Reads and resets a timer's count of expiries or an event counter: count or -errno. */
    public static long drain(int fd) {
        MemorySegment scratch = Native.scratch();
        long rc = Files.read(fd, scratch, 0, 8);
        return rc < 0 ? rc : scratch.get(ValueLayout.JAVA_LONG, 0);
    }
}
