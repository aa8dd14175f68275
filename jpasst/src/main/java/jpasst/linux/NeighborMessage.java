// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct ndmsg}: what an RTM_*NEIGH message begins with (rtnetlink(7)). */
public final class NeighborMessage {
    public static final int LENGTH = 12;

    static final int FAMILY = 0;
    static final int INDEX = 4;
    static final int STATE = 8;
    static final int FLAGS = 10;
    static final int TYPE = 11;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private NeighborMessage() {
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

    /** Index of the interface. */
    public static int index(MemorySegment memory, long at) {
        return memory.get(U32, at + INDEX);
    }

    /** Sets {@link #index(MemorySegment, long)}. */
    public static void index(MemorySegment memory, long at, int value) {
        memory.set(U32, at + INDEX, value);
    }

    /** NUD_*. */
    public static int state(MemorySegment memory, long at) {
        return memory.get(U16, at + STATE) & 0xffff;
    }

    /** Sets {@link #state(MemorySegment, long)}. */
    public static void state(MemorySegment memory, long at, int value) {
        memory.set(U16, at + STATE, (short) value);
    }

    /** NTF_*. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U8, at + FLAGS) & 0xff;
    }

    /** Sets {@link #flags(MemorySegment, long)}. */
    public static void flags(MemorySegment memory, long at, int value) {
        memory.set(U8, at + FLAGS, (byte) value);
    }

    /** RTN_*. */
    public static int type(MemorySegment memory, long at) {
        return memory.get(U8, at + TYPE) & 0xff;
    }

    /** Sets {@link #type(MemorySegment, long)}. */
    public static void type(MemorySegment memory, long at, int value) {
        memory.set(U8, at + TYPE, (byte) value);
    }
}
