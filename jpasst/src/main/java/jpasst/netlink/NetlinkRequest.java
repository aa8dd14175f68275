// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jpasst.addr.IpAddress;
import jpasst.linux.AddressMessage;
import jpasst.linux.InterfaceMessage;
import jpasst.linux.NeighborMessage;
import jpasst.linux.Netlink;
import jpasst.linux.RouteMessage;
import jpasst.linux.Rtnetlink;

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
    private int type;
    private int flags;
    private int length;

    NetlinkRequest(MemorySegment memory) {
        this.memory = memory;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Starts a request of a type (RTM_*); {@code flags} are added to NLM_F_REQUEST. */
    NetlinkRequest begin(int requestType, int requestFlags) {
        type = requestType;
        flags = requestFlags | Netlink.NLM_F_REQUEST;
        length = Netlink.HEADER_LENGTH;
        return this;
    }

    /** Appends {@code struct ifinfomsg} for an interface; 0 as index means any. */
    NetlinkRequest link(int index, int linkFlags, int change) {
        InterfaceMessage.clear(memory, length);
        InterfaceMessage.index(memory, length, index);
        InterfaceMessage.flags(memory, length, linkFlags);
        InterfaceMessage.change(memory, length, change);
        length += InterfaceMessage.LENGTH;
        return this;
    }

    /** Appends {@code struct ifaddrmsg}; of the flags only the lower 8 bits fit. */
    NetlinkRequest address(int family, int prefixLength, int addressFlags, int scope, int index) {
        AddressMessage.family(memory, length, family);
        AddressMessage.prefixLength(memory, length, prefixLength);
        AddressMessage.flags(memory, length, addressFlags);
        AddressMessage.scope(memory, length, scope);
        AddressMessage.index(memory, length, index);
        length += AddressMessage.LENGTH;
        return this;
    }

    /** Appends {@code struct ndmsg} for a dump of all neighbours of IP. */
    NetlinkRequest neighbors() {
        NeighborMessage.clear(memory, length);
        length += NeighborMessage.LENGTH;
        return this;
    }

    /** Appends {@code struct rtmsg} of the main table, scope universe, for all destinations. */
    NetlinkRequest route(int family, int protocol, int routeType, int routeFlags) {
        RouteMessage.clear(memory, length);
        RouteMessage.family(memory, length, family);
        RouteMessage.table(memory, length, Rtnetlink.RT_TABLE_MAIN);
        RouteMessage.protocol(memory, length, protocol);
        RouteMessage.scope(memory, length, Rtnetlink.RT_SCOPE_UNIVERSE);
        RouteMessage.type(memory, length, routeType);
        RouteMessage.flags(memory, length, routeFlags);
        length += RouteMessage.LENGTH;
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
        int whole = Netlink.ATTRIBUTE_HEADER_LENGTH + attribute.length();
        return raw(attribute.memory(), attribute.start(), whole)
                + Netlink.ATTRIBUTE_HEADER_LENGTH;
    }

    /** Appends a number as an attribute. */
    NetlinkRequest attribute(int attributeType, int value) {
        memory.set(JAVA_INT_UNALIGNED, preamble(attributeType, 4), value);
        return this;
    }

    /** Appends an address as an attribute, in the 4 or 16 bytes of the family. */
    NetlinkRequest attribute(int attributeType, IpAddress address) {
        if (address.isV4()) {
            memory.set(BIG_INT, preamble(attributeType, 4), address.v4());
        } else {
            int at = preamble(attributeType, 16);
            memory.set(BIG_LONG, at, address.high());
            memory.set(BIG_LONG, at + 8, address.low());
        }
        return this;
    }

    /** Appends a MAC address (48 bits, network order) as an attribute. */
    NetlinkRequest macAddress(int attributeType, long mac) {
        int at = preamble(attributeType, 6);
        for (int i = 0; i < 6; i++) {
            memory.set(JAVA_BYTE, at + i, (byte) (mac >>> 40 - 8 * i));
        }
        pad();
        return this;
    }

    /** Appends an attribute's header and room for its value. Returns the offset of the value. */
    private int preamble(int attributeType, int valueLength) {
        Netlink.putAttribute(memory, length, attributeType, valueLength);
        int at = length + Netlink.ATTRIBUTE_HEADER_LENGTH;
        length = at + valueLength;
        return at;
    }

    private void pad() {
        while (length != Netlink.align(length)) {
            memory.set(JAVA_BYTE, length++, (byte) 0);
        }
    }

    /** Writes the message header, and returns the length of the whole. */
    int finish(int sequence) {
        Netlink.putHeader(memory, 0, length, type, flags, sequence);
        return length;
    }
}
