// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/** An IPv4 header (RFC 791), seen in place inside a frame. Addresses are 32 bits in an int. */
public final class Ipv4Header {
    /** Bytes, without options. */
    public static final int LENGTH = 20;
    /** {@link #flags} bit: don't fragment. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** {@link #flags} bit: more fragments follow. */
    public static final int MORE_FRAGMENTS = 0x2000;

    private static final int VERSION_AND_LENGTH = 0;
    private static final int TYPE_OF_SERVICE = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FLAGS_AND_OFFSET = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int HEADER_CHECKSUM = 10;
    private static final int SOURCE_ADDRESS = 12;
    private static final int DESTINATION_ADDRESS = 16;

    private static final int VERSION = 4;
    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;
    private static final int FLAGS_MASK = 0xe000;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public Ipv4Header wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /**
     * Whether the bytes available from here hold a header of version 4 with its options, and the
     * total length covers the header and not more than is available. The checksum is not looked
     * at, see {@link #verifyHeaderChecksum}.
     */
    public boolean isValid(int available) {
        return available >= LENGTH && version() == VERSION
                && headerLength() >= LENGTH && headerLength() <= totalLength()
                && totalLength() <= available;
    }

    /** Whether the header checksum fits the header. Only after {@link #isValid}. */
    public boolean verifyHeaderChecksum() {
        return headerSum() == Checksum.VALID;
    }

    /** Without options, as nearly always, five words are added sooner than a loop begins. */
    private int headerSum() {
        if (headerLength() != LENGTH) return Checksum.sum(frame, at, headerLength(), 0);
        return Checksum.ofWords(BigEndian.u64(frame, at), BigEndian.u64(frame, at + 8),
                BigEndian.u32(frame, at + 16));
    }

    /** Writes a whole header without options: no fragment, don't fragment, id 0, checksum 0. */
    public Ipv4Header write(int totalLength, int timeToLive, int protocol, int source,
            int destination) {
        BigEndian.putU32(frame, at + VERSION_AND_LENGTH,
                VERSION << 28 | LENGTH / 4 << 24 | totalLength & 0xffff);
        BigEndian.putU32(frame, at + IDENTIFICATION, DONT_FRAGMENT);
        BigEndian.putU32(frame, at + TIME_TO_LIVE,
                (timeToLive & 0xff) << 24 | (protocol & 0xff) << 16);
        BigEndian.putU32(frame, at + SOURCE_ADDRESS, source);
        BigEndian.putU32(frame, at + DESTINATION_ADDRESS, destination);
        return this;
    }

    /** Computes and writes the header checksum. All other fields must be final. */
    public Ipv4Header fillHeaderChecksum() {
        headerChecksum(0);
        return headerChecksum(Checksum.finish(headerSum()));
    }

    /** IP version: 4, if valid. */
    public int version() {
        return BigEndian.u8(frame, at + VERSION_AND_LENGTH) >>> 4;
    }

    /** Bytes of the header with its options: 0 to 60, at least 20 if valid. */
    public int headerLength() {
        return (BigEndian.u8(frame, at + VERSION_AND_LENGTH) & 0xf) * 4;
    }

    /** Type of service: DSCP and ECN (RFC 2474, RFC 3168). */
    public int typeOfService() {
        return BigEndian.u8(frame, at + TYPE_OF_SERVICE);
    }

    /** Sets {@link #typeOfService()}. */
    public Ipv4Header typeOfService(int typeOfService) {
        BigEndian.putU8(frame, at + TYPE_OF_SERVICE, typeOfService);
        return this;
    }

    /** Bytes of header and payload, up to 65535. */
    public int totalLength() {
        return BigEndian.u16(frame, at + TOTAL_LENGTH);
    }

    /** Sets {@link #totalLength()}. */
    public Ipv4Header totalLength(int totalLength) {
        BigEndian.putU16(frame, at + TOTAL_LENGTH, totalLength);
        return this;
    }

    /** Identification of the datagram, for fragments. */
    public int identification() {
        return BigEndian.u16(frame, at + IDENTIFICATION);
    }

    /** Sets {@link #identification()}. */
    public Ipv4Header identification(int identification) {
        BigEndian.putU16(frame, at + IDENTIFICATION, identification);
        return this;
    }

    /** {@link #DONT_FRAGMENT} and {@link #MORE_FRAGMENTS}. */
    public int flags() {
        return BigEndian.u16(frame, at + FLAGS_AND_OFFSET) & FLAGS_MASK;
    }

    /** Sets {@link #flags()}, and the fragment offset to 0. */
    public Ipv4Header flags(int flags) {
        BigEndian.putU16(frame, at + FLAGS_AND_OFFSET, flags & FLAGS_MASK);
        return this;
    }

    /** Whether this is not a whole datagram: more follow, or it does not start at 0. */
    public boolean isFragment() {
        int field = BigEndian.u16(frame, at + FLAGS_AND_OFFSET);
        return (field & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    /** Hops left, 0 to 255. */
    public int timeToLive() {
        return BigEndian.u8(frame, at + TIME_TO_LIVE);
    }

    /** Sets {@link #timeToLive()}. */
    public Ipv4Header timeToLive(int timeToLive) {
        BigEndian.putU8(frame, at + TIME_TO_LIVE, timeToLive);
        return this;
    }

    /** One of {@link IpProtocol}. */
    public int protocol() {
        return BigEndian.u8(frame, at + PROTOCOL);
    }

    /** Sets {@link #protocol()}. */
    public Ipv4Header protocol(int protocol) {
        BigEndian.putU8(frame, at + PROTOCOL, protocol);
        return this;
    }

    /** Checksum of the header. */
    public int headerChecksum() {
        return BigEndian.u16(frame, at + HEADER_CHECKSUM);
    }

    /** Sets {@link #headerChecksum()}. */
    public Ipv4Header headerChecksum(int headerChecksum) {
        BigEndian.putU16(frame, at + HEADER_CHECKSUM, headerChecksum);
        return this;
    }

    /** Address of the sender. */
    public int sourceAddress() {
        return BigEndian.u32(frame, at + SOURCE_ADDRESS);
    }

    /** Sets {@link #sourceAddress()}. */
    public Ipv4Header sourceAddress(int address) {
        BigEndian.putU32(frame, at + SOURCE_ADDRESS, address);
        return this;
    }

    /** Address of the receiver. */
    public int destinationAddress() {
        return BigEndian.u32(frame, at + DESTINATION_ADDRESS);
    }

    /** Sets {@link #destinationAddress()}. */
    public Ipv4Header destinationAddress(int address) {
        BigEndian.putU32(frame, at + DESTINATION_ADDRESS, address);
        return this;
    }
}
