// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import jpasst.addr.Ip;

/**
 * The Internet checksum (RFC 1071), of IPv4 headers, TCP, UDP and ICMP.
 *
 * <p>A <em>partial sum</em> is the ones' complement sum of 16-bit words read in network order,
 * folded to 0..65535. It is passed on as the seed of the next piece, which must begin at an even
 * distance from the first byte summed. {@link #finish} turns it into the field's value. Over data
 * with a correct checksum the partial sum is {@link #VALID}.
 */
public final class Checksum {
    /** The partial sum over everything a correct checksum covers, including its field. */
    public static final int VALID = 0xffff;

    private static final ValueLayout.OfInt NATIVE_INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong NATIVE_LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long INT_BITS = 0xffff_ffffL;

    private Checksum() {}

    /**
     * Adds {@code length} bytes from {@code at}, at any alignment. An odd last byte counts as if a
     * zero byte followed.
     *
     * @param seed a partial sum, 0 to begin with
     * @return the partial sum
     */
    public static int sum(MemorySegment memory, long at, int length, int seed) {
        int words = length >> 3;
        // The sum does not depend on byte order (RFC 1071 section 2 B), so words are added as the
        // processor reads them, the halves of 64 bits apart: this loop becomes vector code.
        long sum = 0;
        long otherHalves = 0;
        for (int i = 0; i < words; i++) {
            long word = memory.get(NATIVE_LONG, at + ((long) i << 3));
            sum += word & INT_BITS;
            otherHalves += word >>> 32;
        }
        sum += otherHalves;
        if ((length & 4) != 0) sum += memory.get(NATIVE_INT, at + (words << 3)) & INT_BITS;
        int folded = fold(sum);
        if (SWAP) {
            folded = Short.toUnsignedInt(Short.reverseBytes((short) folded));
        }
        return fold((long) folded + tail(memory, at + (length & ~3), length & 3) + seed);
    }

    /** The last up to three bytes, as the sum of two words in network order. */
    private static int tail(MemorySegment memory, long at, int length) {
        int sum = 0;
        if (length >= 2) {
            sum = BigEndian.u16(memory, at);
        }
        if ((length & 1) != 0) {
            sum += BigEndian.u8(memory, at + length - 1) << 8;
        }
        return sum;
    }

    /** Folds a non-negative sum of 16-bit or 32-bit words to 0..65535, carries added back. */
    static int fold(long sum) {
        sum = (sum & INT_BITS) + (sum >>> 32);
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return (int) ((sum & 0xffff) + (sum >>> 16));
    }

    /** The partial sum over 20 bytes, given as words that were read in network order. */
    static int ofWords(long first, long second, int third) {
        return fold(halves(first) + halves(second) + (third & INT_BITS));
    }

    /** Adds two partial sums. */
    public static int add(int sum, int other) {
        return fold((long) sum + other);
    }

    /** The value of the checksum field for a partial sum taken with the field zero. */
    public static int finish(int sum) {
        return ~sum & 0xffff;
    }

    /**
     * As {@link #finish}, for UDP: 0 means "no checksum" there, so its equal in ones' complement
     * is sent instead (RFC 768).
     */
    public static int finishUdp(int sum) {
        int checksum = finish(sum);
        return checksum == 0 ? 0xffff : checksum;
    }

    /**
     * Partial sum of the IPv4 pseudo header (RFC 9293 section 3.1).
     *
     * @param source 32 bits in network order
     * @param destination the same
     * @param length bytes of upper-layer header and data
     */
    public static int pseudoHeaderV4(int source, int destination, int protocol, int length) {
        return fold((source & INT_BITS) + (destination & INT_BITS) + protocol + length);
    }

    /**
     * Partial sum of the IPv6 pseudo header (RFC 8200 section 8.1).
     *
     * @param length bytes of upper-layer header and data
     */
    public static int pseudoHeaderV6(long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int protocol, int length) {
        return fold(halves(sourceHigh) + halves(sourceLow) + halves(destinationHigh)
                + halves(destinationLow) + protocol + length);
    }

    private static long halves(long word) {
        return (word >>> 32) + (word & INT_BITS);
    }

    /** Partial sum of the pseudo header for two addresses of one family, whichever it is. */
    public static int pseudoHeader(long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow, int protocol, int length) {
        return Ip.isV4(sourceHigh, sourceLow)
                ? pseudoHeaderV4(Ip.v4(sourceLow), Ip.v4(destinationLow), protocol, length)
                : pseudoHeaderV6(sourceHigh, sourceLow, destinationHigh, destinationLow,
                        protocol, length);
    }

    /**
     * Whether the checksum of a TCP segment or UDP datagram is right. A UDP checksum of zero is
     * right over IPv4, where it means that there is none, and wrong over IPv6 (RFC 8200 8.1). For
     * other protocols, for headers cut short and for bad UDP lengths the answer is no. Only for
     * packets whose checksum the sender has really filled in.
     */
    public static boolean verifyTcpUdp(IpPacket packet) {
        return switch (packet.protocol()) {
            case IpProtocol.TCP -> packet.payloadLength() >= TcpHeader.LENGTH
                    && covers(packet, IpProtocol.TCP, packet.payloadLength());
            case IpProtocol.UDP -> verifyUdp(packet);
            default -> false;
        };
    }

    private static boolean verifyUdp(IpPacket packet) {
        if (packet.payloadLength() < UdpHeader.LENGTH) {
            return false;
        }
        var memory = packet.memory();
        int length = BigEndian.u16(memory, packet.payloadAt() + UdpHeader.DATAGRAM_LENGTH);
        if (length < UdpHeader.LENGTH || length > packet.payloadLength()) {
            return false;
        }
        if (BigEndian.u16(memory, packet.payloadAt() + UdpHeader.CHECKSUM) == 0) {
            return packet.isV4();
        }
        return covers(packet, IpProtocol.UDP, length);
    }

    /**
     * Whether the checksum of an ICMP or ICMPv6 message is right; for other protocols the answer
     * is no.
     */
    public static boolean verifyIcmp(IpPacket packet) {
        int length = packet.payloadLength();
        if (length < IcmpHeader.LENGTH) {
            return false;
        }
        return switch (packet.protocol()) {
            case IpProtocol.ICMP ->
                    sum(packet.memory(), packet.payloadAt(), length, 0) == VALID;
            case IpProtocol.ICMPV6 -> covers(packet, IpProtocol.ICMPV6, length);
            default -> false;
        };
    }

    private static boolean covers(IpPacket packet, int protocol, int length) {
        int seed = pseudoHeader(packet.sourceHigh(), packet.sourceLow(),
                packet.destinationHigh(), packet.destinationLow(), protocol, length);
        return sum(packet.memory(), packet.payloadAt(), length, seed) == VALID;
    }
}
