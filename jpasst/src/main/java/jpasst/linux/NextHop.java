// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct rtnexthop}: one hop in an attribute RTA_MULTIPATH, its attributes follow. */
public final class NextHop {
    public static final int LENGTH = 8;

    static final int TOTAL_LENGTH = 0;
    static final int FLAGS = 2;
    static final int HOPS = 3;
    static final int INDEX = 4;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private NextHop() {
    }

    /** Zeroes all fields. */
    public static void clear(MemorySegment memory, long at) {
        memory.asSlice(at, LENGTH).fill((byte) 0);
    }

    /** Length with attributes, without padding. */
    public static int length(MemorySegment memory, long at) {
        return memory.get(U16, at + TOTAL_LENGTH) & 0xffff;
    }

    /** Sets {@link #length(MemorySegment, long)}. */
    public static void length(MemorySegment memory, long at, int value) {
        memory.set(U16, at + TOTAL_LENGTH, (short) value);
    }

    /** RTNH_F_*. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U8, at + FLAGS) & 0xff;
    }

    /** Sets {@link #flags(MemorySegment, long)}. */
    public static void flags(MemorySegment memory, long at, int value) {
        memory.set(U8, at + FLAGS, (byte) value);
    }

    /** Weight, less one. */
    public static int hops(MemorySegment memory, long at) {
        return memory.get(U8, at + HOPS) & 0xff;
    }

    /** Sets {@link #hops(MemorySegment, long)}. */
    public static void hops(MemorySegment memory, long at, int value) {
        memory.set(U8, at + HOPS, (byte) value);
    }

    /** Index of the interface. */
    public static int index(MemorySegment memory, long at) {
        return memory.get(U32, at + INDEX);
    }

    /** Sets {@link #index(MemorySegment, long)}. */
    public static void index(MemorySegment memory, long at, int value) {
        memory.set(U32, at + INDEX, value);
    }
}
