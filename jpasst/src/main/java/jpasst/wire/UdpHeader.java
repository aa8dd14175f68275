// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/** A UDP header (RFC 768), seen in place inside a frame. */
public final class UdpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;
    /** Distance of the checksum field from the header's first byte. */
    public static final int CHECKSUM_OFFSET = 6;

    static final int DATAGRAM_LENGTH = 4;
    static final int CHECKSUM = CHECKSUM_OFFSET;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public UdpHeader wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /**
     * Whether the bytes available from here hold the header, and its length field covers the
     * header and not more than is available.
     */
    public boolean isValid(int available) {
        return available >= LENGTH && length() >= LENGTH && length() <= available;
    }

    /** Writes a whole header with checksum 0. */
    public UdpHeader write(int sourcePort, int destinationPort, int length) {
        BigEndian.putU32(frame, at + SOURCE_PORT, sourcePort << 16 | destinationPort & 0xffff);
        BigEndian.putU32(frame, at + DATAGRAM_LENGTH, length << 16);
        return this;
    }

    /** Port of the sender. */
    public int sourcePort() {
        return BigEndian.u16(frame, at + SOURCE_PORT);
    }

    /** Sets {@link #sourcePort()}. */
    public UdpHeader sourcePort(int sourcePort) {
        BigEndian.putU16(frame, at + SOURCE_PORT, sourcePort);
        return this;
    }

    /** Port of the receiver. */
    public int destinationPort() {
        return BigEndian.u16(frame, at + DESTINATION_PORT);
    }

    /** Sets {@link #destinationPort()}. */
    public UdpHeader destinationPort(int destinationPort) {
        BigEndian.putU16(frame, at + DESTINATION_PORT, destinationPort);
        return this;
    }

    /** Bytes of header and data. */
    public int length() {
        return BigEndian.u16(frame, at + DATAGRAM_LENGTH);
    }

    /** Sets {@link #length()}. */
    public UdpHeader length(int length) {
        BigEndian.putU16(frame, at + DATAGRAM_LENGTH, length);
        return this;
    }

    /** Checksum; 0 over IPv4 means that there is none, over IPv6 it is an error. */
    public int checksum() {
        return BigEndian.u16(frame, at + CHECKSUM);
    }

    /** Sets {@link #checksum()}. */
    public UdpHeader checksum(int checksum) {
        BigEndian.putU16(frame, at + CHECKSUM, checksum);
        return this;
    }
}
