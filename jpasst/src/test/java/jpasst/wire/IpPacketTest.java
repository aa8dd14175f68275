// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.addr.IpAddress;
import org.junit.jupiter.api.Test;

final class IpPacketTest {
    private final IpPacket packet = new IpPacket();

    private DropReason parse(byte[] bytes) {
        return parse(bytes, bytes.length);
    }

    private DropReason parse(byte[] bytes, int available) {
        int etherType = (bytes[0] & 0xf0) == 0x40
                ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6;
        boolean good = packet.parse(Packets.segment(bytes), 0, available, etherType);
        assertEquals(good, packet.dropReason() == DropReason.NONE);
        return packet.dropReason();
    }

    private static byte[] v4() {
        return Packets.ipv4(IpProtocol.UDP, Packets.udp(11));
    }

    private static byte[] v6() {
        return Packets.ipv6(IpProtocol.UDP, Packets.udp(11));
    }

    private static Ipv4Header header4(byte[] bytes) {
        return new Ipv4Header().wrap(Packets.segment(bytes), 0);
    }

    @Test
    void givesTheFactsOfIpv4() {
        var bytes = v4();
        header4(bytes).typeOfService(0xb8).timeToLive(3).fillHeaderChecksum();
        assertEquals(DropReason.NONE, parse(bytes));
        assertTrue(packet.isV4());
        assertEquals(Packets.GUEST_V4, new IpAddress(packet.sourceHigh(), packet.sourceLow()));
        assertEquals(Packets.PEER_V4,
                new IpAddress(packet.destinationHigh(), packet.destinationLow()));
        assertEquals(IpProtocol.UDP, packet.protocol());
        assertEquals(3, packet.hopLimit());
        assertEquals(0xb8, packet.trafficClass());
        assertEquals(0, packet.flowLabel());
        assertEquals(20, packet.networkHeaderLength());
        assertEquals(20, packet.payloadAt());
        assertEquals(19, packet.payloadLength());
    }

    @Test
    void givesTheFactsOfIpv6() {
        var bytes = v6();
        new Ipv6Header().wrap(Packets.segment(bytes), 0).trafficClass(0xb9).hopLimit(4);
        assertEquals(DropReason.NONE, parse(bytes));
        assertFalse(packet.isV4());
        assertEquals(Packets.GUEST_V6, new IpAddress(packet.sourceHigh(), packet.sourceLow()));
        assertEquals(Packets.PEER_V6,
                new IpAddress(packet.destinationHigh(), packet.destinationLow()));
        assertEquals(IpProtocol.UDP, packet.protocol());
        assertEquals(4, packet.hopLimit());
        assertEquals(0xb9, packet.trafficClass());
        assertEquals(0x12345, packet.flowLabel());
        assertEquals(40, packet.payloadAt());
        assertEquals(19, packet.payloadLength());
    }

    @Test
    void parsesAtAnOffset() {
        var framed = Packets.concat(new byte[13], v4());
        assertTrue(packet.parse(Packets.segment(framed), 13, framed.length - 13,
                EthernetHeader.ETHERTYPE_IPV4));
        assertEquals(13, packet.networkAt());
        assertEquals(33, packet.payloadAt());
    }

    @Test
    void skipsIpv4Options() {
        var plain = v4();
        var bytes = new byte[plain.length + 8];
        System.arraycopy(plain, 0, bytes, 0, 20);
        System.arraycopy(plain, 20, bytes, 28, plain.length - 20);
        bytes[0] = 0x47;
        header4(bytes).totalLength(bytes.length).fillHeaderChecksum();
        assertEquals(DropReason.NONE, parse(bytes));
        assertEquals(28, packet.payloadAt());
        assertEquals(19, packet.payloadLength());
    }

    @Test
    void trimsPaddingOfIpv4Only() {
        var v4 = v4();
        assertEquals(DropReason.NONE, parse(Packets.concat(v4, new byte[7])));
        assertEquals(19, packet.payloadLength());
        assertEquals(DropReason.BAD_LENGTH, parse(Packets.concat(v6(), new byte[7])));
    }

