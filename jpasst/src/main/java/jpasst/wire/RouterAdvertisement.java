// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * A router advertisement (RFC 4861 section 4.2), seen in place inside a frame, starting with the
 * ICMPv6 header. {@link RouterOptions} follow.
 */
public final class RouterAdvertisement {
    /** Bytes, without options. */
    public static final int LENGTH = 16;
    /** {@link #flags} bit: addresses are to be had by DHCPv6. */
    public static final int MANAGED = 0x80;
    /** {@link #flags} bit: other things are to be had by DHCPv6. */
    public static final int OTHER = 0x40;
    /** Lifetime in seconds at most (RFC 8319 section 4). */
    public static final int MAXIMUM_LIFETIME = 65535;

    private static final int HOP_LIMIT = 4;
    private static final int FLAGS = 5;
    private static final int LIFETIME = 6;
    private static final int REACHABLE_AND_RETRANSMIT = 8;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the message at this offset from now on. */
    public RouterAdvertisement wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the message and well-formed options. */
    public boolean isValid(int available) {
        return available >= LENGTH
                && NeighborOptions.areValid(frame, at + LENGTH, available - LENGTH);
    }

    /**
     * Writes all but the options; the checksum becomes 0, reachable time and retransmission timer
     * too, which leaves them to the receiver.
     *
     * @param hopLimit for the receiver's own packets
     * @param lifetime seconds for which the sender is a default router
     */
    public RouterAdvertisement write(int hopLimit, int flags, int lifetime) {
        BigEndian.putU32(frame, at, IcmpHeader.V6_ROUTER_ADVERTISEMENT << 24);
        BigEndian.putU8(frame, at + HOP_LIMIT, hopLimit);
        BigEndian.putU8(frame, at + FLAGS, flags);
        BigEndian.putU16(frame, at + LIFETIME, lifetime);
        BigEndian.putU64(frame, at + REACHABLE_AND_RETRANSMIT, 0);
        return this;
    }

    /** The hop limit for the receiver's own packets. */
    public int hopLimit() {
        return BigEndian.u8(frame, at + HOP_LIMIT);
    }

    /** {@link #MANAGED}, {@link #OTHER}. */
    public int flags() {
        return BigEndian.u8(frame, at + FLAGS);
    }

    /** Seconds for which the sender is a default router. */
    public int lifetime() {
        return BigEndian.u16(frame, at + LIFETIME);
    }
}
