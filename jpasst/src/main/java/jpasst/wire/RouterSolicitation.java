// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * A router solicitation (RFC 4861 section 4.1), seen in place inside a frame, starting with the
 * ICMPv6 header. There is nothing in it but options.
 */
public final class RouterSolicitation {
    /** Bytes, without options. */
    public static final int LENGTH = 8;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public RouterSolicitation wrap(MemorySegment frame, long at) {
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
    public RouterSolicitation write() {
        BigEndian.putU64(frame, at, (long) IcmpHeader.V6_ROUTER_SOLICITATION << 56);
        return this;
    }
}
