// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.Arena;
import jpasst.addr.Ip;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.AddressCheck;
import jpasst.wire.Checksum;
import jpasst.wire.Dhcpv6Message;
import jpasst.wire.DhcpMessage;
import jpasst.wire.DropReason;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.UdpHeader;

/**
 * What the guest may ask of its link by IP: neighbour and router discovery, DHCP, DHCPv6. These
 * packets are for us whatever their destination: they never leave the link, not even if the
 * service is switched off. Loop thread only.
 */
public final class Services {
    /** 1 January 2000, 00:00 UTC, in seconds since 1970: where DUIDs count from. */
    private static final long DUID_EPOCH = 946_684_800;
    private static final int DUID_LENGTH = 14;
    private static final int DUID_LLT = 1;
    private static final int ETHERNET = 1;

    private final Counters counters;
    /** Null if switched off; the same for the others. */
    private final NeighborResponder neighbors;
    private final RouterAdvertiser advertiser;
    private final DhcpResponder dhcp;
    private final Dhcpv6Responder dhcpv6;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();

    /**
     * Makes those services that are wanted.
     *
     * @param addresses complete
     * @param arena lives as long as this; memory for frames is taken from it
     */
    public Services(Addresses addresses, ServiceSettings settings, FrameSink tap,
            Counters counters, Log log, Arena arena) {
        this.counters = counters;
        var out = new Outgoing(addresses, tap, counters, arena);
        neighbors = settings.ndp()
                ? new NeighborResponder(addresses, tap, counters, arena) : null;
        advertiser = settings.routerAdvertisements()
                ? new RouterAdvertiser(addresses, settings, out, counters, log) : null;
        dhcp = settings.dhcp()
                ? new DhcpResponder(addresses, settings, out, counters, log) : null;
        dhcpv6 = settings.dhcpv6()
                ? new Dhcpv6Responder(addresses, settings,
                        serverId(addresses.ourTapMac(), System.currentTimeMillis() / 1000),
                        out, counters, log)
                : null;
    }

    /** A DUID of link-layer address and time (RFC 8415 section 11.2). */
    static byte[] serverId(long mac, long secondsSince1970) {
        long time = secondsSince1970 - DUID_EPOCH;
        var id = new byte[DUID_LENGTH];
        id[1] = DUID_LLT;
        id[3] = ETHERNET;
        for (int i = 0; i < 4; i++) {
            id[4 + i] = (byte) (time >> 8 * (3 - i));
        }
        for (int i = 0; i < 6; i++) {
            id[8 + i] = (byte) (mac >> 8 * (5 - i));
        }
        return id;
    }

    /** Whether a packet asks for a service of the link; it may have no source address yet. */
    public boolean isFor(IpPacket packet) {
        return switch (packet.protocol()) {
            case IpProtocol.ICMPV6 -> NeighborResponder.isNeighborDiscovery(packet);
            case IpProtocol.UDP -> isAddressService(packet);
            default -> false;
        };
    }

    private boolean isAddressService(IpPacket packet) {
        if (packet.payloadLength() < UdpHeader.LENGTH) return false;
        int port = udp.wrap(packet.memory(), packet.payloadAt()).destinationPort();
        return packet.isV4() ? port == DhcpMessage.SERVER_PORT
                : port == Dhcpv6Message.SERVER_PORT
                        && Ip.isMulticast(packet.destinationHigh(), packet.destinationLow());
    }

    /**
     * Takes a packet for which {@link #isFor} is true.
     *
     * @param in the frame around it
     */
    public void fromTap(Frame in, IpPacket packet, long nowNs) {
        if (packet.protocol() == IpProtocol.ICMPV6) {
            takeNeighbor(in, packet, nowNs);
        } else if (packet.isV4() ? dhcp == null : dhcpv6 == null) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
        } else {
            takeDatagram(in, packet, nowNs);
        }
    }

    private void takeNeighbor(Frame in, IpPacket packet, long nowNs) {
        if (neighbors == null) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
        } else if (advertiser != null && icmp.wrap(packet.memory(), packet.payloadAt()).type()
                == IcmpHeader.V6_ROUTER_SOLICITATION) {
            advertiser.fromTap(in, packet, nowNs);
        } else {
            neighbors.fromTap(in, packet);
        }
    }

    private void takeDatagram(Frame in, IpPacket packet, long nowNs) {
        if (!udp.wrap(packet.memory(), packet.payloadAt()).isValid(packet.payloadLength())) {
            counters.increment(Counter.DROP_MALFORMED_UDP);
            return;
        }
        if (!in.checksumTrusted() && !Checksum.verifyTcpUdp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        long at = packet.payloadAt() + UdpHeader.LENGTH;
        int length = udp.length() - UdpHeader.LENGTH;
        if (packet.isV4()) {
            long mac = ethernet.wrap(in.memory(), in.at()).source();
            dhcp.take(packet.memory(), at, length, mac, nowNs);
        } else if (AddressCheck.check(packet) != DropReason.NONE) {
            counters.increment(Counter.DROP_BAD_ADDRESS);
        } else {
            dhcpv6.take(packet.memory(), at, length, packet, nowNs);
        }
    }

    /**
     * Asks who has the guest's IPv6 address: the answer teaches its MAC address. To be called
     * once the guest's end of the tap is up.
     */
    public void askForGuest() {
        if (neighbors != null) neighbors.askForGuest();
    }

    /** Tells the guest where a host of its link is, an IPv6 address, unless NDP is off. */
    void announce(long high, long low, long mac) {
        if (neighbors != null) neighbors.announce(high, low, mac);
    }

    /** The guest is there from now on: router advertisements begin. */
    public void guestCame(long nowNs) {
        if (advertiser != null) advertiser.start(nowNs);
    }

    /** The guest is gone: no frames unasked until {@link #guestCame}. */
    public void guestLeft() {
        if (advertiser != null) advertiser.stop();
    }

    /**
     * Does what is due. To be called in every round of the loop.
     *
     * @return CLOCK_MONOTONIC time of what is due next, {@link Long#MAX_VALUE} if nothing is
     */
    public long run(long nowNs) {
        return advertiser == null ? Long.MAX_VALUE : advertiser.run(nowNs);
    }
}
