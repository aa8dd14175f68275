// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * A neighbor solicitation (RFC 4861 section 4.3), seen in place inside a frame, starting with the
 * ICMPv6 header. That the hop limit is 255 (section 7.1.1) is checked on the IP header.
 */
public final class NeighborSolicitation {
    /** Bytes, without options. */
    public static final int LENGTH = 24;

    private static final int TARGET = 8;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public NeighborSolicitation wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the message and well-formed options. */
    public boolean isValid(int available) {
        return available >= LENGTH
                && NeighborOptions.areValid(frame, at + LENGTH, available - LENGTH);
    }

    /** Writes the ICMPv6 header and zeroes the reserved field; the checksum becomes 0. */
    public NeighborSolicitation write() {
        BigEndian.putU64(frame, at, (long) IcmpHeader.V6_NEIGHBOR_SOLICITATION << 56);
        return this;
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
    public NeighborSolicitation target(long high, long low) {
        BigEndian.putU64(frame, at + TARGET, high);
        BigEndian.putU64(frame, at + TARGET + 8, low);
        return this;
    }
}