    @Test
    void refusesEveryTruncation() {
        for (var whole : new byte[][] {v4(), v6()}) {
            for (int length = 0; length < whole.length; length++) {
                var cut = Packets.exactly(whole, length);
                assertFalse(packet.parse(cut, 0, length, (whole[0] & 0xf0) == 0x40
                        ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6));
                var reason = packet.dropReason();
                int header = (whole[0] & 0xf0) == 0x40 ? 20 : 40;
                assertEquals(length < header ? DropReason.TRUNCATED : DropReason.BAD_LENGTH,
                        reason);
            }
        }
    }

    @Test
    void refusesLengthsWhichDisagree() {
        var bytes = v4();
        header4(bytes).totalLength(19).fillHeaderChecksum();
        assertEquals(DropReason.BAD_LENGTH, parse(bytes));
        header4(bytes).totalLength(bytes.length + 1).fillHeaderChecksum();
        assertEquals(DropReason.BAD_LENGTH, parse(bytes));
        bytes = v4();
        bytes[0] = 0x44;
        assertEquals(DropReason.BAD_LENGTH, parse(bytes));
        bytes[0] = 0x4f;
        assertEquals(DropReason.BAD_LENGTH, parse(bytes));
    }

    @Test
    void refusesTheOtherVersion() {
        var bytes = v4();
        assertFalse(packet.parse(Packets.segment(v6()), 0, 59, EthernetHeader.ETHERTYPE_IPV4));
        assertEquals(DropReason.BAD_VERSION, packet.dropReason());
        bytes = Packets.concat(bytes, new byte[20]);
        assertFalse(packet.parse(Packets.segment(bytes), 0, bytes.length,
                EthernetHeader.ETHERTYPE_IPV6));
        assertEquals(DropReason.BAD_VERSION, packet.dropReason());
        assertFalse(packet.parse(Packets.segment(bytes), 0, 59, EthernetHeader.ETHERTYPE_ARP));
        assertEquals(DropReason.UNSUPPORTED_ETHERTYPE, packet.dropReason());
    }

    @Test
    void refusesABadHeaderChecksum() {
        var bytes = v4();
        bytes[8]++;
        assertEquals(DropReason.BAD_HEADER_CHECKSUM, parse(bytes));
    }

    @Test
    void refusesFragments() {
        var bytes = v4();
        header4(bytes).flags(Ipv4Header.MORE_FRAGMENTS).fillHeaderChecksum();
        assertEquals(DropReason.FRAGMENT, parse(bytes));
        bytes = v4();
        bytes[6] = 0;
        bytes[7] = 1;
        header4(bytes).fillHeaderChecksum();
        assertEquals(DropReason.FRAGMENT, parse(bytes));
        bytes = v4();
        header4(bytes).flags(0).fillHeaderChecksum();
        assertEquals(DropReason.NONE, parse(bytes));
        assertEquals(DropReason.FRAGMENT, parse(
                extended(IpProtocol.FRAGMENT, "1100000000000000")));
    }

    private static byte[] extended(int first, String headers) {
        return Packets.ipv6(first, Packets.concat(Packets.hex(headers), Packets.udp(3)));
    }

    @Test
    void walksExtensionHeaders() {
        var bytes = extended(IpProtocol.HOP_BY_HOP,
                "2b00050200000100" // hop-by-hop, then routing
                + "3c00040000000000" // routing type 4, nothing left, then destination options
                + "3301010c000000000000000000000000" // then authentication
                + "110400000000000100000001aabbccddeeff001122334455"); // AH of 24 bytes, then UDP
        assertEquals(DropReason.NONE, parse(bytes));
        assertEquals(IpProtocol.UDP, packet.protocol());
        assertEquals(40 + 8 + 8 + 16 + 24, packet.payloadAt());
        assertEquals(11, packet.payloadLength());
        assertTrue(new UdpHeader().wrap(packet.memory(), packet.payloadAt()).isValid(11));
    }

