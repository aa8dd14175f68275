// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.addr.Ip;
import jpasst.flow.FlowSide;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv4Header;
import jpasst.wire.Ipv6Header;
import jpasst.wire.UdpHeader;

/** Understands "port unreachable" from the guest (RFC 792, RFC 4443 section 3.1). */
final class GuestIcmp {
    private static final int V4_PORT_UNREACHABLE = 3;
    private static final int V6_PORT_UNREACHABLE = 4;

    private final IcmpHeader icmp = new IcmpHeader();
    private final Ipv4Header v4 = new Ipv4Header();
    private final Ipv6Header v6 = new Ipv6Header();
    private final UdpHeader udp = new UdpHeader();

    /**
     * Whether the packet says so about a UDP datagram that its sender got.
     *
     * @param tapSide is then set to the side of the flow that the datagram must have had
     */
    boolean isPortUnreachable(IpPacket packet, FlowSide tapSide) {
        int available = packet.payloadLength() - IcmpHeader.LENGTH;
        if (available < 0) {
            return false;
        }
        icmp.wrap(packet.memory(), packet.payloadAt());
        return packet.isV4() ? v4Quote(packet, available, tapSide)
                : v6Quote(packet, available, tapSide);
    }

    /** The quoted packet is cut short as a rule, so its length fields are not looked at. */
    private boolean v4Quote(IpPacket packet, int available, FlowSide tapSide) {
        if (icmp.type() != IcmpHeader.V4_DESTINATION_UNREACHABLE
                || icmp.code() != V4_PORT_UNREACHABLE
                || available < Ipv4Header.LENGTH + UdpHeader.LENGTH) {
            return false;
        }
        long quoteAt = packet.payloadAt() + IcmpHeader.LENGTH;
        v4.wrap(packet.memory(), quoteAt);
        int length = v4.headerLength();
        if (v4.version() != 4 || length < Ipv4Header.LENGTH
                || available < length + UdpHeader.LENGTH || v4.protocol() != IpProtocol.UDP
                || Ip.mapV4(v4.destinationAddress()) != packet.sourceLow()) {
            return false;
        }
        udp.wrap(packet.memory(), quoteAt + length);
        tapSide.set(packet.sourceHigh(), packet.sourceLow(), udp.destinationPort(),
                Ip.V4_HIGH, Ip.mapV4(v4.sourceAddress()), udp.sourcePort());
        return true;
    }

    private boolean v6Quote(IpPacket packet, int available, FlowSide tapSide) {
        if (icmp.type() != IcmpHeader.V6_DESTINATION_UNREACHABLE
                || icmp.code() != V6_PORT_UNREACHABLE
                || available < Ipv6Header.LENGTH + UdpHeader.LENGTH) {
            return false;
        }
        long quoteAt = packet.payloadAt() + IcmpHeader.LENGTH;
        v6.wrap(packet.memory(), quoteAt);
        if (v6.version() != 6 || v6.nextHeader() != IpProtocol.UDP
                || v6.destinationHigh() != packet.sourceHigh()
                || v6.destinationLow() != packet.sourceLow()) {
            return false;
        }
        udp.wrap(packet.memory(), quoteAt + Ipv6Header.LENGTH);
        tapSide.set(packet.sourceHigh(), packet.sourceLow(), udp.destinationPort(),
                v6.sourceHigh(), v6.sourceLow(), udp.sourcePort());
        return true;
    }
}
