// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;

import jpasst.addr.IpAddress;

/** Makes packets for tests, as byte arrays that begin with the IP header. */
final class Packets {
    static final IpAddress GUEST_V4 = IpAddress.parse("192.0.2.2");
    static final IpAddress PEER_V4 = IpAddress.parse("198.51.100.7");
    static final IpAddress GUEST_V6 = IpAddress.parse("2001:db8::2");
    static final IpAddress PEER_V6 = IpAddress.parse("2001:db8:ffff::7");

    private Packets() {}

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    static MemorySegment segment(byte[] bytes) {
        return MemorySegment.ofArray(bytes);
    }

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (var part : parts) {
            length += part.length;
        }
        var all = new byte[length];
        int at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    static byte[] payload(int length) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + i / 256);
        }
        return bytes;
    }

    static byte[] ipv4(int protocol, byte[] transport) {
        return ipv4(protocol, GUEST_V4, PEER_V4, transport);
    }

    static byte[] ipv4(int protocol, IpAddress source, IpAddress destination, byte[] transport) {
        var packet = concat(new byte[Ipv4Header.LENGTH], transport);
        new Ipv4Header().wrap(segment(packet), 0)
                .write(packet.length, 64, protocol, source.v4(), destination.v4())
                .fillHeaderChecksum();
        return fillTransport(packet, Ipv4Header.LENGTH, protocol, source, destination);
    }

    static byte[] ipv6(int protocol, byte[] transport) {
        return ipv6(protocol, GUEST_V6, PEER_V6, transport);
    }

    static byte[] ipv6(int protocol, IpAddress source, IpAddress destination, byte[] transport) {
        var packet = concat(new byte[Ipv6Header.LENGTH], transport);
        new Ipv6Header().wrap(segment(packet), 0).write(transport.length, protocol, 64, 0x12345)
                .source(source.high(), source.low())
                .destination(destination.high(), destination.low());
        return fillTransport(packet, Ipv6Header.LENGTH, protocol, source, destination);
    }

    private static byte[] fillTransport(byte[] packet, int at, int protocol, IpAddress source,
            IpAddress destination) {
        int field = switch (protocol) {
            case IpProtocol.TCP -> TcpHeader.CHECKSUM_OFFSET;
            case IpProtocol.UDP -> UdpHeader.CHECKSUM_OFFSET;
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> 2;
            default -> -1;
        };
        if (field < 0 || packet.length - at < field + 2) {
            return packet;
        }
        packet[at + field] = 0;
        packet[at + field + 1] = 0;
        int length = packet.length - at;
        int seed = protocol == IpProtocol.ICMP ? 0 : Checksum.pseudoHeader(source.high(),
                source.low(), destination.high(), destination.low(), protocol, length);
        int sum = Checksum.sum(segment(packet), at, length, seed);
        BigEndian.putU16(segment(packet), at + field,
                protocol == IpProtocol.UDP ? Checksum.finishUdp(sum) : Checksum.finish(sum));
        return packet;
    }

    static byte[] tcp(int flags, int sequence, byte[] options, byte[] data) {
        var segment = concat(new byte[TcpHeader.LENGTH], options, data);
        new TcpHeader().wrap(segment(segment), 0)
                .write(40000, 443, sequence, 77, TcpHeader.LENGTH + options.length, flags, 512);
        return segment;
    }

    static byte[] udp(int length) {
        var datagram = concat(new byte[UdpHeader.LENGTH], payload(length));
        new UdpHeader().wrap(segment(datagram), 0).write(5353, 53, datagram.length);
        return datagram;
    }

    static byte[] echo(int type, int length) {
        var message = concat(new byte[IcmpHeader.LENGTH], payload(length));
        new IcmpHeader().wrap(segment(message), 0).write(type, 0, 0x1234_0001);
        return message;
    }

    /** The packet at exactly the length of its memory, so that an access beyond it is noticed. */
    static MemorySegment exactly(byte[] packet, int length) {
        return segment(Arrays.copyOf(packet, length));
    }
}