    @Test
    void refusesExtensionsWeCannotHonour() {
        assertEquals(DropReason.BAD_EXTENSION,
                parse(extended(IpProtocol.ROUTING, "1102000100000000")), "segments left");
        assertEquals(DropReason.BAD_EXTENSION,
                parse(extended(IpProtocol.DESTINATION_OPTIONS,
                        "0000000000000000 1100000000000000")), "hop-by-hop not first");
        assertEquals(DropReason.BAD_EXTENSION,
                parse(extended(IpProtocol.DESTINATION_OPTIONS, "11ff000000000000")), "too long");
        assertEquals(DropReason.BAD_EXTENSION,
                parse(Packets.ipv6(IpProtocol.DESTINATION_OPTIONS, Packets.hex("11000000"))),
                "no room");
    }

    @Test
    void refusesEveryTruncationOfExtensions() {
        var bytes = Packets.ipv6(IpProtocol.HOP_BY_HOP, Packets.hex(
                "3c00000000000000 33010000000000000000000000000000"
                + "3b04000000000001000000010000000000000000000000ff"));
        for (int length = 40; length < bytes.length; length++) {
            var cut = Packets.exactly(bytes, length);
            new Ipv6Header().wrap(cut, 0).payloadLength(length - 40);
            assertFalse(packet.parse(cut, 0, length, EthernetHeader.ETHERTYPE_IPV6));
            assertEquals(DropReason.BAD_EXTENSION, packet.dropReason());
        }
        assertEquals(DropReason.NONE, parse(bytes));
        assertEquals(IpProtocol.NO_NEXT_HEADER, packet.protocol());
        assertEquals(0, packet.payloadLength());
    }

    @Test
    void refusesMappedAddressesInIpv6() {
        assertEquals(DropReason.MAPPED_ADDRESS, parse(Packets.ipv6(IpProtocol.UDP,
                Packets.GUEST_V4, Packets.PEER_V6, Packets.udp(1))));
        assertEquals(DropReason.MAPPED_ADDRESS, parse(Packets.ipv6(IpProtocol.UDP,
                Packets.GUEST_V6, IpAddress.LOOPBACK_V4, Packets.udp(1))));
    }

    private static DropReason check(String source, String destination) {
        var from = IpAddress.parse(source);
        var to = IpAddress.parse(destination);
        return AddressCheck.check(from.high(), from.low(), to.high(), to.low());
    }

    @Test
    void addressCheckRefusesWhatMayNotBeOnALink() {
        assertEquals(DropReason.NONE, check("192.0.2.2", "198.51.100.7"));
        assertEquals(DropReason.NONE, check("192.0.2.2", "255.255.255.255"));
        assertEquals(DropReason.NONE, check("fe80::1", "ff02::fb"));
        assertEquals(DropReason.UNSPECIFIED_ADDRESS, check("0.0.0.0", "198.51.100.7"));
        assertEquals(DropReason.UNSPECIFIED_ADDRESS, check("2001:db8::1", "::"));
        assertEquals(DropReason.UNSPECIFIED_ADDRESS, check("::", "ff02::1"));
        assertEquals(DropReason.LOOPBACK_ADDRESS, check("127.0.0.1", "198.51.100.7"));
        assertEquals(DropReason.LOOPBACK_ADDRESS, check("192.0.2.2", "127.8.9.1"));
        assertEquals(DropReason.LOOPBACK_ADDRESS, check("2001:db8::1", "::1"));
        assertEquals(DropReason.MULTICAST_SOURCE, check("224.0.0.1", "198.51.100.7"));
        assertEquals(DropReason.MULTICAST_SOURCE, check("255.255.255.255", "198.51.100.7"));
        assertEquals(DropReason.MULTICAST_SOURCE, check("ff02::1", "2001:db8::1"));
        assertTrue(packet.parse(Packets.segment(v4()), 0, v4().length,
                EthernetHeader.ETHERTYPE_IPV4));
        assertEquals(DropReason.NONE, AddressCheck.check(packet));
    }
}
