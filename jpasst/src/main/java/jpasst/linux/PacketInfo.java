// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * {@code struct in_pktinfo} (ip(7)) and {@code in6_pktinfo} (RFC 3542 6.1): the data of
 * IP_PKTINFO and IPV6_PKTINFO control messages. It tells which address a datagram was sent to,
 * or asks for one to send from. Addresses are two longs, IPv4 mapped.
 */
public final class PacketInfo {
    public static final int V4_LENGTH = 12;
    public static final int V6_LENGTH = 20;

    static final int V4_INDEX = 0;
    static final int V4_SOURCE = 4;
    static final int V4_ADDRESS = 8;
    static final int V6_ADDRESS = 0;
    static final int V6_INDEX = 16;

    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private PacketInfo() {
    }

    /** Low half of the address an IPv4 datagram was sent to (ipi_addr), mapped; the high is 0. */
    public static long v4Low(MemorySegment memory, long at) {
        return 0xffff_0000_0000L | memory.get(U32, at + V4_ADDRESS) & 0xffff_ffffL;
    }

    /** Index of the interface an IPv4 datagram came by. */
    public static int v4Index(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + V4_INDEX);
    }

    /** Asks to send from an IPv4 address (ipi_spec_dst), given by its mapped low half. */
    public static void putV4(MemorySegment memory, long at, long low, int index) {
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + V4_INDEX, index);
        memory.set(U32, at + V4_SOURCE, (int) low);
        memory.set(U32, at + V4_ADDRESS, 0);
    }

    /** High half of the address an IPv6 datagram was sent to. */
    public static long v6High(MemorySegment memory, long at) {
        return memory.get(U64, at + V6_ADDRESS);
    }

    /** Low half of the address an IPv6 datagram was sent to. */
    public static long v6Low(MemorySegment memory, long at) {
        return memory.get(U64, at + V6_ADDRESS + 8);
    }

    /** Index of the interface an IPv6 datagram came by. */
    public static int v6Index(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + V6_INDEX);
    }

    /** Asks to send from an IPv6 address; mapped ones are fine on dual-stack sockets. */
    public static void putV6(MemorySegment memory, long at, long high, long low, int index) {
        memory.set(U64, at + V6_ADDRESS, high);
        memory.set(U64, at + V6_ADDRESS + 8, low);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + V6_INDEX, index);
    }
}
