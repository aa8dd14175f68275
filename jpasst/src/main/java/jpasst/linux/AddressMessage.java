// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct ifaddrmsg}: what an RTM_*ADDR message begins with (rtnetlink(7)). */
public final class AddressMessage {
    public static final int LENGTH = 8;

    static final int FAMILY = 0;
    static final int PREFIX_LENGTH = 1;
    static final int FLAGS = 2;
    static final int SCOPE = 3;
    static final int INDEX = 4;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private AddressMessage() {
    }

    /** Zeroes all fields. */
    public static void clear(MemorySegment memory, long at) {
        memory.asSlice(at, LENGTH).fill((byte) 0);
    }

    /** AF_INET or AF_INET6. */
    public static int family(MemorySegment memory, long at) {
        return memory.get(U8, at + FAMILY) & 0xff;
    }

    /** Sets {@link #family(MemorySegment, long)}. */
    public static void family(MemorySegment memory, long at, int value) {
        memory.set(U8, at + FAMILY, (byte) value);
    }

    /** Length of the prefix in bits. */
    public static int prefixLength(MemorySegment memory, long at) {
        return memory.get(U8, at + PREFIX_LENGTH) & 0xff;
    }

    /** Sets {@link #prefixLength(MemorySegment, long)}. */
    public static void prefixLength(MemorySegment memory, long at, int value) {
        memory.set(U8, at + PREFIX_LENGTH, (byte) value);
    }

    /** Low 8 bits of IFA_F_*; the attribute IFA_FLAGS has all. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U8, at + FLAGS) & 0xff;
    }

    /** Sets {@link #flags(MemorySegment, long)}. */
    public static void flags(MemorySegment memory, long at, int value) {
        memory.set(U8, at + FLAGS, (byte) value);
    }

    /** RT_SCOPE_*. */
    public static int scope(MemorySegment memory, long at) {
        return memory.get(U8, at + SCOPE) & 0xff;
    }

    /** Sets {@link #scope(MemorySegment, long)}. */
    public static void scope(MemorySegment memory, long at, int value) {
        memory.set(U8, at + SCOPE, (byte) value);
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
