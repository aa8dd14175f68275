// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;

/**
 * An IP packet of either family (RFC 791, RFC 8200), checked and taken apart: the facts every
 * protocol handler needs, independent of the family. One instance is reused for all packets;
 * after a {@link #parse} that failed, only {@link #dropReason} means something.
 *
 * <p>Guarantees after {@link #parse} returned true: the packet is whole, not a fragment;
 * {@code payloadLength()} bytes from {@code payloadAt()} are within what was available, with any
 * Ethernet padding cut off; an IPv6 packet has no IPv4-mapped address, so that {@link #isV4} and
 * the addresses always agree. Other checks of the addresses are in {@link AddressCheck}.
 */
public final class IpPacket {
    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();
    private final Ipv6Extensions extensions = new Ipv6Extensions();

    private MemorySegment memory = MemorySegment.NULL;
    private long networkAt;
    private int networkHeaderLength;
    private int payloadLength;
    private DropReason dropReason = DropReason.TRUNCATED;
    private boolean isV4;
    private int protocol;
    private int hopLimit;
    private int trafficClass;
    private int flowLabel;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;

    /**
     * Checks and takes apart the packet whose IP header is at {@code at}.
     *
     * @param available bytes from {@code at} to the end of the frame
     * @param etherType from the Ethernet header
     * @return whether the packet may be used; if not, see {@link #dropReason}
     */
    public boolean parse(MemorySegment m, long at, int available, int etherType) {
        memory = m;
        networkAt = at;
        dropReason = switch (etherType) {
            case EthernetHeader.ETHERTYPE_IPV4 -> parseV4(available);
            case EthernetHeader.ETHERTYPE_IPV6 -> parseV6(available);
            default -> DropReason.UNSUPPORTED_ETHERTYPE;
        };
        return dropReason == DropReason.NONE;
    }

    private DropReason parseV4(int available) {
        v4.wrap(memory, networkAt);
        if (available < Ipv4Header.LENGTH) {
            return DropReason.TRUNCATED;
        }
        if (v4.version() != 4) {
            return DropReason.BAD_VERSION;
        }
        if (!v4.isValid(available)) {
            return DropReason.BAD_LENGTH;
        }
        if (!v4.verifyHeaderChecksum()) {
            return DropReason.BAD_HEADER_CHECKSUM;
        }
        if (v4.isFragment()) {
            return DropReason.FRAGMENT;
        }
        takeV4();
        return DropReason.NONE;
    }

    private void takeV4() {
        isV4 = true;
        networkHeaderLength = v4.headerLength();
        payloadLength = v4.totalLength() - networkHeaderLength;
        protocol = v4.protocol();
        hopLimit = v4.timeToLive();
        trafficClass = v4.typeOfService();
        flowLabel = 0;
        sourceHigh = Ip.V4_HIGH;
        sourceLow = Ip.mapV4(v4.sourceAddress());
        destinationHigh = Ip.V4_HIGH;
        destinationLow = Ip.mapV4(v4.destinationAddress());
    }

    private DropReason parseV6(int available) {
        v6.wrap(memory, networkAt);
        if (available < Ipv6Header.LENGTH) {
            return DropReason.TRUNCATED;
        }
        if (v6.version() != 6) {
            return DropReason.BAD_VERSION;
        }
        int behind = available - Ipv6Header.LENGTH;
        if (v6.payloadLength() != behind) {
            return DropReason.BAD_LENGTH;
        }
        if (Ip.isV4(v6.sourceHigh(), v6.sourceLow())
                || Ip.isV4(v6.destinationHigh(), v6.destinationLow())) {
            return DropReason.MAPPED_ADDRESS;
        }
        var reason = extensions.walk(memory, networkAt + Ipv6Header.LENGTH, behind,
                v6.nextHeader());
        if (reason == DropReason.NONE) {
            takeV6(behind);
        }
        return reason;
    }

    private void takeV6(int behind) {
        isV4 = false;
        networkHeaderLength = Ipv6Header.LENGTH + extensions.length();
        payloadLength = behind - extensions.length();
        protocol = extensions.protocol();
        hopLimit = v6.hopLimit();
        trafficClass = v6.trafficClass();
        flowLabel = v6.flowLabel();
        sourceHigh = v6.sourceHigh();
        sourceLow = v6.sourceLow();
        destinationHigh = v6.destinationHigh();
        destinationLow = v6.destinationLow();
    }

    /** Why the last {@link #parse} failed, {@link DropReason#NONE} if it did not. */
    public DropReason dropReason() {
        return dropReason;
    }

    /** Whether this is an IPv4 packet. */
    public boolean isV4() {
        return isV4;
    }

    /** High word of the sender's address. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Low word of the sender's address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** High word of the receiver's address. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Low word of the receiver's address. */
    public long destinationLow() {
        return destinationLow;
    }

    /** The upper-layer protocol, behind all extension headers; see {@link IpProtocol}. */
    public int protocol() {
        return protocol;
    }

    /** Time to live, or hop limit: 0 to 255. */
    public int hopLimit() {
        return hopLimit;
    }

    /** Type of service, or traffic class: 0 to 255. */
    public int trafficClass() {
        return trafficClass;
    }

    /** 20 bits; 0 for IPv4. */
    public int flowLabel() {
        return flowLabel;
    }

    /** The memory all offsets refer to. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the IP header. */
    public long networkAt() {
        return networkAt;
    }

    /** Bytes of the IP header with its options or extension headers. */
    public int networkHeaderLength() {
        return networkHeaderLength;
    }

    /** Offset of the upper-layer header. */
    public long payloadAt() {
        return networkAt + networkHeaderLength;
    }

    /** Bytes of upper-layer header and data, by the IP header's length; may be 0. */
    public int payloadLength() {
        return payloadLength;
    }
}
