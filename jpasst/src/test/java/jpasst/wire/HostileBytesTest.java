// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

/**
 * Every truncation and many corruptions of a corpus of packets, each in memory of exactly its
 * length: no parser and, once {@code isValid} said yes, no accessor may leave it.
 */
final class HostileBytesTest {
    private static final long SEED = 20261123;
    private static final int ROUNDS = 20_000;

    private final IpPacket packet = new IpPacket();
    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();
    private final ArpPacket arp = new ArpPacket();
    private final NeighborSolicitation solicitation = new NeighborSolicitation();
    private final NeighborAdvertisement advertisement = new NeighborAdvertisement();
    private final RouterSolicitation routers = new RouterSolicitation();

    private static List<byte[]> corpus() {
        var options = Packets.hex("020405b4 0402 080a0000000100000000 01 030307");
        var syn = Packets.tcp(TcpHeader.SYN, 1, options, new byte[0]);
        var data = Packets.tcp(TcpHeader.ACK, 1, new byte[0], Packets.payload(100));
        var extensions = Packets.hex("2b00050200000100 3c00040000000000"
                + "3301010c000000000000000000000000"
                + "060400000000000100000001aabbccddeeff001122334455");
        var ns = Packets.hex("87000000 00000000 20010db8000000000000000000000007 0101020000000001");
        var rs = Packets.hex("85000000 00000000 0101020000000001");
        var corpus = new ArrayList<byte[]>();
        for (var transport : List.of(syn, data)) {
            corpus.add(Packets.ipv4(IpProtocol.TCP, transport));
            corpus.add(Packets.ipv6(IpProtocol.TCP, transport));
        }
        corpus.add(Packets.ipv6(IpProtocol.HOP_BY_HOP, Packets.concat(extensions, syn)));
        corpus.add(Packets.ipv4(IpProtocol.UDP, Packets.udp(33)));
        corpus.add(Packets.ipv6(IpProtocol.UDP, Packets.udp(0)));
        corpus.add(Packets.ipv4(IpProtocol.ICMP, Packets.echo(8, 56)));
        corpus.add(Packets.ipv6(IpProtocol.ICMPV6, Packets.echo(128, 56)));
        corpus.add(Packets.ipv6(IpProtocol.ICMPV6, ns));
        corpus.add(Packets.ipv6(IpProtocol.ICMPV6, rs));
        corpus.add(Packets.hex("0001 0800 06 04 0001 020000000001 c0000202 000000000000 c0000201"));
        return corpus;
    }

    @Test
    void acceptsTheCorpus() {
        for (var bytes : corpus()) {
            if (bytes.length != ArpPacket.LENGTH) {
                assertTrue(parse(MemorySegment.ofArray(bytes)), () -> Arrays.toString(bytes));
                assertTrue(Checksum.verifyTcpUdp(packet) || Checksum.verifyIcmp(packet)
                        || packet.payloadAt() > Ipv6Header.LENGTH);
            }
        }
    }

    private boolean parse(MemorySegment memory) {
        int available = (int) memory.byteSize();
        boolean isV6 = available > 0 && BigEndian.u8(memory, 0) >>> 4 == 6;
        return packet.parse(memory, 0, available,
                isV6 ? EthernetHeader.ETHERTYPE_IPV6 : EthernetHeader.ETHERTYPE_IPV4);
    }

    @Test
    void survivesEveryTruncation() {
        for (var bytes : corpus()) {
            for (int length = 0; length < bytes.length; length++) {
                var cut = Packets.exactly(bytes, length);
                assertFalse(parse(cut), "an IP packet shorter than its length");
                readAll(cut);
            }
        }
    }

    /** The IP header made to agree, so that the protocols' own checks are reached. */
    @Test
    void survivesEveryTruncationOfTheTransport() {
        for (var bytes : corpus()) {
            int network = bytes[0] >>> 4 == 4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH;
            for (int length = network; length < bytes.length; length++) {
                var cut = Packets.exactly(bytes, length);
                adjustLength(cut);
                readAll(cut);
            }
        }
    }

    private void adjustLength(MemorySegment memory) {
        int length = (int) memory.byteSize();
        int version = length > 0 ? BigEndian.u8(memory, 0) >>> 4 : 0;
        if (version == 4 && length >= Ipv4Header.LENGTH) {
            v4.wrap(memory, 0).totalLength(length);
            if (v4.headerLength() <= length) {
                v4.fillHeaderChecksum();
            }
        } else if (version == 6 && length >= Ipv6Header.LENGTH) {
            v6.wrap(memory, 0).payloadLength(length - Ipv6Header.LENGTH);
        }
    }

