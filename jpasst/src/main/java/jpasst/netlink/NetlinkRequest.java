// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jpasst.addr.IpAddress;

/**
 * A request under construction. {@link #begin} starts over, headers and attributes are appended in
 * the order of the calls, {@link #finish} fills the length in. Numbers are in native byte order,
 * addresses in network order.
 *
 * <p>Confined to one thread at a time.
 */
final class NetlinkRequest {
    private static final ValueLayout.OfInt BIG_INT =
            JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG_LONG =
            JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment memory;
    private int length;

    NetlinkRequest(MemorySegment memory) {
        this.memory = memory;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Starts a request; {@code flags} are added to NLM_F_REQUEST. */
    NetlinkRequest begin(int type, int flags) {
        memory.asSlice(0, Rtnetlink.HEADER_LENGTH).fill((byte) 0);
        memory.set(JAVA_SHORT_UNALIGNED, Rtnetlink.TYPE, (short) type);
        memory.set(JAVA_SHORT_UNALIGNED, Rtnetlink.FLAGS,
                (short) (flags | Rtnetlink.NLM_F_REQUEST));
        length = Rtnetlink.HEADER_LENGTH;
        return this;
    }

    int flags() {
        return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, Rtnetlink.FLAGS));
    }

    /** Appends {@code struct ifinfomsg} for an interface; 0 as index means any. */
    NetlinkRequest link(int index, int flags, int change) {
        return byteValue(0).byteValue(0).byteValue(0).byteValue(0)
                .intValue(index).intValue(flags).intValue(change);
    }

    /** Appends {@code struct ifaddrmsg}. */
    NetlinkRequest address(int family, int prefixLength, int flags, int scope, int index) {
        return byteValue(family).byteValue(prefixLength).byteValue(flags).byteValue(scope)
                .intValue(index);
    }

    /** Appends {@code struct rtmsg} of the main table, scope universe, for all destinations. */
    NetlinkRequest route(int family, int protocol, int type, int flags) {
        return byteValue(family).byteValue(0).byteValue(0).byteValue(0)
                .byteValue(Rtnetlink.RT_TABLE_MAIN).byteValue(protocol)
                .byteValue(Rtnetlink.RT_SCOPE_UNIVERSE).byteValue(type).intValue(flags);
    }

    private NetlinkRequest byteValue(int value) {
        memory.set(JAVA_BYTE, length, (byte) value);
        length++;
        return this;
    }

    private NetlinkRequest intValue(int value) {
        memory.set(JAVA_INT_UNALIGNED, length, value);
        length += 4;
        return this;
    }

    /** Appends bytes of a received message as they are, and pads them. Returns their offset. */
    int raw(MemorySegment from, int at, int count) {
        int here = length;
        MemorySegment.copy(from, at, memory, length, count);
        length += count;
        pad();
        return here;
    }

    /** Appends the attribute under a cursor as it is. Returns the offset of the value. */
    int copy(Attributes attribute) {
        int whole = attribute.length() + 4;
        return raw(attribute.memory(), attribute.at() - 4, whole) + 4;
    }

    /** Appends a number as an attribute. */
    NetlinkRequest attribute(int type, int value) {
        return preamble(type, 4).intValue(value);
    }

    /** Appends an address as an attribute, in the 4 or 16 bytes of the family. */
    NetlinkRequest attribute(int type, IpAddress address) {
        if (address.isV4()) {
            preamble(type, 4);
            memory.set(BIG_INT, length, address.v4());
            length += 4;
        } else {
            preamble(type, 16);
            memory.set(BIG_LONG, length, address.high());
            memory.set(BIG_LONG, length + 8, address.low());
            length += 16;
        }
        return this;
    }

    /** Appends a MAC address as an attribute. */
    NetlinkRequest macAddress(int type, long mac) {
        preamble(type, 6);
        for (int shift = 40; shift >= 0; shift -= 8) {
            byteValue((int) (mac >>> shift));
        }
        pad();
        return this;
    }

    private NetlinkRequest preamble(int type, int valueLength) {
        memory.set(JAVA_SHORT_UNALIGNED, length, (short) (valueLength + 4));
        memory.set(JAVA_SHORT_UNALIGNED, length + 2, (short) type);
        length += 4;
        return this;
    }

    private void pad() {
        while ((length & 3) != 0) {
            byteValue(0);
        }
    }

    /** Fills in the length and the sequence number, and returns the length. */
    int finish(int sequence) {
        memory.set(JAVA_INT_UNALIGNED, Rtnetlink.LENGTH, length);
        memory.set(JAVA_INT_UNALIGNED, Rtnetlink.SEQUENCE, sequence);
        return length;
    }
}
