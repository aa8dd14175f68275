// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * The first eight bytes of an ICMP (RFC 792) or ICMPv6 (RFC 4443) message, seen in place inside a
 * frame. Identifier and sequence exist in echo messages; in others the same four bytes are
 * {@link #parameter}.
 */
public final class IcmpHeader {
    /** Bytes. */
    public static final int LENGTH = 8;

    /** ICMP type: echo reply. */
    public static final int V4_ECHO_REPLY = 0;
    /** ICMP type: destination unreachable. */
    public static final int V4_DESTINATION_UNREACHABLE = 3;
    /** ICMP type: echo request. */
    public static final int V4_ECHO_REQUEST = 8;
    /** ICMP type: time exceeded. */
    public static final int V4_TIME_EXCEEDED = 11;
    /** ICMP code of destination unreachable: fragmentation needed and don't fragment set. */
    public static final int V4_FRAGMENTATION_NEEDED = 4;
    /** ICMPv6 type: destination unreachable. */
    public static final int V6_DESTINATION_UNREACHABLE = 1;
    /** ICMPv6 type: packet too big. */
    public static final int V6_PACKET_TOO_BIG = 2;
    /** ICMPv6 type: time exceeded. */
    public static final int V6_TIME_EXCEEDED = 3;
    /** ICMPv6 type: echo request. */
    public static final int V6_ECHO_REQUEST = 128;
    /** ICMPv6 type: echo reply. */
    public static final int V6_ECHO_REPLY = 129;
    /** ICMPv6 type: router solicitation (RFC 4861). */
    public static final int V6_ROUTER_SOLICITATION = 133;
    /** ICMPv6 type: router advertisement (RFC 4861). */
    public static final int V6_ROUTER_ADVERTISEMENT = 134;
    /** ICMPv6 type: neighbor solicitation (RFC 4861). */
    public static final int V6_NEIGHBOR_SOLICITATION = 135;
    /** ICMPv6 type: neighbor advertisement (RFC 4861). */
    public static final int V6_NEIGHBOR_ADVERTISEMENT = 136;

    private static final int TYPE = 0;
    private static final int CODE = 1;
    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public IcmpHeader wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the header. */
    public boolean isValid(int available) {
        return available >= LENGTH;
    }

    /** Writes type, code and parameter; the checksum becomes 0. */
    public IcmpHeader write(int type, int code, int parameter) {
        BigEndian.putU32(frame, at + TYPE, (type & 0xff) << 24 | (code & 0xff) << 16);
        BigEndian.putU32(frame, at + IDENTIFIER, parameter);
        return this;
    }

    /**
     * Computes and writes the checksum of the message. All other bytes must be final.
     *
     * @param length bytes of the whole message
     * @param pseudoHeader partial sum of the pseudo header for ICMPv6, 0 for ICMP
     */
    public IcmpHeader fillChecksum(int length, int pseudoHeader) {
        checksum(0);
        return checksum(Checksum.finish(Checksum.sum(frame, at, length, pseudoHeader)));
    }

    /** Type of the message; the numbers differ between ICMP and ICMPv6. */
    public int type() {
        return BigEndian.u8(frame, at + TYPE);
    }

    /** Sets {@link #type()}. */
    public IcmpHeader type(int type) {
        BigEndian.putU8(frame, at + TYPE, type);
        return this;
    }

    /** Code, refines the type. */
    public int code() {
        return BigEndian.u8(frame, at + CODE);
    }

    /** Sets {@link #code()}. */
    public IcmpHeader code(int code) {
        BigEndian.putU8(frame, at + CODE, code);
        return this;
    }

    /** Checksum; of ICMPv6 messages it includes the pseudo header. */
    public int checksum() {
        return BigEndian.u16(frame, at + CHECKSUM);
    }

    /** Sets {@link #checksum()}. */
    public IcmpHeader checksum(int checksum) {
        BigEndian.putU16(frame, at + CHECKSUM, checksum);
        return this;
    }

    /** Identifier of an echo message. */
    public int identifier() {
        return BigEndian.u16(frame, at + IDENTIFIER);
    }

    /** Sets {@link #identifier()}. */
    public IcmpHeader identifier(int identifier) {
        BigEndian.putU16(frame, at + IDENTIFIER, identifier);
        return this;
    }

    /** Sequence number of an echo message. */
    public int sequence() {
        return BigEndian.u16(frame, at + SEQUENCE);
    }

    /** Sets {@link #sequence()}. */
    public IcmpHeader sequence(int sequence) {
        BigEndian.putU16(frame, at + SEQUENCE, sequence);
        return this;
    }

    /** What type and code make of bytes 4 to 7: a next-hop MTU, for instance. */
    public int parameter() {
        return BigEndian.u32(frame, at + IDENTIFIER);
    }

    /** Sets {@link #parameter()}. */
    public IcmpHeader parameter(int parameter) {
        BigEndian.putU32(frame, at + IDENTIFIER, parameter);
        return this;
    }
}
