// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class ChecksumTest {
    private final IpPacket packet = new IpPacket();

    /** RFC 1071 section 3, in its words: 16-bit words, end-around carry at every step. */
    private static int naive(byte[] bytes, int from, int length, int seed) {
        int sum = seed;
        for (int i = 0; i < length; i += 2) {
            int low = i + 1 < length ? bytes[from + i + 1] & 0xff : 0;
            sum += (bytes[from + i] & 0xff) << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }

    @Property
    void agreesWithTheNaiveSum(@ForAll @Size(max = 300) byte[] bytes,
            @ForAll @IntRange(max = 8) int skipped, @ForAll @IntRange(max = 0xffff) int seed) {
        int from = Math.min(skipped, bytes.length);
        int length = bytes.length - from;
        int expected = naive(bytes, from, length, seed);
        assertEquals(expected, Checksum.sum(MemorySegment.ofArray(bytes), from, length, seed));
        try (var arena = Arena.ofConfined()) {
            var memory = arena.allocate(bytes.length + 1, 8);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
            assertEquals(expected, Checksum.sum(memory, from, length, seed));
        }
    }

    @Property
    void maySumPieceByPiece(@ForAll @Size(max = 200) byte[] bytes,
            @ForAll @IntRange(max = 100) int half) {
        int first = Math.min(2 * half, bytes.length & ~1);
        var memory = MemorySegment.ofArray(bytes);
        int front = Checksum.sum(memory, 0, first, 0);
        int whole = Checksum.sum(memory, 0, bytes.length, 0);
        assertEquals(whole, Checksum.sum(memory, first, bytes.length - first, front));
        assertEquals(whole, Checksum.add(front,
                Checksum.sum(memory, first, bytes.length - first, 0)));
    }

    @Test
    void carriesOverWithTheLargestInput() {
        var ones = new byte[65536 + 3];
        Arrays.fill(ones, (byte) 0xff);
        for (int length = ones.length - 5; length <= ones.length; length++) {
            assertEquals(naive(ones, 0, length, 0xffff),
                    Checksum.sum(MemorySegment.ofArray(ones), 0, length, 0xffff));
        }
    }

    @Property
    void pseudoHeadersAreTheSumOfTheirBytes(@ForAll long sourceHigh, @ForAll long sourceLow,
            @ForAll long targetHigh, @ForAll long targetLow,
            @ForAll @IntRange(max = 255) int protocol, @ForAll @IntRange(max = 65535) int length) {
        var v6 = new byte[40];
        var memory = MemorySegment.ofArray(v6);
        BigEndian.putU64(memory, 0, sourceHigh);
        BigEndian.putU64(memory, 8, sourceLow);
        BigEndian.putU64(memory, 16, targetHigh);
        BigEndian.putU64(memory, 24, targetLow);
        BigEndian.putU32(memory, 32, length);
        BigEndian.putU32(memory, 36, protocol);
        assertEquals(naive(v6, 0, 40, 0), Checksum.pseudoHeaderV6(sourceHigh, sourceLow,
                targetHigh, targetLow, protocol, length));

        var v4 = new byte[12];
        memory = MemorySegment.ofArray(v4);
        BigEndian.putU32(memory, 0, (int) sourceLow);
        BigEndian.putU32(memory, 4, (int) targetLow);
        BigEndian.putU16(memory, 8, protocol);
        BigEndian.putU16(memory, 10, length);
        assertEquals(naive(v4, 0, 12, 0), Checksum.pseudoHeaderV4((int) sourceLow,
                (int) targetLow, protocol, length));
    }

    @Test
    void knowsTheExampleOfRfc1071() {
        var bytes = Packets.hex("0001 f203 f4f5 f6f7");
        assertEquals(0xddf2, Checksum.sum(MemorySegment.ofArray(bytes), 0, 8, 0));
        assertEquals(0x220d, Checksum.finish(0xddf2));
    }

    @Test
    void udpNeverSendsZero() {
        assertEquals(0, Checksum.finish(0xffff));
        assertEquals(0xffff, Checksum.finishUdp(0xffff));
        assertEquals(0x220d, Checksum.finishUdp(0xddf2));
    }

    @Test
    void verifiesAndNoticesEveryFlippedBit() {
        var tcp = Packets.tcp(TcpHeader.ACK, 1, new byte[0], Packets.payload(7));
        noticesFlippedBits(Packets.ipv4(IpProtocol.TCP, tcp), Ipv4Header.LENGTH);
        noticesFlippedBits(Packets.ipv6(IpProtocol.TCP, tcp), Ipv6Header.LENGTH);
        noticesFlippedBits(Packets.ipv4(IpProtocol.UDP, Packets.udp(9)), Ipv4Header.LENGTH);
        noticesFlippedBits(Packets.ipv6(IpProtocol.UDP, Packets.udp(9)), Ipv6Header.LENGTH);
        noticesFlippedBits(Packets.ipv4(IpProtocol.ICMP, Packets.echo(8, 5)), Ipv4Header.LENGTH);
        noticesFlippedBits(Packets.ipv6(IpProtocol.ICMPV6, Packets.echo(128, 5)),
                Ipv6Header.LENGTH);
    }

    private void noticesFlippedBits(byte[] bytes, int transport) {
        assertTrue(verifies(bytes));
        for (int i = transport; i < bytes.length; i++) {
            for (int bit = 1; bit < 256; bit <<= 1) {
                bytes[i] ^= (byte) bit;
                assertFalse(verifies(bytes), () -> "transport of " + bytes.length + " bytes");
                bytes[i] ^= (byte) bit;
            }
        }
    }

    private boolean verifies(byte[] bytes) {
        int etherType = bytes[0] >>> 4 == 4
                ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6;
        assertTrue(packet.parse(MemorySegment.ofArray(bytes), 0, bytes.length, etherType));
        return switch (packet.protocol()) {
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> Checksum.verifyIcmp(packet);
            default -> Checksum.verifyTcpUdp(packet);
        };
    }

    @Test
    void zeroUdpChecksumIsNoneOverIpv4AndWrongOverIpv6() {
        var v4 = Packets.ipv4(IpProtocol.UDP, Packets.udp(4));
        BigEndian.putU16(MemorySegment.ofArray(v4), Ipv4Header.LENGTH + 6, 0);
        assertTrue(verifies(v4));
        var v6 = Packets.ipv6(IpProtocol.UDP, Packets.udp(4));
        BigEndian.putU16(MemorySegment.ofArray(v6), Ipv6Header.LENGTH + 6, 0);
        assertFalse(verifies(v6));
    }

    @Test
    void udpChecksumEndsWithTheDatagram() {
        var udp = Packets.ipv4(IpProtocol.UDP, Packets.udp(4));
        var longer = Packets.concat(udp, Packets.hex("deadbeef"));
        new Ipv4Header().wrap(MemorySegment.ofArray(longer), 0).totalLength(longer.length)
                .fillHeaderChecksum();
        assertTrue(verifies(longer));
    }

    @Test
    void otherProtocolsAndShortHeadersDoNotVerify() {
        assertFalse(verifies(Packets.ipv4(50, Packets.payload(40))));
        assertFalse(verifies(Packets.ipv4(IpProtocol.TCP, Packets.payload(19))));
        assertFalse(verifies(Packets.ipv4(IpProtocol.UDP, Packets.payload(7))));
        assertFalse(verifies(Packets.ipv4(IpProtocol.ICMP, Packets.payload(7))));
        assertFalse(verifies(Packets.ipv6(IpProtocol.ICMPV6, new byte[0])));
    }
}
