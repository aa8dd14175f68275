// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.frame.Frame;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.ping.PingFlows;
import jpasst.responder.Services;
import jpasst.tcp.TcpFlows;
import jpasst.udp.UdpFlows;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;

/**
 * Who handles which protocol above IP. One that is switched off is null: its packets are dropped
 * without a word to anybody. Loop thread only.
 */
public final class Protocols {
    private final TcpFlows tcp;
    private final UdpFlows udp;
    private final PingFlows ping;
    private final Services services;
    private final Counters counters;

    /**
     * @param tcp null with {@code --no-tcp}
     * @param udp null with {@code --no-udp}
     * @param ping null with {@code --no-icmp}
     * @param services those of the link, never null
     */
    public Protocols(TcpFlows tcp, UdpFlows udp, PingFlows ping, Services services,
            Counters counters) {
        this.tcp = tcp;
        this.udp = udp;
        this.ping = ping;
        this.services = services;
        this.counters = counters;
    }

    /** Whether a packet asks for a service of the link, and may have no source address yet. */
    boolean isService(IpPacket packet) {
        return services.isFor(packet);
    }

    /** Takes a packet for which {@link #isService} is true. */
    void service(Frame frame, IpPacket packet, long nowNs) {
        services.fromTap(frame, packet, nowNs);
    }

    /** Takes any other packet, whose addresses have been checked. */
    void packet(Frame frame, IpPacket packet, long nowNs) {
        switch (packet.protocol()) {
            case IpProtocol.TCP -> {
                if (tcp != null) tcp.fromTap(frame, packet, nowNs);
                else unsupported();
            }
            case IpProtocol.UDP -> {
                if (udp != null) udp.fromTap(frame, packet, nowNs);
                else unsupported();
            }
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(frame, packet, nowNs);
            default -> unsupported();
        }
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
