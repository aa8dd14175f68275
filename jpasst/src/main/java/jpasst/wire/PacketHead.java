// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;

/**
 * Writes Ethernet and IP header in front of a transport packet which is in memory already: no byte
 * of data moves. Reused: set link and addresses, then {@link #write}. The headers end where the
 * packet begins; room for {@link #MAXIMUM_LENGTH} bytes must be there, and in front of these for
 * what a transport puts before a frame (see {@code Frame.HEADROOM}).
 */
public final class PacketHead {
    /** Bytes of both headers at most: Ethernet and IPv6. */
    public static final int MAXIMUM_LENGTH = EthernetHeader.LENGTH + Ipv6Header.LENGTH;
    /** TTL or hop limit of packets we make ourselves. */
    public static final int HOP_LIMIT = 255;

    private final EthernetHeader ethernet = new EthernetHeader();
    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();

    private long targetMac;
    private long sourceMac;
    private boolean isV4;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /** MAC addresses of receiver and sender, 48 bits. */
    public PacketHead link(long target, long source) {
        targetMac = target;
        sourceMac = source;
        return this;
    }

    /** Addresses of sender and receiver, of one family. */
    public PacketHead addresses(long sourceHigh, long sourceLow, long destinationHigh,
            long destinationLow) {
        isV4 = Ip.isV4(sourceHigh, sourceLow);
        assert isV4 == Ip.isV4(destinationHigh, destinationLow);
        this.sourceHigh = sourceHigh;
        this.sourceLow = sourceLow;
        this.destinationHigh = destinationHigh;
        this.destinationLow = destinationLow;
        return this;
    }

    /** Bytes of both headers for a family. */
    public static int length(boolean isV4) {
        return EthernetHeader.LENGTH + (isV4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH);
    }

    /** Bytes of both headers for the addresses set. */
    public int length() {
        return length(isV4);
    }

    /**
     * Partial sum of the pseudo header of the addresses set, for UDP, TCP and ICMPv6.
     *
     * @param length bytes of the transport packet
     */
    public int pseudoHeader(int protocol, int length) {
        return Checksum.pseudoHeader(sourceHigh, sourceLow, destinationHigh, destinationLow,
                protocol, length);
    }

    /**
     * Writes both headers. IPv4 is written with DF set and identification 0, both families with
     * hop limit {@link #HOP_LIMIT}.
     *
     * @param at offset of the transport packet
     * @param length its bytes; with an IPv4 header at most 65535
     * @return offset of the frame
     */
    public long write(MemorySegment memory, long at, int length, int protocol) {
        if (isV4) {
            v4.wrap(memory, at - Ipv4Header.LENGTH)
                    .write(Ipv4Header.LENGTH + length, HOP_LIMIT, protocol, Ip.v4(sourceLow),
                            Ip.v4(destinationLow))
                    .fillHeaderChecksum();
            return writeLink(memory, at - Ipv4Header.LENGTH);
        }
        v6.wrap(memory, at - Ipv6Header.LENGTH)
                .write(length, protocol, HOP_LIMIT, 0)
                .source(sourceHigh, sourceLow)
                .destination(destinationHigh, destinationLow);
        return writeLink(memory, at - Ipv6Header.LENGTH);
    }

    /**
     * Writes the Ethernet header alone, in front of an IP packet of the family of the addresses.
     *
     * @param at offset of the IP packet
     * @return offset of the frame
     */
    public long writeLink(MemorySegment memory, long at) {
        ethernet.wrap(memory, at - EthernetHeader.LENGTH).target(targetMac).source(sourceMac)
                .type(isV4 ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6);
        return at - EthernetHeader.LENGTH;
    }
}