    @Test
    void survivesCorruptedPackets() {
        var random = new Random(SEED);
        var corpus = corpus();
        for (int i = 0; i < ROUNDS; i++) {
            var whole = corpus.get(random.nextInt(corpus.size()));
            var memory = Packets.exactly(whole, random.nextInt(whole.length + 1));
            for (int n = random.nextInt(6); n > 0 && memory.byteSize() > 0; n--) {
                BigEndian.putU8(memory, random.nextLong(memory.byteSize()), random.nextInt());
            }
            if (random.nextBoolean()) {
                adjustLength(memory);
            }
            readAll(memory);
        }
    }

    @Test
    void survivesRandomBytes() {
        var random = new Random(SEED);
        for (int i = 0; i < ROUNDS; i++) {
            var bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextInt(4) > 0) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
            }
            var memory = MemorySegment.ofArray(bytes);
            if (random.nextBoolean()) {
                adjustLength(memory);
            }
            readAll(memory);
        }
    }

    /** Reads whatever the checks allow; the sum keeps the reads alive. */
    private long readAll(MemorySegment memory) {
        int available = (int) memory.byteSize();
        long sum = readNetwork(memory, available) + readTransport(memory, 0, available);
        if (parse(memory)) {
            assertTrue(packet.payloadLength() >= 0);
            assertTrue(packet.payloadAt() + packet.payloadLength() <= available);
            sum += readTransport(memory, packet.payloadAt(), packet.payloadLength());
            sum += Checksum.verifyTcpUdp(packet) ? 1 : 0;
            sum += Checksum.verifyIcmp(packet) ? 1 : 0;
            sum += AddressCheck.check(packet).ordinal();
        }
        return sum;
    }

    private long readNetwork(MemorySegment memory, int available) {
        long sum = 0;
        if (v4.wrap(memory, 0).isValid(available)) {
            sum += v4.headerLength() + v4.totalLength() + v4.typeOfService()
                    + v4.identification() + v4.flags() + v4.timeToLive() + v4.protocol()
                    + v4.headerChecksum() + v4.sourceAddress() + v4.destinationAddress()
                    + (v4.isFragment() ? 1 : 0) + (v4.verifyHeaderChecksum() ? 1 : 0);
        }
        if (v6.wrap(memory, 0).isValid(available)) {
            sum += v6.trafficClass() + v6.flowLabel() + v6.payloadLength() + v6.nextHeader()
                    + v6.hopLimit() + v6.sourceHigh() + v6.sourceLow() + v6.destinationHigh()
                    + v6.destinationLow();
        }
        if (arp.wrap(memory, 0).isValid(available)) {
            sum += arp.operation() + arp.senderHardwareAddress() + arp.senderProtocolAddress()
                    + arp.targetHardwareAddress() + arp.targetProtocolAddress();
        }
        return sum;
    }

    private long readTransport(MemorySegment memory, long at, int available) {
        long sum = 0;
        if (tcp.wrap(memory, at).isValid(available)) {
            int options = tcp.dataOffset() - TcpHeader.LENGTH;
            sum += tcp.sourcePort() + tcp.destinationPort() + tcp.sequenceNumber()
                    + tcp.acknowledgmentNumber() + tcp.flags() + tcp.window() + tcp.checksum()
                    + tcp.urgentPointer()
                    + TcpOptions.maximumSegmentSize(memory, at + TcpHeader.LENGTH, options)
                    + TcpOptions.windowScale(memory, at + TcpHeader.LENGTH, options);
        }
        if (udp.wrap(memory, at).isValid(available)) {
            assertTrue(udp.length() >= UdpHeader.LENGTH && udp.length() <= available);
            sum += udp.sourcePort() + udp.destinationPort() + udp.checksum();
        }
        if (icmp.wrap(memory, at).isValid(available)) {
            sum += icmp.type() + icmp.code() + icmp.checksum() + icmp.identifier()
                    + icmp.sequence() + icmp.parameter();
        }
        return sum + readNeighbor(memory, at, available);
    }

    private long readNeighbor(MemorySegment memory, long at, int available) {
        long sum = 0;
        if (solicitation.wrap(memory, at).isValid(available)) {
            sum += solicitation.targetHigh() + solicitation.targetLow();
        }
        if (advertisement.wrap(memory, at).isValid(available)) {
            sum += advertisement.flags() + advertisement.targetHigh()
                    + advertisement.targetLow();
        }
        if (routers.wrap(memory, at).isValid(available)) {
            sum += NeighborOptions.linkLayerAddress(memory, at + RouterSolicitation.LENGTH,
                    available - RouterSolicitation.LENGTH, NeighborOptions.SOURCE_LINK_LAYER);
        }
        return sum + NeighborOptions.linkLayerAddress(memory, at, available,
                NeighborOptions.TARGET_LINK_LAYER);
    }
}
