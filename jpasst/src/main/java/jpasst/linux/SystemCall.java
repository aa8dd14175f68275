// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;

/**
 * {@code syscall(2)}, for what the C library of 2022 (glibc 2.36) has no function for.
 * Numbers: asm/unistd.h; those above 423 are the same everywhere.
 */
final class SystemCall {
    static final int PIDFD_SEND_SIGNAL = 424;
    static final int OPEN_TREE = 428;
    static final int PIDFD_OPEN = 434;
    static final int CLOSE_RANGE = 436;
    static final int EPOLL_PWAIT2 = 441;
    static final int PIVOT_ROOT = Native.X86_64 ? 155 : 41;
    static final int SECCOMP = Native.X86_64 ? 317 : 277;

    private static final MemorySegment SYSCALL = Native.function("syscall");

    private SystemCall() {
    }

    /** Result or -errno. */
    static long call(int number, long a, long b, long c, long d, long e) {
        return Native.call(SYSCALL, number, a, b, c, d, e);
    }
}
