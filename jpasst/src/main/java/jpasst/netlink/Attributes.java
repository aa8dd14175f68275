// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jpasst.addr.IpAddress;
import jpasst.linux.Netlink;

/**
 * A cursor over a row of attributes ({@code struct rtattr}: length u16, type u16, value, padding
 * to 4 bytes; native byte order). Stops at the first one that does not fit its surroundings.
 *
 * <p>Values are offsets into {@link #memory}, so that they can be copied as they are.
 */
final class Attributes {
    private static final int PREAMBLE = Netlink.ATTRIBUTE_HEADER_LENGTH;
    private static final ValueLayout.OfInt BIG_INT =
            JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG_LONG =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment memory;
    private final int end;
    private int next;
    private int at;
    private int length;

    /**
     * @param from offset of the first attribute
     * @param end offset behind the last one
     */
    Attributes(MemorySegment memory, int from, int end) {
        this.memory = memory;
        this.next = from;
        this.end = end;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Steps to the next attribute, or says that there is none. */
    boolean next() {
        if (end - next < PREAMBLE) {
            return false;
        }
        int whole = Netlink.attributeLength(memory, next);
        if (whole < PREAMBLE || whole > end - next) {
            return false;
        }
        at = next + PREAMBLE;
        length = whole - PREAMBLE;
        next += Netlink.align(whole);
        return true;
    }

    /** Steps forward to the next attribute of a type, or to the end. */
    boolean find(int type) {
        while (next()) {
            if (type() == type) {
                return true;
            }
        }
        return false;
    }

    /** The type without the bits that describe the encoding. */
    int type() {
        return Netlink.attributeType(memory, at - PREAMBLE);
    }

    /** Offset of the attribute with its header. */
    int start() {
        return at - PREAMBLE;
    }

    /** Offset of the value. */
    int at() {
        return at;
    }

    /** Bytes of the value, without padding. */
    int length() {
        return length;
    }

    /** The value as a 32-bit number in native order; 0 if it is shorter. */
    int number() {
        return length < 4 ? 0 : memory.get(JAVA_INT_UNALIGNED, at);
    }

    /** The value as text up to its first NUL. */
    String text() {
        int used = 0;
        while (used < length && memory.get(JAVA_BYTE, at + used) != 0) {
            used++;
        }
        byte[] bytes = new byte[used];
        MemorySegment.copy(memory, at, MemorySegment.ofArray(bytes), 0, used);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The value as an address: of 4 or 16 bytes; {@code null} if it has another length. */
    IpAddress address() {
        return address(memory, at, length);
    }

    /** The address in {@code length} bytes at an offset; {@code null} unless 4 or 16. */
    static IpAddress address(MemorySegment memory, int at, int length) {
        return switch (length) {
            case 4 -> IpAddress.ofV4(memory.get(BIG_INT, at));
            case 16 -> new IpAddress(memory.get(BIG_LONG, at), memory.get(BIG_LONG, at + 8));
            default -> null;
        };
    }

    /** The value as a MAC address (48 bits, network order); 0 if it has another length. */
    long macAddress() {
        if (length != 6) {
            return 0;
        }
        long bits = 0;
        for (int i = 0; i < 6; i++) {
            bits = bits << 8 | memory.get(JAVA_BYTE, at + i) & 0xff;
        }
        return bits;
    }
}
