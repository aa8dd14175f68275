// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/**
 * Writes one Ethernet frame from words: {@code frame().ipv4("10.0.0.1", "10.0.0.2").ttl(3)
 * .udp(4000, 53).payload("x").bytes()}. Lengths and checksums are filled in by {@link #bytes()};
 * numbers are given in host order and written in network order. Not for reuse after bytes().
 */
public final class FrameBuilder {
    /** The guest's MAC address in frames which name none. */
    public static final long GUEST_MAC = 0x52_54_00_12_34_56L;
    /** Our MAC address in frames which name none. */
    public static final long OUR_MAC = 0x9a_55_9a_55_9a_55L;

    /** TCP flag bits as in RFC 9293. */
    public static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32;

    private static final int ETHERNET = 14;

    private long sourceMac = GUEST_MAC;
    private long targetMac = OUR_MAC;
    private int etherType;
    private byte[] sourceAddress = new byte[0];
    private byte[] targetAddress = new byte[0];
    private int hops = 64;
    private int typeOfService;
    private int flowLabel;
    private int fragmentField = 0x4000;
    private int identification;
    private int protocol = -1;
    private byte[] extensionHeaders = new byte[0];
    private byte[] ipv4Options = new byte[0];
    private byte[] transport = new byte[0];
    private byte[] payload = new byte[0];
    private int checksumAt = -1;
    private boolean zeroUdpChecksum;
    private boolean pseudoSumOnly;

    private FrameBuilder() {
    }

    /** An empty frame from the guest to us. */
    public static FrameBuilder frame() {
        return new FrameBuilder();
    }

    /** Ethernet addresses, 48 bits each. */
    public FrameBuilder ethernet(long source, long target) {
        sourceMac = source;
        targetMac = target;
        return this;
    }

    /** A frame of another EtherType; the payload follows at once. */
    public FrameBuilder etherType(int type) {
        etherType = type;
        return this;
    }

    /** An ARP packet (RFC 826) for Ethernet and IPv4; operation 1 asks, 2 answers. */
    public FrameBuilder arp(int operation, long senderMac, String sender, long target,
            String targetIp) {
        etherType = 0x0806;
        var out = new ByteArrayOutputStream();
        put(out, 1, 2);
        put(out, 0x0800, 2);
        put(out, 6, 1);
        put(out, 4, 1);
        put(out, operation, 2);
        put(out, senderMac, 6);
        out.writeBytes(address(sender));
        put(out, target, 6);
        out.writeBytes(address(targetIp));
        payload = out.toByteArray();
        return this;
    }

    /** IPv4, or IPv6 if the addresses say so. */
    public FrameBuilder ip(String source, String target) {
        return source.indexOf(':') >= 0 ? ipv6(source, target) : ipv4(source, target);
    }

    /** An IPv4 header with DF set, identification 0 and TTL 64. */
    public FrameBuilder ipv4(String source, String target) {
        etherType = 0x0800;
        sourceAddress = address(source);
        targetAddress = address(target);
        return this;
    }

    /** An IPv6 header with hop limit 64. */
    public FrameBuilder ipv6(String source, String target) {
        etherType = 0x86dd;
        sourceAddress = address(source);
        targetAddress = address(target);
        return this;
    }

    /** TTL or hop limit. */
    public FrameBuilder ttl(int value) {
        hops = value;
        return this;
    }

    /** Type of service or traffic class. */
    public FrameBuilder typeOfService(int value) {
        typeOfService = value;
        return this;
    }

    /** The IPv6 flow label, 20 bits. */
    public FrameBuilder flowLabel(int value) {
        flowLabel = value;
        return this;
    }

    /** The IPv4 flags and fragment offset field as it is on the wire, and the identification. */
    public FrameBuilder fragment(int field, int id) {
        fragmentField = field;
        identification = id;
        return this;
    }

    /** IPv6 extension headers, complete but for the last next-header value, written as given. */
    public FrameBuilder extensions(byte... headers) {
        extensionHeaders = headers;
        return this;
    }

    /** IPv4 options; the length must be a multiple of 4. */
    public FrameBuilder options(byte... options) {
        ipv4Options = options;
        return this;
    }

    /** Any other protocol; the payload follows at once. */
    public FrameBuilder protocol(int number) {
        protocol = number;
        return this;
    }

    /** A UDP header. */
    public FrameBuilder udp(int sourcePort, int targetPort) {
        protocol = 17;
        var out = new ByteArrayOutputStream();
        put(out, sourcePort, 2);
        put(out, targetPort, 2);
        put(out, 0, 4);
        transport = out.toByteArray();
        checksumAt = 6;
        return this;
    }

    /** Leaves the UDP checksum zero: "none" in IPv4 (RFC 768). */
    public FrameBuilder withoutChecksum() {
        zeroUdpChecksum = true;
        return this;
    }

    /** Leaves the pseudo-header sum in the checksum field, as a sender with offload does. */
    public FrameBuilder partialChecksum() {
        pseudoSumOnly = true;
        return this;
    }

    /** A TCP header (RFC 9293) with options, whose length must be a multiple of 4. */
    public FrameBuilder tcp(int sourcePort, int targetPort, int sequence, int acknowledgment,
            int flags, int window, byte... options) {
        protocol = 6;
        var out = new ByteArrayOutputStream();
        put(out, sourcePort, 2);
        put(out, targetPort, 2);
        put(out, sequence & 0xffffffffL, 4);
        put(out, acknowledgment & 0xffffffffL, 4);
        put(out, (20 + options.length) / 4 << 12 | flags, 2);
        put(out, window, 2);
        put(out, 0, 4);
        out.writeBytes(options);
        transport = out.toByteArray();
        checksumAt = 16;
        return this;
    }

    /** The TCP option "maximum segment size". */
    public static byte[] mss(int size) {
        return new byte[] {2, 4, (byte) (size >> 8), (byte) size};
    }

    /** An echo request of the address family in use. */
    public FrameBuilder echoRequest(int identifier, int sequence) {
        return icmp(isV4() ? 8 : 128, 0, identifier << 16 | sequence);
    }

    /** An ICMP or ICMPv6 header by the family in use; {@code rest} is its second word. */
    public FrameBuilder icmp(int type, int code, int rest) {
        protocol = isV4() ? 1 : 58;
        var out = new ByteArrayOutputStream();
        put(out, type, 1);
        put(out, code, 1);
        put(out, 0, 2);
        put(out, rest & 0xffffffffL, 4);
        transport = out.toByteArray();
        checksumAt = 2;
        return this;
    }

    /** A neighbour solicitation (RFC 4861 4.3) from {@code source}; sends it with hop limit 255. */
    public FrameBuilder neighborSolicitation(String source, String destination, String target,
            byte... options) {
        ipv6(source, destination).ttl(255).icmp(135, 0, 0);
        var out = new ByteArrayOutputStream();
        out.writeBytes(address(target));
        out.writeBytes(options);
        payload = out.toByteArray();
        return this;
    }

    /** What follows the last header. */
    public FrameBuilder payload(byte... bytes) {
        payload = bytes;
        return this;
    }

    /** The same as text in ASCII. */
    public FrameBuilder payload(String text) {
        return payload(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The finished frame. */
    public byte[] bytes() {
        var out = new ByteArrayOutputStream();
        put(out, targetMac, 6);
        put(out, sourceMac, 6);
        put(out, etherType, 2);
        if (sourceAddress.length == 4) {
            out.writeBytes(ipv4Header());
        } else if (sourceAddress.length == 16) {
            out.writeBytes(ipv6Header());
        }
        out.writeBytes(finishedTransport());
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** The finished packet without its Ethernet header. */
    public byte[] packet() {
        var all = bytes();
        return java.util.Arrays.copyOfRange(all, ETHERNET, all.length);
    }

    private boolean isV4() {
        return sourceAddress.length == 4;
    }

    private byte[] ipv4Header() {
        var out = new ByteArrayOutputStream();
        int headerLength = 20 + ipv4Options.length;
        put(out, 4 << 4 | headerLength / 4, 1);
        put(out, typeOfService, 1);
        put(out, headerLength + transport.length + payload.length, 2);
        put(out, identification, 2);
        put(out, fragmentField, 2);
        put(out, hops, 1);
        put(out, protocol, 1);
        put(out, 0, 2);
        out.writeBytes(sourceAddress);
        out.writeBytes(targetAddress);
        out.writeBytes(ipv4Options);
        var header = out.toByteArray();
        set16(header, 10, ~sum(header, 0, header.length, 0));
        return header;
    }

    private byte[] ipv6Header() {
        var out = new ByteArrayOutputStream();
        put(out, 6L << 28 | (long) typeOfService << 20 | flowLabel, 4);
        put(out, extensionHeaders.length + transport.length + payload.length, 2);
        put(out, extensionHeaders.length == 0 ? protocol : 60, 1);
        put(out, hops, 1);
        out.writeBytes(sourceAddress);
        out.writeBytes(targetAddress);
        out.writeBytes(extensionHeaders);
        return out.toByteArray();
    }

    private byte[] finishedTransport() {
        if (checksumAt < 0 || zeroUdpChecksum) {
            setUdpLength();
            return transport;
        }
        setUdpLength();
        var all = new ByteArrayOutputStream();
        all.writeBytes(transport);
        all.writeBytes(payload);
        int pseudo = protocol == 1 ? 0 : pseudoHeader(all.size());
        int sum = pseudoSumOnly ? pseudo : ~sum(all.toByteArray(), 0, all.size(), pseudo) & 0xffff;
        set16(transport, checksumAt, sum == 0 && protocol == 17 ? 0xffff : sum);
        return transport;
    }

    private void setUdpLength() {
        if (protocol == 17 && transport.length == 8) {
            set16(transport, 4, 8 + payload.length);
        }
    }

    private int pseudoHeader(int length) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(sourceAddress);
        out.writeBytes(targetAddress);
        put(out, length, 4);
        put(out, protocol, 4);
        return sum(out.toByteArray(), 0, out.size(), 0);
    }

    /** The folded ones' complement sum over bytes (RFC 1071), not yet complemented. */
    static int sum(byte[] bytes, int from, int length, int seed) {
        int sum = seed;
        for (int i = 0; i < length; i++) {
            sum += (bytes[from + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum;
    }

    static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void set16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    private static void put(ByteArrayOutputStream out, long value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            out.write((int) (value >> shift));
        }
    }
}
