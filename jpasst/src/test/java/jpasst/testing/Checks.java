// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;

/**
 * Checks of a frame which nest as its layers do: {@code assertFrame(bytes, ipv4(ttl(64),
 * udp(targetPort(53))))}. Each layer check verifies lengths and checksums by itself.
 */
public final class Checks {
    private Checks() {
    }

    /** Runs checks on a whole Ethernet frame. */
    public static void assertFrame(byte[] frame, Check... checks) {
        assertTrue(frame.length >= 14, "shorter than an Ethernet header");
        all(new Layer("ethernet", frame, 0, frame.length, 14, null), checks);
    }

    /** Runs checks on what a fake tap recorded, its checksums completed. */
    public static void assertFrame(RecordedFrame frame, Check... checks) {
        assertFrame(frame.completed(), checks);
    }

    /** The Ethernet source. */
    public static Check sourceMac(long mac) {
        return l -> assertEquals(mac, l.u48(6), "Ethernet source");
    }

    /** The Ethernet destination. */
    public static Check targetMac(long mac) {
        return l -> assertEquals(mac, l.u48(0), "Ethernet destination");
    }

    /** An ARP packet of this operation. */
    public static Check arp(int operation, long senderMac, String sender, long target,
            String targetIp) {
        return l -> {
            assertEquals(0x0806, l.u16(12), "EtherType");
            var arp = l.inner("arp", 28);
            assertEquals(0x0001_0800, arp.u32(0));
            assertEquals(0x0604, arp.u16(4));
            assertEquals(operation, arp.u16(6), "operation");
            assertEquals(senderMac, arp.u48(8), "sender MAC");
            assertArrayEquals(FrameBuilder.address(sender), arp.range(14, 4), "sender");
            assertEquals(target, arp.u48(18), "target MAC");
            assertArrayEquals(FrameBuilder.address(targetIp), arp.range(24, 4), "target");
        };
    }

    /** IPv4 or IPv6, whichever the frame has. */
    public static Check ip(Check... checks) {
        return l -> (l.u16(12) == 0x0800 ? ipv4(checks) : ipv6(checks)).verify(l);
    }

    /** An IPv4 packet with right length and header checksum; may be followed by padding. */
    public static Check ipv4(Check... checks) {
        return l -> {
            assertEquals(0x0800, l.u16(12), "EtherType");
            assertTrue(l.length() >= 34, "room for an IPv4 header");
            var head = l.inner("ipv4", 20);
            int total = head.u16(2);
            assertTrue(total <= head.length(), "total length " + total + " of " + head.length());
            var ip = l.inner("ipv4", total, (head.u8(0) & 15) * 4);
            verifyIpv4Header(ip);
            all(ip, checks);
        };
    }

    /** An IPv6 packet whose payload length fits; may be followed by padding. */
    public static Check ipv6(Check... checks) {
        return l -> {
            assertEquals(0x86dd, l.u16(12), "EtherType");
            var head = l.inner("ipv6", 40);
            assertEquals(6, head.u8(0) >> 4, "version");
            int total = 40 + head.u16(4);
            assertTrue(total <= head.length(), "length " + total + " of " + head.length());
            all(l.inner("ipv6", total, 40), checks);
        };
    }

    /** Source address of an IP layer. */
    public static Check source(String address) {
        return l -> assertArrayEquals(FrameBuilder.address(address), sourceOf(l), "source");
    }

    /** Destination address of an IP layer. */
    public static Check target(String address) {
        return l -> assertArrayEquals(FrameBuilder.address(address), targetOf(l), "destination");
    }

    /** TTL or hop limit. */
    public static Check ttl(int value) {
        return l -> assertEquals(value, l.u8(isV4(l) ? 8 : 7), "TTL");
    }

    /** "Don't fragment" is set, and the packet is not a fragment. */
    public static Check dontFragment() {
        return l -> assertEquals(0x4000, l.u16(6), "flags and fragment offset");
    }

    /** A UDP datagram with right length and checksum. */
    public static Check udp(Check... checks) {
        return l -> {
            assertEquals(17, protocolOf(l), "protocol");
            var udp = l.inner("udp", 8);
            assertEquals(udp.length(), udp.u16(4), "UDP length");
            if (udp.u16(6) != 0 || !isV4(l)) {
                verifyTransport(l, udp, 17);
            }
            all(udp, checks);
        };
    }

    /** A TCP segment with right checksum. */
    public static Check tcp(Check... checks) {
        return l -> {
            assertEquals(6, protocolOf(l), "protocol");
            var fixed = l.inner("tcp", 20);
            var tcp = l.inner("tcp", (fixed.u8(12) >> 4) * 4);
            verifyTransport(l, tcp, 6);
            all(tcp, checks);
        };
    }

