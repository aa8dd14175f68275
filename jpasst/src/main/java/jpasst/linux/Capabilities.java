// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The capability sets of a thread (capabilities(7)), bit n for capability n. Each thread has its
 * own; a process started by a thread inherits that thread's.
 */
public record Capabilities(long effective, long permitted, long inheritable) {
    public static final int CAP_KILL = 5;
    public static final int CAP_SETGID = 6;
    public static final int CAP_SETUID = 7;
    public static final int CAP_SETPCAP = 8;
    public static final int CAP_NET_BIND_SERVICE = 10;
    public static final int CAP_NET_ADMIN = 12;
    public static final int CAP_NET_RAW = 13;
    public static final int CAP_SYS_CHROOT = 18;
    public static final int CAP_SYS_PTRACE = 19;
    public static final int CAP_SYS_ADMIN = 21;

    /** _LINUX_CAPABILITY_VERSION_3: two words of 32 bits per set. */
    static final int VERSION = 0x20080522;
    static final int HEADER_LENGTH = 8;
    static final int DATA_LENGTH = 12;

    /** capget(2) of the calling thread. */
    public static Capabilities ofThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena);
            MemorySegment data = arena.allocate(2 * DATA_LENGTH, 4);
            Errno.check("capget", Native.callInt(Native.function("capget"),
                    header.address(), data.address()));
            return new Capabilities(get(data, 0), get(data, 4), get(data, 8));
        }
    }

    /** capset(2) of the calling thread: 0 or -errno. */
    public int apply() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = header(arena);
            MemorySegment data = arena.allocate(2 * DATA_LENGTH, 4);
            set(data, 0, effective);
            set(data, 4, permitted);
            set(data, 8, inheritable);
            return Native.callInt(Native.function("capset"), header.address(), data.address());
        }
    }

    /** Adds a capability to, or removes it from, the ambient set of the calling thread. */
    public static int ambient(int capability, boolean on) {
        return Processes.prctl(Processes.PR_CAP_AMBIENT, on ? Processes.PR_CAP_AMBIENT_RAISE
                : Processes.PR_CAP_AMBIENT_LOWER, capability, 0, 0);
    }

    /** Empties the ambient set of the calling thread. */
    public static int clearAmbient() {
        return Processes.prctl(Processes.PR_CAP_AMBIENT, Processes.PR_CAP_AMBIENT_CLEAR_ALL,
                0, 0, 0);
    }

    /** Whether the capability is effective. */
    public boolean has(int capability) {
        return (effective & 1L << capability) != 0;
    }

    private static MemorySegment header(Arena arena) {
        MemorySegment header = arena.allocate(HEADER_LENGTH, 4);
        header.set(ValueLayout.JAVA_INT, 0, VERSION);
        return header;
    }

    private static long get(MemorySegment data, int at) {
        return data.get(ValueLayout.JAVA_INT, at) & 0xffff_ffffL
                | (long) data.get(ValueLayout.JAVA_INT, at + DATA_LENGTH) << 32;
    }

    private static void set(MemorySegment data, int at, long bits) {
        data.set(ValueLayout.JAVA_INT, at, (int) bits);
        data.set(ValueLayout.JAVA_INT, at + DATA_LENGTH, (int) (bits >>> 32));
    }
}
