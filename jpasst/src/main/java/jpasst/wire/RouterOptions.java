// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

import jpasst.addr.IpAddress;

/**
 * Writes the options of router advertisements, whose form is that of {@link NeighborOptions}. All
 * lifetimes are infinite. Each method returns the bytes it wrote, a multiple of 8.
 */
public final class RouterOptions {
    /** Type: prefix of the link (RFC 4861 section 4.6.2). */
    public static final int PREFIX = 3;
    /** Type: MTU of the link (RFC 4861 section 4.6.4). */
    public static final int MTU = 5;
    /** Type: resolvers (RFC 8106 section 5.1). */
    public static final int RESOLVERS = 25;
    /** Type: domain search list (RFC 8106 section 5.2). */
    public static final int SEARCH = 31;

    /** Bytes of a prefix option. */
    public static final int PREFIX_LENGTH = 32;
    /** Bytes of an MTU option. */
    public static final int MTU_LENGTH = 8;
    /** Bytes of a resolver or search option without content. */
    public static final int LIST_HEADER = 8;

    private static final int UNIT = 8;
    private static final int ADDRESS_LENGTH = 16;
    private static final int INFINITE = -1;
    /** The prefix is on the link, and addresses may be made of it: flags L and A. */
    private static final int ON_LINK_AND_AUTONOMOUS = 0xc0;

    private RouterOptions() {}

    /**
     * Writes a prefix of which addresses may be made (RFC 4862).
     *
     * @param bits the prefix's length
     * @param high address whose first bits are the prefix; the others are ignored by receivers
     */
    public static int putPrefix(MemorySegment frame, long at, int bits, long high, long low) {
        BigEndian.putU32(frame, at,
                head(PREFIX, PREFIX_LENGTH) | bits << 8 | ON_LINK_AND_AUTONOMOUS);
        BigEndian.putU32(frame, at + 4, INFINITE);
        BigEndian.putU32(frame, at + 8, INFINITE);
        BigEndian.putU32(frame, at + 12, 0);
        BigEndian.putU64(frame, at + 16, high);
        BigEndian.putU64(frame, at + 24, low);
        return PREFIX_LENGTH;
    }

    /** Writes the MTU, in bytes. */
    public static int putMtu(MemorySegment frame, long at, int mtu) {
        BigEndian.putU32(frame, at, head(MTU, MTU_LENGTH));
        BigEndian.putU32(frame, at + 4, mtu);
        return MTU_LENGTH;
    }

    /** Writes addresses of resolvers: 1 to 127 of them. */
    public static int putResolvers(MemorySegment frame, long at, List<IpAddress> addresses) {
        int length = LIST_HEADER + addresses.size() * ADDRESS_LENGTH;
        BigEndian.putU32(frame, at, head(RESOLVERS, length));
        BigEndian.putU32(frame, at + 4, INFINITE);
        long next = at + LIST_HEADER;
        for (int i = 0; i < addresses.size(); i++) {
            BigEndian.putU64(frame, next, addresses.get(i).high());
            BigEndian.putU64(frame, next + 8, addresses.get(i).low());
            next += ADDRESS_LENGTH;
        }
        return length;
    }

    /** Writes a search list as {@link SearchList#plain} makes it, 1 to 2032 bytes. */
    public static int putSearch(MemorySegment frame, long at, byte[] names) {
        int length = (LIST_HEADER + names.length + UNIT - 1) / UNIT * UNIT;
        BigEndian.putU32(frame, at, head(SEARCH, length));
        BigEndian.putU32(frame, at + 4, INFINITE);
        // The last unit is zeroed first: the names end within it, and zeros have to follow.
        BigEndian.putU64(frame, at + length - UNIT, 0);
        MemorySegment.copy(names, 0, frame, ValueLayout.JAVA_BYTE, at + LIST_HEADER, names.length);
        return length;
    }

    private static int head(int type, int length) {
        return type << 24 | length / UNIT << 16;
    }
}
