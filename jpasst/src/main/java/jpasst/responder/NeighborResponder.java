// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.Arena;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.NeighborAdvertisement;
import jpasst.wire.NeighborOptions;
import jpasst.wire.NeighborSolicitation;
import jpasst.wire.PacketHead;

/**
 * Answers neighbour solicitations of the guest (RFC 4861 section 7.2.4), asks for the guest's own
 * MAC address, and announces those of others.
 */
final class NeighborResponder {
    private static final int HOP_LIMIT = 255;
    private static final int MESSAGE_AT = Frame.HEADROOM + PacketHead.MAXIMUM_LENGTH;
    private static final int ADVERTISEMENT_LENGTH =
            NeighborAdvertisement.LENGTH + NeighborOptions.LINK_LAYER_LENGTH;
    private static final int ANSWER_FLAGS = NeighborAdvertisement.ROUTER
            | NeighborAdvertisement.SOLICITED | NeighborAdvertisement.OVERRIDE;
    /** Not solicited: who multicasts must not say so (RFC 4861 section 4.4). */
    private static final int ANNOUNCEMENT_FLAGS =
            NeighborAdvertisement.ROUTER | NeighborAdvertisement.OVERRIDE;
    /** ff02::1, and its MAC address (RFC 2464 section 7). */
    private static final long ALL_NODES_HIGH = 0xff02L << 48, ALL_NODES_LOW = 1;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;
    private static final long BROADCAST_MAC = 0xffff_ffff_ffffL;

    private final Addresses addresses;
    private final FrameSink tap;
    private final Counters counters;
    private final Frame frame;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final NeighborSolicitation solicitation = new NeighborSolicitation();
    private final NeighborAdvertisement advertisement = new NeighborAdvertisement();
    private final IcmpHeader icmp = new IcmpHeader();
    private final PacketHead head = new PacketHead();

    /** @param arena lives as long as this; memory for one frame is taken from it */
    NeighborResponder(Addresses addresses, FrameSink tap, Counters counters, Arena arena) {
        this.addresses = addresses;
        this.tap = tap;
        this.counters = counters;
        frame = new Frame(arena);
    }

    /** Whether a packet is ICMPv6 of neighbour discovery, types 133 to 136, and so for us. */
    static boolean isNeighborDiscovery(IpPacket packet) {
        if (packet.isV4() || packet.protocol() != IpProtocol.ICMPV6
                || packet.payloadLength() < IcmpHeader.LENGTH) {
            return false;
        }
        int type = BigEndian.u8(packet.memory(), packet.payloadAt());
        return type >= IcmpHeader.V6_ROUTER_SOLICITATION
                && type <= IcmpHeader.V6_NEIGHBOR_ADVERTISEMENT;
    }

    /**
     * Takes one packet of neighbour discovery from the guest; its source may be unspecified.
     *
     * @param in the frame around it
     */
    void fromTap(Frame in, IpPacket packet) {
        icmp.wrap(packet.memory(), packet.payloadAt());
        if (!icmp.isValid(packet.payloadLength())) {
            counters.increment(Counter.DROP_MALFORMED_ICMP);
            return;
        }
        if (icmp.type() != IcmpHeader.V6_NEIGHBOR_SOLICITATION) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
            return;
        }
        if (!in.checksumTrusted() && !Checksum.verifyIcmp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        solicitation.wrap(packet.memory(), packet.payloadAt());
        if (!isValid(packet)) {
            counters.increment(Counter.DROP_MALFORMED_ICMP);
        } else if (Ip.isUnspecified(packet.sourceHigh(), packet.sourceLow())) {
            // Duplicate address detection: silence means that the guest may have the address.
            counters.increment(Counter.DROP_SERVICE_IGNORED);
        } else {
            answer(in, packet);
        }
    }

    /** RFC 4861 section 7.1.1. */
    private boolean isValid(IpPacket packet) {
        return packet.hopLimit() == HOP_LIMIT && icmp.code() == 0
                && solicitation.isValid(packet.payloadLength())
                && !Ip.isMulticast(solicitation.targetHigh(), solicitation.targetLow());
    }

    private void answer(Frame in, IpPacket packet) {
        long high = solicitation.targetHigh();
        long low = solicitation.targetLow();
        long asker = ethernet.wrap(in.memory(), in.at()).source();
        head.link(asker, addresses.ourTapMac());
        advertise(high, low, addresses.neighbors().macOf(high, low), ANSWER_FLAGS,
                packet.sourceHigh(), packet.sourceLow(), Counter.NEIGHBOR_ADVERTISEMENTS);
    }

    /**
     * Tells the guest where a host of its link is (RFC 4861 section 7.2.6).
     *
     * @param mac 48 bits, a unicast address
     */
    void announce(long high, long low, long mac) {
        head.link(ALL_NODES_MAC, mac);
        advertise(high, low, mac, ANNOUNCEMENT_FLAGS, ALL_NODES_HIGH, ALL_NODES_LOW,
                Counter.NEIGHBOR_ANNOUNCEMENTS);
    }

    /** Sends an advertisement from our own address, by the link that is set already. */
    private void advertise(long high, long low, long mac, int flags, long destinationHigh,
            long destinationLow, Counter sent) {
        IpAddress our = addresses.v6().ourTapAddress();
        var memory = frame.reset().memory();
        advertisement.wrap(memory, MESSAGE_AT).write(flags).target(high, low);
        NeighborOptions.putLinkLayerAddress(memory, MESSAGE_AT + NeighborAdvertisement.LENGTH,
                NeighborOptions.TARGET_LINK_LAYER, mac);
        head.addresses(our == null ? high : our.high(), our == null ? low : our.low(),
                destinationHigh, destinationLow);
        counters.increment(send(ADVERTISEMENT_LENGTH) ? sent : Counter.DROP_TAP_REFUSED);
    }

    /**
     * Asks who has the guest's address, if it was given one: the answer teaches its MAC address.
     * To be called once the guest's end of the tap is up. The question is for everybody there, as
     * it may be another guest than the last one.
     */
    void askForGuest() {
        var v6 = addresses.v6();
        if (!v6.isEnabled() || v6.address() == null || v6.ourTapAddress() == null) {
            return;
        }
        IpAddress guest = v6.address();
        IpAddress our = v6.ourTapAddress();
        solicitation.wrap(frame.reset().memory(), MESSAGE_AT).write()
                .target(guest.high(), guest.low());
        head.link(BROADCAST_MAC, addresses.ourTapMac())
                .addresses(our.high(), our.low(), guest.high(), guest.low());
        send(NeighborSolicitation.LENGTH);
    }

    private boolean send(int length) {
        var memory = frame.memory();
        icmp.wrap(memory, MESSAGE_AT)
                .fillChecksum(length, head.pseudoHeader(IpProtocol.ICMPV6, length));
        long at = head.write(memory, MESSAGE_AT, length, IpProtocol.ICMPV6);
        frame.wrap(memory, at, (int) (MESSAGE_AT - at) + length);
        return tap.send(frame);
    }
}
