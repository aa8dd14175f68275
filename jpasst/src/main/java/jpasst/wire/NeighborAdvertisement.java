// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * A neighbor advertisement (RFC 4861 section 4.4), seen in place inside a frame, starting with the
 * ICMPv6 header.
 */
public final class NeighborAdvertisement {
    /** Bytes, without options. */
    public static final int LENGTH = 24;
    /** {@link #flags} bit: the sender is a router. */
    public static final int ROUTER = 0x8000_0000;
    /** {@link #flags} bit: this answers a solicitation. */
    public static final int SOLICITED = 0x4000_0000;
    /** {@link #flags} bit: override what is cached. */
    public static final int OVERRIDE = 0x2000_0000;

    private static final int FLAGS = 4;
    private static final int FLAGS_MASK = ROUTER | SOLICITED | OVERRIDE;

    private static final int TARGET = 8;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public NeighborAdvertisement wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the message and well-formed options. */
    public boolean isValid(int available) {
        return available >= LENGTH
                && NeighborOptions.areValid(frame, at + LENGTH, available - LENGTH);
    }

    /** Writes the ICMPv6 header and the flags; the checksum becomes 0. */
    public NeighborAdvertisement write(int flags) {
        BigEndian.putU32(frame, at, IcmpHeader.V6_NEIGHBOR_ADVERTISEMENT << 24);
        BigEndian.putU32(frame, at + FLAGS, flags & FLAGS_MASK);
        return this;
    }

    /** {@link #ROUTER}, {@link #SOLICITED}, {@link #OVERRIDE}. */
    public int flags() {
        return BigEndian.u32(frame, at + FLAGS) & FLAGS_MASK;
    }

    /** Bytes 0 to 7 of the address the message is about. */
    public long targetHigh() {
        return BigEndian.u64(frame, at + TARGET);
    }

    /** Bytes 8 to 15 of the address the message is about. */
    public long targetLow() {
        return BigEndian.u64(frame, at + TARGET + 8);
    }

    /** Sets the address the message is about. */
    public NeighborAdvertisement target(long high, long low) {
        BigEndian.putU64(frame, at + TARGET, high);
        BigEndian.putU64(frame, at + TARGET + 8, low);
        return this;
    }
}
