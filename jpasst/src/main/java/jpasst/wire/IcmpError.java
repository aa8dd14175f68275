// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;

/**
 * Writes the IP packet of an ICMP (RFC 792) or ICMPv6 (RFC 4443) error about a UDP datagram of the
 * guest. The offending packet is quoted as the guest sent it: its IP and UDP headers are made anew
 * with their real lengths, followed by the first bytes of its payload. Reused: set all four parts,
 * then {@link #writeTo}. The addresses must be of one family.
 */
public final class IcmpError {
    /** Bytes of payload quoted over IPv4 at most: what every sender could rely on (RFC 792). */
    public static final int MAXIMUM_QUOTE_V4 = 8;
    /** Over IPv6: the error must not exceed the minimum MTU of 1280 (RFC 4443 section 2.4 c). */
    public static final int MAXIMUM_QUOTE_V6 =
            1280 - 2 * Ipv6Header.LENGTH - IcmpHeader.LENGTH - UdpHeader.LENGTH;
    /** Bytes {@link #writeTo} writes at most. */
    public static final int MAXIMUM_LENGTH = 1280;

    private static final int HOP_LIMIT = 255;
    private static final int MAXIMUM_IP_LENGTH = 65535;

    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();

    private int type;
    private int code;
    private int parameter;
    private long offenderHigh;
    private long offenderLow;
    private long sourceHigh;
    private long sourceLow;
    private int sourcePort;
    private long destinationHigh;
    private long destinationLow;
    private int destinationPort;
    private int hopLimit;
    private int flowLabel;
    private int payloadLength;
    private MemorySegment quote = MemorySegment.NULL;
    private long quoteAt;
    private int quoteLength;

    /**
     * What happened, in the numbers of the datagram's family.
     *
     * @param parameter bytes 4 to 7 of the message: the next-hop MTU, or 0
     */
    public IcmpError error(int type, int code, int parameter) {
        this.type = type;
        this.code = code;
        this.parameter = parameter;
        return this;
    }

    /** Who says so: the source address of the error. */
    public IcmpError offender(long high, long low) {
        offenderHigh = high;
        offenderLow = low;
        return this;
    }

    /** From where the guest sent the datagram; the error goes there. */
    public IcmpError source(long high, long low, int port) {
        sourceHigh = high;
        sourceLow = low;
        sourcePort = port;
        return this;
    }

    /** To where the guest sent the datagram. */
    public IcmpError destination(long high, long low, int port) {
        destinationHigh = high;
        destinationLow = low;
        destinationPort = port;
        return this;
    }

    /**
     * What was in the datagram. Of the bytes given, only as many are quoted as the family allows.
     *
     * @param hopLimit time to live or hop limit in the quoted header
     * @param flowLabel 20 bits, IPv6 only
     * @param payloadLength bytes the datagram carried, at least {@code length}
     * @param quote memory with the first bytes of its payload
     * @param length how many of them there are
     */
    public IcmpError datagram(int hopLimit, int flowLabel, int payloadLength,
            MemorySegment quote, long at, int length) {
        assert length <= payloadLength;
        this.hopLimit = hopLimit;
        this.flowLabel = flowLabel;
        this.payloadLength = payloadLength;
        this.quote = quote;
        quoteAt = at;
        quoteLength = length;
        return this;
    }

    /** Writes the error from its IP header on, checksums complete, and returns its length. */
    public int writeTo(MemorySegment memory, long at) {
        boolean isV4 = Ip.isV4(sourceHigh, sourceLow);
        assert isV4 == Ip.isV4(destinationHigh, destinationLow);
        assert isV4 == Ip.isV4(offenderHigh, offenderLow);
        return isV4 ? writeV4(memory, at) : writeV6(memory, at);
    }

    private int writeV4(MemorySegment memory, long at) {
        long icmpAt = at + Ipv4Header.LENGTH;
        long innerAt = icmpAt + IcmpHeader.LENGTH;
        int inner = Ipv4Header.LENGTH + UdpHeader.LENGTH;
        v4.wrap(memory, innerAt)
                .write(ipLength(inner), hopLimit, IpProtocol.UDP, Ip.v4(sourceLow),
                        Ip.v4(destinationLow))
                .fillHeaderChecksum();
        int quoted = writeDatagram(memory, innerAt + Ipv4Header.LENGTH, MAXIMUM_QUOTE_V4);

        int message = IcmpHeader.LENGTH + inner + quoted;
        icmp.wrap(memory, icmpAt).write(type, code, parameter).fillChecksum(message, 0);
        int length = Ipv4Header.LENGTH + message;
        v4.wrap(memory, at)
                .write(length, HOP_LIMIT, IpProtocol.ICMP, Ip.v4(offenderLow), Ip.v4(sourceLow))
                .fillHeaderChecksum();
        return length;
    }

    private int writeV6(MemorySegment memory, long at) {
        long icmpAt = at + Ipv6Header.LENGTH;
        long innerAt = icmpAt + IcmpHeader.LENGTH;
        v6.wrap(memory, innerAt)
                .write(ipLength(UdpHeader.LENGTH), IpProtocol.UDP, hopLimit, flowLabel)
                .source(sourceHigh, sourceLow).destination(destinationHigh, destinationLow);
        int quoted = writeDatagram(memory, innerAt + Ipv6Header.LENGTH, MAXIMUM_QUOTE_V6);

        int message = IcmpHeader.LENGTH + Ipv6Header.LENGTH + UdpHeader.LENGTH + quoted;
        icmp.wrap(memory, icmpAt).write(type, code, parameter)
                .fillChecksum(message, Checksum.pseudoHeaderV6(offenderHigh, offenderLow,
                        sourceHigh, sourceLow, IpProtocol.ICMPV6, message));
        v6.wrap(memory, at).write(message, IpProtocol.ICMPV6, HOP_LIMIT, 0)
                .source(offenderHigh, offenderLow).destination(sourceHigh, sourceLow);
        return Ipv6Header.LENGTH + message;
    }

    /** The value of a length field which covers the datagram's payload and some headers. */
    private int ipLength(int headers) {
        return Math.min(headers + payloadLength, MAXIMUM_IP_LENGTH);
    }

    /**
     * Writes the UDP header and the first bytes of the payload, and returns how many these are.
     * The checksum can only be told if the payload is known to its end, else it stays 0.
     */
    private int writeDatagram(MemorySegment memory, long at, int maximum) {
        int length = ipLength(UdpHeader.LENGTH);
        int quoted = Math.min(quoteLength, maximum);
        udp.wrap(memory, at).write(sourcePort, destinationPort, length);
        MemorySegment.copy(quote, quoteAt, memory, at + UdpHeader.LENGTH, quoted);
        if (quoteLength == payloadLength) {
            int seed = Checksum.pseudoHeader(sourceHigh, sourceLow, destinationHigh,
                    destinationLow, IpProtocol.UDP, length);
            seed = Checksum.sum(memory, at, UdpHeader.LENGTH, seed);
            udp.checksum(Checksum.finishUdp(
                    Checksum.sum(quote, quoteAt, quoteLength, seed)));
        }
        return quoted;
    }
}
