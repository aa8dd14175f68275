// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads and writes numbers in network byte order at any alignment. Every position is a byte offset
 * into the segment and is checked against its bounds, nothing else is; no method allocates.
 */
public final class BigEndian {
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** One byte, 0 to 255. */
    public static int u8(MemorySegment memory, long at) {
        return memory.get(U8, at) & 0xff;
    }

    /** Two bytes, 0 to 65535. */
    public static int u16(MemorySegment memory, long at) {
        return memory.get(U16, at) & 0xffff;
    }

    /** Four bytes, as the int with these bits. */
    public static int u32(MemorySegment memory, long at) {
        return memory.get(U32, at);
    }

    /** Six bytes, 0 to 2^48 - 1: a MAC address. */
    public static long u48(MemorySegment memory, long at) {
        return (long) u16(memory, at) << 32 | u32(memory, at + 2) & 0xffff_ffffL;
    }

    /** Eight bytes, as the long with these bits. */
    public static long u64(MemorySegment memory, long at) {
        return memory.get(U64, at);
    }

    /** Writes the low byte of the value. */
    public static void putU8(MemorySegment memory, long at, int value) {
        memory.set(U8, at, (byte) value);
    }

    /** Writes the low two bytes of the value. */
    public static void putU16(MemorySegment memory, long at, int value) {
        memory.set(U16, at, (short) value);
    }

    /** Writes four bytes. */
    public static void putU32(MemorySegment memory, long at, int value) {
        memory.set(U32, at, value);
    }

    /** Writes the low six bytes of the value: a MAC address. */
    public static void putU48(MemorySegment memory, long at, long value) {
        putU16(memory, at, (int) (value >>> 32));
        putU32(memory, at + 2, (int) value);
    }

    /** Writes eight bytes. */
    public static void putU64(MemorySegment memory, long at, long value) {
        memory.set(U64, at, value);
    }
}
