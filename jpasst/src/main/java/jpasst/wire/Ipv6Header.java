// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/** An IPv6 header (RFC 8200 section 3), seen in place inside a frame. */
public final class Ipv6Header {
    /** Bytes, without extension headers. */
    public static final int LENGTH = 40;

    private static final int VERSION_CLASS_LABEL = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    private static final int VERSION = 6;
    private static final int FLOW_LABEL_MASK = 0xf_ffff;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public Ipv6Header wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /**
     * Whether the bytes available from here hold a header of version 6 and its payload, which is
     * not longer than what is there.
     */
    public boolean isValid(int available) {
        return available >= LENGTH && version() == VERSION
                && payloadLength() <= available - LENGTH;
    }

    /** Writes all of the header but the addresses: traffic class 0. */
    public Ipv6Header write(int payloadLength, int nextHeader, int hopLimit, int flowLabel) {
        BigEndian.putU32(frame, at + VERSION_CLASS_LABEL,
                VERSION << 28 | flowLabel & FLOW_LABEL_MASK);
        BigEndian.putU32(frame, at + PAYLOAD_LENGTH,
                (payloadLength & 0xffff) << 16 | (nextHeader & 0xff) << 8 | hopLimit & 0xff);
        return this;
    }

    /** IP version: 6, if valid. */
    public int version() {
        return BigEndian.u8(frame, at + VERSION_CLASS_LABEL) >>> 4;
    }

    /** DSCP and ECN (RFC 2474, RFC 3168). */
    public int trafficClass() {
        return BigEndian.u32(frame, at + VERSION_CLASS_LABEL) >>> 20 & 0xff;
    }

    /** Sets {@link #trafficClass()}. */
    public Ipv6Header trafficClass(int trafficClass) {
        int word = BigEndian.u32(frame, at + VERSION_CLASS_LABEL) & ~(0xff << 20);
        BigEndian.putU32(frame, at + VERSION_CLASS_LABEL, word | (trafficClass & 0xff) << 20);
        return this;
    }

    /** 20 bits (RFC 6437). */
    public int flowLabel() {
        return BigEndian.u32(frame, at + VERSION_CLASS_LABEL) & FLOW_LABEL_MASK;
    }

    /** Sets {@link #flowLabel()}. */
    public Ipv6Header flowLabel(int flowLabel) {
        int word = BigEndian.u32(frame, at + VERSION_CLASS_LABEL) & ~FLOW_LABEL_MASK;
        BigEndian.putU32(frame, at + VERSION_CLASS_LABEL, word | flowLabel & FLOW_LABEL_MASK);
        return this;
    }

    /** Bytes behind this header, extension headers included, up to 65535. */
    public int payloadLength() {
        return BigEndian.u16(frame, at + PAYLOAD_LENGTH);
    }

    /** Sets {@link #payloadLength()}. */
    public Ipv6Header payloadLength(int payloadLength) {
        BigEndian.putU16(frame, at + PAYLOAD_LENGTH, payloadLength);
        return this;
    }

    /** What follows this header, one of {@link IpProtocol}. */
    public int nextHeader() {
        return BigEndian.u8(frame, at + NEXT_HEADER);
    }

    /** Sets {@link #nextHeader()}. */
    public Ipv6Header nextHeader(int nextHeader) {
        BigEndian.putU8(frame, at + NEXT_HEADER, nextHeader);
        return this;
    }

    /** Hops left, 0 to 255. */
    public int hopLimit() {
        return BigEndian.u8(frame, at + HOP_LIMIT);
    }

    /** Sets {@link #hopLimit()}. */
    public Ipv6Header hopLimit(int hopLimit) {
        BigEndian.putU8(frame, at + HOP_LIMIT, hopLimit);
        return this;
    }

    /** Bytes 0 to 7 of the sender's address. */
    public long sourceHigh() {
        return BigEndian.u64(frame, at + SOURCE);
    }

    /** Bytes 8 to 15 of the sender's address. */
    public long sourceLow() {
        return BigEndian.u64(frame, at + SOURCE + 8);
    }

    /** Sets the sender's address. */
    public Ipv6Header source(long high, long low) {
        BigEndian.putU64(frame, at + SOURCE, high);
        BigEndian.putU64(frame, at + SOURCE + 8, low);
        return this;
    }

    /** Bytes 0 to 7 of the receiver's address. */
    public long destinationHigh() {
        return BigEndian.u64(frame, at + DESTINATION);
    }

    /** Bytes 8 to 15 of the receiver's address. */
    public long destinationLow() {
        return BigEndian.u64(frame, at + DESTINATION + 8);
    }

    /** Sets the receiver's address. */
    public Ipv6Header destination(long high, long low) {
        BigEndian.putU64(frame, at + DESTINATION, high);
        BigEndian.putU64(frame, at + DESTINATION + 8, low);
        return this;
    }
}
