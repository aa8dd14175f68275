// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct rtmsg}: what an RTM_*ROUTE message begins with (rtnetlink(7)). */
public final class RouteMessage {
    public static final int LENGTH = 12;

    static final int FAMILY = 0;
    static final int DESTINATION_LENGTH = 1;
    static final int SOURCE_LENGTH = 2;
    static final int TYPE_OF_SERVICE = 3;
    static final int TABLE = 4;
    static final int PROTOCOL = 5;
    static final int SCOPE = 6;
    static final int TYPE = 7;
    static final int FLAGS = 8;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private RouteMessage() {
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

    /** Bits of the destination's prefix; 0 is the default route. */
    public static int destinationLength(MemorySegment memory, long at) {
        return memory.get(U8, at + DESTINATION_LENGTH) & 0xff;
    }

    /** Sets {@link #destinationLength(MemorySegment, long)}. */
    public static void destinationLength(MemorySegment memory, long at, int value) {
        memory.set(U8, at + DESTINATION_LENGTH, (byte) value);
    }

    /** Bits of the source's prefix. */
    public static int sourceLength(MemorySegment memory, long at) {
        return memory.get(U8, at + SOURCE_LENGTH) & 0xff;
    }

    /** Sets {@link #sourceLength(MemorySegment, long)}. */
    public static void sourceLength(MemorySegment memory, long at, int value) {
        memory.set(U8, at + SOURCE_LENGTH, (byte) value);
    }

    /** Type of service. */
    public static int typeOfService(MemorySegment memory, long at) {
        return memory.get(U8, at + TYPE_OF_SERVICE) & 0xff;
    }

    /** Sets {@link #typeOfService(MemorySegment, long)}. */
    public static void typeOfService(MemorySegment memory, long at, int value) {
        memory.set(U8, at + TYPE_OF_SERVICE, (byte) value);
    }

    /** Low 8 bits of the table; the attribute RTA_TABLE has all. */
    public static int table(MemorySegment memory, long at) {
        return memory.get(U8, at + TABLE) & 0xff;
    }

    /** Sets {@link #table(MemorySegment, long)}. */
    public static void table(MemorySegment memory, long at, int value) {
        memory.set(U8, at + TABLE, (byte) value);
    }

    /** RTPROT_*, who made the route. */
    public static int protocol(MemorySegment memory, long at) {
        return memory.get(U8, at + PROTOCOL) & 0xff;
    }

    /** Sets {@link #protocol(MemorySegment, long)}. */
    public static void protocol(MemorySegment memory, long at, int value) {
        memory.set(U8, at + PROTOCOL, (byte) value);
    }

    /** RT_SCOPE_*. */
    public static int scope(MemorySegment memory, long at) {
        return memory.get(U8, at + SCOPE) & 0xff;
    }

    /** Sets {@link #scope(MemorySegment, long)}. */
    public static void scope(MemorySegment memory, long at, int value) {
        memory.set(U8, at + SCOPE, (byte) value);
    }

    /** RTN_*. */
    public static int type(MemorySegment memory, long at) {
        return memory.get(U8, at + TYPE) & 0xff;
    }

    /** Sets {@link #type(MemorySegment, long)}. */
    public static void type(MemorySegment memory, long at, int value) {
        memory.set(U8, at + TYPE, (byte) value);
    }

    /** RTM_F_* and RTNH_F_*. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U32, at + FLAGS);
    }

    /** Sets {@link #flags(MemorySegment, long)}. */
    public static void flags(MemorySegment memory, long at, int value) {
        memory.set(U32, at + FLAGS, value);
    }
}
