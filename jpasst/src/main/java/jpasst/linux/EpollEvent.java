// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct epoll_event}: u32 events, u64 data; packed to 12 bytes on x86-64 only, 16 bytes
 * elsewhere. Accessors take an array of them and an index.
 */
public final class EpollEvent {
    /** Bytes of one event. */
    public static final int LENGTH = Native.X86_64 ? 12 : 16;

    static final int EVENTS = 0;
    static final int DATA = Native.X86_64 ? 4 : 8;

    private EpollEvent() {
    }

    /** Memory for {@code count} events. */
    public static MemorySegment allocate(Arena arena, int count) {
        return arena.allocate((long) count * LENGTH, 8);
    }

    /** The events mask, {@link Epoll#EPOLLIN} and so on. */
    public static int events(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_INT_UNALIGNED, (long) index * LENGTH + EVENTS);
    }

    /** The 64 bits given to {@link Epoll#ctl}. */
    public static long data(MemorySegment array, int index) {
        return array.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) index * LENGTH + DATA);
    }

    /** Sets {@link #data(MemorySegment, int)}. */
    public static void data(MemorySegment array, int index, long data) {
        array.set(ValueLayout.JAVA_LONG_UNALIGNED, (long) index * LENGTH + DATA, data);
    }

    static void put(MemorySegment memory, long at, int events, long data) {
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + EVENTS, events);
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at + DATA, data);
    }
}
