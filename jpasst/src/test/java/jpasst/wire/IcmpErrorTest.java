// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import jpasst.addr.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IcmpErrorTest {
    private static final IpAddress ROUTER_V4 = IpAddress.parse("203.0.113.9");
    private static final IpAddress ROUTER_V6 = IpAddress.parse("2001:db8:9::9");

    private final IcmpError error = new IcmpError();
    private final IpPacket outer = new IpPacket();
    private final byte[] out = new byte[IcmpError.MAXIMUM_LENGTH];
    private final MemorySegment memory = MemorySegment.ofArray(out);

    private int write(IpAddress offender, IpAddress source, IpAddress destination,
            byte[] payload, int payloadLength) {
        Arrays.fill(out, (byte) 0xa5);
        return error.offender(offender.high(), offender.low())
                .source(source.high(), source.low(), 5353)
                .destination(destination.high(), destination.low(), 53)
                .datagram(64, 0x12345, payloadLength, MemorySegment.ofArray(payload), 0,
                        payload.length)
                .writeTo(memory, 0);
    }

    private void assertReceived(int length, int etherType, IpAddress offender, IpAddress target) {
        assertTrue(outer.parse(memory, 0, length, etherType));
        assertEquals(offender, new IpAddress(outer.sourceHigh(), outer.sourceLow()));
        assertEquals(target, new IpAddress(outer.destinationHigh(), outer.destinationLow()));
        assertEquals(255, outer.hopLimit());
        assertTrue(Checksum.verifyIcmp(outer));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 1400})
    void quotesTheFirstEightBytesOverIpv4(int size) {
        error.error(IcmpHeader.V4_DESTINATION_UNREACHABLE, 4, 1400);
        int length = write(ROUTER_V4, Packets.GUEST_V4, Packets.PEER_V4, Packets.payload(size),
                size);
        assertEquals(20 + 8 + 28 + Math.min(size, 8), length);
        assertReceived(length, EthernetHeader.ETHERTYPE_IPV4, ROUTER_V4, Packets.GUEST_V4);
        var icmp = new IcmpHeader().wrap(memory, outer.payloadAt());
        assertEquals(3, icmp.type());
        assertEquals(4, icmp.code());
        assertEquals(1400, icmp.parameter());
        var sent = Packets.ipv4(IpProtocol.UDP, Packets.udp(size));
        assertArrayEquals(Arrays.copyOf(sent, length - 28), Arrays.copyOfRange(out, 28, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1183, 1184, 1185, 9000})
    void quotesUpToTheMinimumMtuOverIpv6(int size) {
        error.error(IcmpHeader.V6_PACKET_TOO_BIG, 0, 1280);
        int length = write(ROUTER_V6, Packets.GUEST_V6, Packets.PEER_V6, Packets.payload(size),
                size);
        assertEquals(Math.min(40 + 8 + 48 + size, 1280), length);
        assertReceived(length, EthernetHeader.ETHERTYPE_IPV6, ROUTER_V6, Packets.GUEST_V6);
        var sent = Packets.ipv6(IpProtocol.UDP, Packets.udp(size));
        assertArrayEquals(Arrays.copyOf(sent, length - 48), Arrays.copyOfRange(out, 48, length));
    }

    @Test
    void tellsTheRealLengthButNoChecksumIfThePayloadIsNotKnownToItsEnd() {
        error.error(IcmpHeader.V4_DESTINATION_UNREACHABLE, 3, 0);
        int length = write(ROUTER_V4, Packets.GUEST_V4, Packets.PEER_V4, Packets.payload(20), 999);
        assertEquals(64, length);
        assertEquals(20 + 8 + 999, new Ipv4Header().wrap(memory, 28).totalLength());
        assertEquals(8 + 999, new UdpHeader().wrap(memory, 48).length());
        assertEquals(0, new UdpHeader().wrap(memory, 48).checksum());
    }
}
