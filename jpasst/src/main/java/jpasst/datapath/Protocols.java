// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.addr.Ip;
import jpasst.frame.Frame;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.ping.PingFlows;
import jpasst.responder.NeighborResponder;
import jpasst.tcp.TcpFlows;
import jpasst.udp.UdpFlows;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.UdpHeader;

/**
 * Who handles which protocol above IP. One that is switched off is null: its packets are dropped
 * without a word to anybody. Loop thread only.
 */
public final class Protocols {
    private static final int DHCP_SERVER = 67;
    private static final int DHCPV6_SERVER = 547;

    private final TcpFlows tcp;
    private final UdpFlows udp;
    private final PingFlows ping;
    private final NeighborResponder neighbors;
    private final Counters counters;
    private final UdpHeader datagram = new UdpHeader();

    /**
     * @param tcp null with {@code --no-tcp}
     * @param udp null with {@code --no-udp}
     * @param ping null with {@code --no-icmp}
     * @param neighbors null with {@code --no-icmp} too
     */
    public Protocols(TcpFlows tcp, UdpFlows udp, PingFlows ping, NeighborResponder neighbors,
            Counters counters) {
        this.tcp = tcp;
        this.udp = udp;
        this.ping = ping;
        this.neighbors = neighbors;
        this.counters = counters;
    }

    /** Whether a packet asks for a service of the link, and may have no source address yet. */
    boolean isService(IpPacket packet) {
        return neighbors != null && neighbors.isNeighborDiscovery(packet);
    }

    /** Takes a packet for which {@link #isService} is true. */
    void service(Frame frame, IpPacket packet) {
        neighbors.fromTap(frame, packet);
    }

    /** Takes any other packet, whose addresses have been checked. */
    void packet(Frame frame, IpPacket packet, long nowNs) {
        switch (packet.protocol()) {
            case IpProtocol.TCP -> {
                if (tcp != null) tcp.fromTap(frame, packet, nowNs);
                else unsupported();
            }
            case IpProtocol.UDP -> {
                if (udp == null) unsupported();
                else if (isAddressService(packet)) ignored();
                else udp.fromTap(frame, packet, nowNs);
            }
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(frame, packet, nowNs);
            default -> unsupported();
        }
    }

    /**
     * Whether a datagram asks a DHCP or DHCPv6 server for an address. That is a matter of the
     * guest's own link: it must not get to the host's network.
     */
    private boolean isAddressService(IpPacket packet) {
        datagram.wrap(packet.memory(), packet.payloadAt());
        if (!datagram.isValid(packet.payloadLength())) return false;
        int port = datagram.destinationPort();
        return packet.isV4() ? port == DHCP_SERVER : port == DHCPV6_SERVER
                && Ip.isMulticast(packet.destinationHigh(), packet.destinationLow());
    }

    private void ignored() {
        counters.increment(Counter.DROP_SERVICE_IGNORED);
    }

    private void icmp(Frame frame, IpPacket packet, long nowNs) {
        boolean ofFamily = (packet.protocol() == IpProtocol.ICMP) == packet.isV4();
        if (ping == null || !ofFamily) {
            unsupported();
        } else if (udp == null || ping.isEchoRequest(packet)) {
            ping.fromTap(frame, packet, nowNs);
        } else {
            udp.icmpFromTap(frame, packet, nowNs);
        }
    }

    private void unsupported() {
        counters.increment(Counter.DROP_UNSUPPORTED_PROTOCOL);
    }

    /** Ends a batch of the guest's frames. */
    void endBatch(long nowNs) {
        if (udp != null) udp.endBatch(nowNs);
        if (tcp != null) tcp.endBatch(nowNs);
    }
}
