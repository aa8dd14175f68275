// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct ifinfomsg}: what an RTM_*LINK message begins with (rtnetlink(7)). */
public final class InterfaceMessage {
    public static final int LENGTH = 16;

    static final int FAMILY = 0;
    static final int TYPE = 2;
    static final int INDEX = 4;
    static final int FLAGS = 8;
    static final int CHANGE = 12;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private InterfaceMessage() {
    }

    /** Zeroes all fields. */
    public static void clear(MemorySegment memory, long at) {
        memory.asSlice(at, LENGTH).fill((byte) 0);
    }

    /** AF_UNSPEC or AF_INET6. */
    public static int family(MemorySegment memory, long at) {
        return memory.get(U8, at + FAMILY) & 0xff;
    }

    /** Sets {@link #family(MemorySegment, long)}. */
    public static void family(MemorySegment memory, long at, int value) {
        memory.set(U8, at + FAMILY, (byte) value);
    }

    /** ARPHRD_*, set by the kernel. */
    public static int type(MemorySegment memory, long at) {
        return memory.get(U16, at + TYPE) & 0xffff;
    }

    /** Sets {@link #type(MemorySegment, long)}. */
    public static void type(MemorySegment memory, long at, int value) {
        memory.set(U16, at + TYPE, (short) value);
    }

    /** Index of the interface. */
    public static int index(MemorySegment memory, long at) {
        return memory.get(U32, at + INDEX);
    }

    /** Sets {@link #index(MemorySegment, long)}. */
    public static void index(MemorySegment memory, long at, int value) {
        memory.set(U32, at + INDEX, value);
    }

    /** IFF_*, see {@link Interface}. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U32, at + FLAGS);
    }

    /** Sets {@link #flags(MemorySegment, long)}. */
    public static void flags(MemorySegment memory, long at, int value) {
        memory.set(U32, at + FLAGS, value);
    }

    /** Mask of the flags to be changed. */
    public static int change(MemorySegment memory, long at) {
        return memory.get(U32, at + CHANGE);
    }

    /** Sets {@link #change(MemorySegment, long)}. */
    public static void change(MemorySegment memory, long at, int value) {
        memory.set(U32, at + CHANGE, value);
    }
}
