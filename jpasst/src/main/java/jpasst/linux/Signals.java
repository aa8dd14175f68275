// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Signals (signal(7)); calls return their value, or -errno. */
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGUSR1 = 10;
    public static final int SIGUSR2 = 12;
    public static final int SIGPIPE = 13;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;
    public static final int SIGTTOU = 22;

    public static final int SFD_NONBLOCK = 0x800;
    public static final int SFD_CLOEXEC = 0x80000;
    /** {@code struct signalfd_siginfo}: what a read gives; it begins with the number (u32). */
    public static final int SIGNALFD_INFO_LENGTH = 128;

    static final int SIG_BLOCK = 0;
    static final int SIG_UNBLOCK = 1;
    /** {@code sigset_t}: bit n-1 for signal n. */
    static final int SET_LENGTH = 128;

    private Signals() {
    }

    /** Blocks signals in the calling thread, and in threads it starts later. */
    public static int block(int... signals) {
        return mask(SIG_BLOCK, signals);
    }

    /** signal(2) with SIG_DFL: what an exec alone would not do for an ignored signal. */
    public static int restoreDefault(int signal) {
        long old = Native.call(Native.function("signal"), signal, 0, 0, 0, 0, 0);
        return old < 0 && old > -4096 ? (int) old : 0;
    }

    /** Unblocks signals in the calling thread. */
    public static int unblock(int... signals) {
        return mask(SIG_UNBLOCK, signals);
    }

    /**
     * signalfd(2). A signal sent to the process reaches the descriptor only if it is blocked in
     * every thread, also in those the JVM started before main: so it must have been blocked
     * before the JVM was executed.
     */
    public static int descriptor(int flags, int... signals) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("signalfd"), -1, set(arena, signals), flags);
        }
    }

    /** pthread_sigmask(3) returns the error, not -1 and errno. */
    private static int mask(int how, int[] signals) {
        try (Arena arena = Arena.ofConfined()) {
            return -Native.callInt(Native.function("pthread_sigmask"), how, set(arena, signals));
        }
    }

    private static long set(Arena arena, int[] signals) {
        MemorySegment set = arena.allocate(SET_LENGTH, 8);
        long bits = 0;
        for (int signal : signals) {
            bits |= 1L << signal - 1;
        }
        set.set(ValueLayout.JAVA_LONG, 0, bits);
        return set.address();
    }
}