    /** An ICMP or ICMPv6 message with right checksum. */
    public static Check icmp(int type, int code, Check... checks) {
        return l -> {
            int protocol = isV4(l) ? 1 : 58;
            assertEquals(protocol, protocolOf(l), "protocol");
            var icmp = l.inner("icmp", 8);
            verifyTransport(l, icmp, protocol);
            assertEquals(type, icmp.u8(0), "ICMP type");
            assertEquals(code, icmp.u8(1), "ICMP code");
            all(icmp, checks);
        };
    }

    /** Source port of UDP or TCP. */
    public static Check sourcePort(int port) {
        return l -> assertEquals(port, l.u16(0), "source port");
    }

    /** Destination port of UDP or TCP. */
    public static Check targetPort(int port) {
        return l -> assertEquals(port, l.u16(2), "destination port");
    }

    /** Identifier of an echo message. */
    public static Check identifier(int value) {
        return l -> assertEquals(value, l.u16(4), "identifier");
    }

    /** Sequence number of an echo message. */
    public static Check echoSequence(int value) {
        return l -> assertEquals(value, l.u16(6), "sequence");
    }

    /** Second word of an ICMP message: next-hop MTU and the like. */
    public static Check icmpRest(int value) {
        return l -> assertEquals(value, l.u32(4), "rest of the ICMP header");
    }

    /** TCP sequence number. */
    public static Check sequence(int value) {
        return l -> assertEquals(value, l.u32(4), "sequence");
    }

    /** TCP acknowledgment number. */
    public static Check acknowledgment(int value) {
        return l -> assertEquals(value, l.u32(8), "acknowledgment");
    }

    /** TCP flags, exactly these. */
    public static Check flags(int value) {
        return l -> assertEquals(value, l.u16(12) & 0x1ff, "TCP flags");
    }

    /** TCP window as it is in the header, not scaled. */
    public static Check window(int value) {
        return l -> assertEquals(value, l.u16(14), "window");
    }

    /** Everything behind the layer's header. */
    public static Check payload(byte... bytes) {
        return l -> assertArrayEquals(bytes, l.payload(), "payload");
    }

    /** The same as ASCII text. */
    public static Check payload(String text) {
        return l -> assertEquals(text, new String(l.payload(), StandardCharsets.US_ASCII));
    }

    /** Number of bytes behind the layer's header. */
    public static Check payloadLength(int length) {
        return l -> assertEquals(length, l.length() - l.headerLength(), "payload length");
    }

    /** The IP packet an ICMP error quotes, possibly cut short; checks see its header. */
    public static Check quotes(Check... checks) {
        return l -> {
            boolean v4 = isV4(l.outer());
            var quoted = l.inner("quoted", v4 ? 20 : 40);
            if (v4) {
                verifyIpv4Header(quoted);
            }
            all(quoted, checks);
        };
    }

    /** The UDP header of a quoted packet: no checksum or length is verified. */
    public static Check quotedUdp(Check... checks) {
        return l -> {
            assertEquals(17, protocolOf(l), "protocol");
            all(l.inner("quoted udp", 8), checks);
        };
    }

    /** The length field of UDP. */
    public static Check datagramLength(int length) {
        return l -> assertEquals(length, l.u16(4), "UDP length");
    }

    /** Total length (IPv4) or payload length (IPv6) as the header says. */
    public static Check ipLength(int length) {
        return l -> assertEquals(length, l.u16(isV4(l) ? 2 : 4), "IP length");
    }

    private static void all(Layer layer, Check... checks) {
        for (var check : checks) {
            check.verify(layer);
        }
    }

    private static boolean isV4(Layer ip) {
        return ip.u8(0) >> 4 == 4;
    }

    private static int protocolOf(Layer ip) {
        return ip.u8(isV4(ip) ? 9 : 6);
    }

    private static byte[] sourceOf(Layer ip) {
        return isV4(ip) ? ip.range(12, 4) : ip.range(8, 16);
    }

    private static byte[] targetOf(Layer ip) {
        return isV4(ip) ? ip.range(16, 4) : ip.range(24, 16);
    }

    private static void verifyIpv4Header(Layer ip) {
        assertEquals(4, ip.u8(0) >> 4, "version");
        int sum = FrameBuilder.sum(ip.bytes(), ip.at(), ip.headerLength(), 0);
        assertEquals(0xffff, sum, "IPv4 header checksum");
    }

    private static void verifyTransport(Layer ip, Layer transport, int protocol) {
        int seed = 0;
        if (protocol != 1) {
            seed = FrameBuilder.sum(sourceOf(ip), 0, sourceOf(ip).length, seed);
            seed = FrameBuilder.sum(targetOf(ip), 0, targetOf(ip).length, seed);
            seed += protocol + transport.length();
        }
        int sum = FrameBuilder.sum(transport.bytes(), transport.at(), transport.length(), seed);
        assertEquals(0xffff, (sum & 0xffff) + (sum >> 16), transport.name() + " checksum");
    }
}
