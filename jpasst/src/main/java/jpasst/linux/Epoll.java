// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;

/** epoll(7). Calls return their value or -errno; any thread. */
public final class Epoll {
    public static final int EPOLLIN = 1;
    public static final int EPOLLPRI = 2;
    public static final int EPOLLOUT = 4;
    public static final int EPOLLERR = 8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLEXCLUSIVE = 1 << 28;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int EPOLLET = 1 << 31;

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;

    static final int EPOLL_CLOEXEC = 0x80000;

    private static final long NS_PER_MS = 1_000_000;

    private static final MemorySegment CTL = Native.function("epoll_ctl");
    private static final MemorySegment WAIT = Native.function("epoll_wait");
    private static final boolean PRECISE = isPrecise();

    private Epoll() {
    }

    /** A new epoll instance, close-on-exec: its descriptor. */
    public static int create1() {
        return Native.callInt(Native.function("epoll_create1"), EPOLL_CLOEXEC);
    }

    /**
     * epoll_ctl(2).
     *
     * @param operation EPOLL_CTL_ADD, MOD or DEL (for which events and data do not matter)
     * @param data 64 bits that come back with each event
     */
    public static int ctl(int epoll, int operation, int fd, int events, long data) {
        MemorySegment scratch = Native.scratch();
        EpollEvent.put(scratch, 0, events, data);
        return Native.callInt(CTL, epoll, operation, fd, scratch.address());
    }

    /**
     * Waits for events. Never returns early for want of precision: without epoll_pwait2(2)
     * (Linux 5.11) the time is rounded up to milliseconds.
     *
     * @param events room for {@code max} events, see {@link EpollEvent}
     * @param timeoutNs 0 does not wait, negative or {@link Long#MAX_VALUE} waits for ever
     * @return number of events, 0 if time ran out, -EINTR if a signal handler ran, or -errno
     */
    public static int wait(int epoll, MemorySegment events, int max, long timeoutNs) {
        long array = Native.pointer(events, 0, (long) max * EpollEvent.LENGTH);
        boolean forever = timeoutNs < 0 || timeoutNs == Long.MAX_VALUE;
        if (!PRECISE || forever || timeoutNs == 0) {
            return Native.callInt(WAIT, epoll, array, max, forever ? -1 : roundUpMs(timeoutNs));
        }
        MemorySegment scratch = Native.scratch();
        Timespec.put(scratch, 0, timeoutNs);
        return (int) SystemCall.call(SystemCall.EPOLL_PWAIT2,
                epoll, array, max, scratch.address(), 0);
    }

    /** Whether {@link #wait} keeps nanoseconds. */
    public static boolean precise() {
        return PRECISE;
    }

    static int roundUpMs(long timeoutNs) {
        long ms = timeoutNs / NS_PER_MS + (timeoutNs % NS_PER_MS == 0 ? 0 : 1);
        return (int) Math.min(ms, Integer.MAX_VALUE);
    }

    /** A kernel without the call says ENOSYS, a filter EPERM; else the instance is at fault. */
    private static boolean isPrecise() {
        long rc = SystemCall.call(SystemCall.EPOLL_PWAIT2, -1, Native.scratch().address(), 1, 0, 0);
        return rc == -Errno.EBADF;
    }
}
