// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;

import org.junit.jupiter.api.Test;

/** Known packets, read field by field, and written again over dirty bytes to the same result. */
final class HeadersTest {
    private static byte[] dirty(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void ethernet() {
        var bytes = Packets.hex("9a559a559a55 020000000001 86dd");
        var header = new EthernetHeader().wrap(MemorySegment.ofArray(bytes), 0);
        assertEquals(0x9a559a559a55L, header.target());
        assertEquals(0x020000000001L, header.source());
        assertEquals(EthernetHeader.ETHERTYPE_IPV6, header.type());
        var out = dirty(14);
        header.wrap(MemorySegment.ofArray(out), 0).target(0x9a559a559a55L)
                .source(0x020000000001L).type(0x86dd);
        assertArrayEquals(bytes, out);
    }

    @Test
    void ipv4() {
        var bytes = Packets.hex("4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7");
        var header = new Ipv4Header().wrap(MemorySegment.ofArray(bytes), 0);
        assertFalse(header.isValid(0x72));
        assertTrue(header.isValid(0x73));
        assertTrue(header.verifyHeaderChecksum());
        assertEquals(4, header.version());
        assertEquals(20, header.headerLength());
        assertEquals(0x73, header.totalLength());
        assertEquals(0, header.identification());
        assertEquals(Ipv4Header.DONT_FRAGMENT, header.flags());
        assertFalse(header.isFragment());
        assertEquals(64, header.timeToLive());
        assertEquals(IpProtocol.UDP, header.protocol());
        assertEquals(0xb861, header.headerChecksum());
        assertEquals(0xc0a80001, header.sourceAddress());
        assertEquals(0xc0a800c7, header.destinationAddress());
        var out = dirty(20);
        header.wrap(MemorySegment.ofArray(out), 0)
                .write(0x73, 64, IpProtocol.UDP, 0xc0a80001, 0xc0a800c7).fillHeaderChecksum();
        assertArrayEquals(bytes, out);
        header.typeOfService(0).totalLength(0x73).identification(0).timeToLive(64)
                .flags(Ipv4Header.DONT_FRAGMENT).protocol(17).sourceAddress(0xc0a80001)
                .destinationAddress(0xc0a800c7).headerChecksum(0xb861);
        assertArrayEquals(bytes, out);
    }

    @Test
    void ipv6() {
        var bytes = Packets.hex("6b8c4321 0014 06 40 20010db8000000000000000000000002"
                + "ff02000000000000000000000000abcd");
        var header = new Ipv6Header().wrap(MemorySegment.ofArray(bytes), 0);
        assertFalse(header.isValid(59));
        assertTrue(header.isValid(60));
        assertEquals(0xb8, header.trafficClass());
        assertEquals(0xc4321, header.flowLabel());
        assertEquals(20, header.payloadLength());
        assertEquals(6, header.nextHeader());
        assertEquals(64, header.hopLimit());
        assertEquals(0x20010db8_00000000L, header.sourceHigh());
        assertEquals(2, header.sourceLow());
        assertEquals(0xff020000_00000000L, header.destinationHigh());
        assertEquals(0xabcd, header.destinationLow());
        var out = dirty(40);
        header.wrap(MemorySegment.ofArray(out), 0).write(20, 6, 64, 0xc4321).trafficClass(0xb8)
                .source(0x20010db8_00000000L, 2).destination(0xff020000_00000000L, 0xabcd);
        assertArrayEquals(bytes, out);
        header.payloadLength(20).nextHeader(6).hopLimit(64).flowLabel(0xfffc4321);
        assertArrayEquals(bytes, out);
    }

    @Test
    void tcp() {
        var bytes = Packets.hex("9c40 01bb fffffff0 80000001 60d2 ffff 1234 0000 020405b4");
        var header = new TcpHeader().wrap(MemorySegment.ofArray(bytes), 0);
        assertFalse(header.isValid(23));
        assertTrue(header.isValid(24));
        assertEquals(40000, header.sourcePort());
        assertEquals(443, header.destinationPort());
        assertEquals(-16, header.sequenceNumber());
        assertEquals(0x80000001, header.acknowledgmentNumber());
        assertEquals(24, header.dataOffset());
        assertTrue(header.has(TcpHeader.SYN | TcpHeader.ACK));
        assertFalse(header.has(TcpHeader.SYN | TcpHeader.FIN));
        assertEquals(TcpHeader.CWR | TcpHeader.ECE | TcpHeader.ACK | TcpHeader.SYN,
                header.flags());
        assertEquals(65535, header.window());
        assertEquals(0x1234, header.checksum());
        assertEquals(0, header.urgentPointer());
        var out = dirty(24);
        header.wrap(MemorySegment.ofArray(out), 0)
                .write(40000, 443, -16, 0x80000001, 24, 0xd2, 65535).checksum(0x1234);
        BigEndian.putU32(MemorySegment.ofArray(out), 20, 0x020405b4);
        assertArrayEquals(bytes, out);
        header.sourcePort(40000).destinationPort(443).sequenceNumber(-16)
                .acknowledgmentNumber(0x80000001).dataOffset(24).flags(0xd2).window(65535)
                .urgentPointer(0);
        assertArrayEquals(bytes, out);
    }

    @Test
    void udp() {
        var bytes = Packets.hex("14e9 0035 000a abcd 0102");
        var header = new UdpHeader().wrap(MemorySegment.ofArray(bytes), 0);
        assertFalse(header.isValid(9));
        assertTrue(header.isValid(10));
        assertEquals(5353, header.sourcePort());
        assertEquals(53, header.destinationPort());
        assertEquals(10, header.length());
        assertEquals(0xabcd, header.checksum());
        assertFalse(header.length(7).isValid(10));
        header.length(10);
        var out = Packets.concat(dirty(8), Packets.hex("0102"));
        header.wrap(MemorySegment.ofArray(out), 0).write(5353, 53, 10).checksum(0xabcd);
        assertArrayEquals(bytes, out);
        header.sourcePort(5353).destinationPort(53);
        assertArrayEquals(bytes, out);
    }

    @Test
    void icmp() {
        var bytes = Packets.hex("0800 e7d8 1234 0001 04f2");
        var header = new IcmpHeader().wrap(MemorySegment.ofArray(bytes), 0);
        assertEquals(IcmpHeader.V4_ECHO_REQUEST, header.type());
        assertEquals(0, header.code());
        assertEquals(0x1234, header.identifier());
        assertEquals(1, header.sequence());
        assertEquals(0x12340001, header.parameter());
        var out = Packets.concat(dirty(8), Packets.hex("04f2"));
        header.wrap(MemorySegment.ofArray(out), 0).write(8, 0, 0x12340001)
                .fillChecksum(10, 0);
        assertEquals(Checksum.VALID, Checksum.sum(MemorySegment.ofArray(out), 0, 10, 0));
        header.checksum(0xe7d8).identifier(0x1234).sequence(1).type(8).code(0);
        assertArrayEquals(bytes, out);
    }

    @Test
    void arp() {
        var bytes = Packets.hex("0001 0800 06 04 0001 020000000001 c0000202 000000000000 c0000201");
        var packet = new ArpPacket().wrap(MemorySegment.ofArray(bytes), 0);
        assertFalse(packet.isValid(27));
        assertTrue(packet.isValid(28));
        assertEquals(ArpPacket.REQUEST, packet.operation());
        assertEquals(0x020000000001L, packet.senderHardwareAddress());
        assertEquals(0xc0000202, packet.senderProtocolAddress());
        assertEquals(0, packet.targetHardwareAddress());
        assertEquals(0xc0000201, packet.targetProtocolAddress());
        var out = dirty(28);
        packet.wrap(MemorySegment.ofArray(out), 0).write(ArpPacket.REQUEST)
                .senderHardwareAddress(0x020000000001L).senderProtocolAddress(0xc0000202)
                .targetHardwareAddress(0).targetProtocolAddress(0xc0000201);
        assertArrayEquals(bytes, out);
        for (int i = 0; i < 6; i++) {
            out[i]++;
            assertFalse(packet.isValid(28), "foreign hardware or protocol");
            out[i]--;
        }
    }

    @Test
    void neighborSolicitation() {
        var bytes = Packets.hex("8700 0000 00000000 20010db8000000000000000000000007"
                + "0101020000000001");
        var message = new NeighborSolicitation().wrap(MemorySegment.ofArray(bytes), 0);
        assertTrue(message.isValid(32));
        assertTrue(message.isValid(24));
        assertFalse(message.isValid(31), "options do not fit");
        assertFalse(message.isValid(23));
        assertEquals(0x20010db8_00000000L, message.targetHigh());
        assertEquals(7, message.targetLow());
        var memory = MemorySegment.ofArray(bytes);
        assertEquals(0x020000000001L, NeighborOptions.linkLayerAddress(memory, 24, 8,
                NeighborOptions.SOURCE_LINK_LAYER));
        assertEquals(-1, NeighborOptions.linkLayerAddress(memory, 24, 8,
                NeighborOptions.TARGET_LINK_LAYER));
        var out = dirty(32);
        message.wrap(MemorySegment.ofArray(out), 0).write().target(0x20010db8_00000000L, 7);
        NeighborOptions.putLinkLayerAddress(MemorySegment.ofArray(out), 24,
                NeighborOptions.SOURCE_LINK_LAYER, 0x020000000001L);
        assertArrayEquals(bytes, out);
        out[25] = 0;
        assertFalse(message.isValid(32), "option of length 0");
    }

    @Test
    void neighborAdvertisement() {
        var bytes = Packets.hex("8800 0000 e0000000 20010db8000000000000000000000007"
                + "02019a559a559a55");
        var message = new NeighborAdvertisement().wrap(MemorySegment.ofArray(bytes), 0);
        assertTrue(message.isValid(32));
        int all = NeighborAdvertisement.ROUTER | NeighborAdvertisement.SOLICITED
                | NeighborAdvertisement.OVERRIDE;
        assertEquals(all, message.flags());
        assertEquals(7, message.targetLow());
        assertEquals(0x20010db8_00000000L, message.targetHigh());
        var out = dirty(32);
        message.wrap(MemorySegment.ofArray(out), 0).write(all).target(0x20010db8_00000000L, 7);
        assertEquals(8, NeighborOptions.putLinkLayerAddress(MemorySegment.ofArray(out), 24,
                NeighborOptions.TARGET_LINK_LAYER, 0x9a559a559a55L));
        assertArrayEquals(bytes, out);
    }

    @Test
    void routerSolicitation() {
        var bytes = Packets.hex("8500 0000 00000000 0101020000000001");
        var message = new RouterSolicitation().wrap(MemorySegment.ofArray(bytes), 0);
        assertTrue(message.isValid(16));
        assertFalse(message.isValid(7));
        assertFalse(message.isValid(15));
        var out = dirty(8);
        message.wrap(MemorySegment.ofArray(out), 0).write();
        assertArrayEquals(Packets.hex("8500000000000000"), out);
    }
}
