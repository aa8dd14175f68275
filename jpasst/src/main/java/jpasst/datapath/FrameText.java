// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.addr.MacAddress;
import jpasst.frame.Frame;
import jpasst.wire.ArpPacket;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.TcpHeader;
import jpasst.wire.UdpHeader;

/**
 * What a frame is, in one line of words: for {@code --trace}. Any bytes will do: what is no packet
 * is called malformed. Reused; loop thread only.
 */
final class FrameText {
    private static final String MALFORMED = "malformed ";
    /** Letters of the flags from the lowest bit on, as tcpdump has them. */
    private static final String TCP_FLAGS = "FSRP.UEW";

    private final EthernetHeader ethernet = new EthernetHeader();
    private final IpPacket packet = new IpPacket();
    private final ArpPacket arp = new ArpPacket();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();

    /** The words for a frame of any length. */
    String of(Frame frame) {
        var text = new StringBuilder(128);
        ethernet.wrap(frame.memory(), frame.at());
        if (!ethernet.isValid(frame.length())) {
            text.append(MALFORMED).append("Ethernet");
        } else {
            switch (ethernet.type()) {
                case EthernetHeader.ETHERTYPE_ARP -> arp(frame, text);
                case EthernetHeader.ETHERTYPE_IPV4, EthernetHeader.ETHERTYPE_IPV6 ->
                        ip(frame, text);
                default -> text.append("EtherType 0x").append(Integer.toHexString(ethernet.type()));
            }
        }
        text.append(", frame ").append(frame.length());
        if (frame.gsoType() != Frame.GSO_NONE) {
            text.append(" in segments of ").append(frame.gsoSize());
        }
        return text.toString();
    }

    private void arp(Frame frame, StringBuilder text) {
        arp.wrap(frame.memory(), frame.at() + EthernetHeader.LENGTH);
        if (!arp.isValid(frame.length() - EthernetHeader.LENGTH)) {
            text.append(MALFORMED).append("ARP");
            return;
        }
        switch (arp.operation()) {
            case ArpPacket.REQUEST -> text.append("ARP request for ")
                    .append(IpAddress.ofV4(arp.targetProtocolAddress()));
            case ArpPacket.REPLY -> text.append("ARP reply ")
                    .append(IpAddress.ofV4(arp.senderProtocolAddress())).append(" is at ")
                    .append(MacAddress.text(arp.senderHardwareAddress()));
            default -> text.append("ARP operation ").append(arp.operation());
        }
    }

    private void ip(Frame frame, StringBuilder text) {
        if (!packet.parse(frame.memory(), frame.at() + EthernetHeader.LENGTH,
                frame.length() - EthernetHeader.LENGTH, ethernet.type())) {
            text.append(ethernet.type() == EthernetHeader.ETHERTYPE_IPV4 ? "IPv4 " : "IPv6 ")
                    .append(packet.dropReason());
            return;
        }
        switch (packet.protocol()) {
            case IpProtocol.TCP -> tcp(text);
            case IpProtocol.UDP -> udp(text);
            case IpProtocol.ICMP -> icmp("ICMP", text);
            case IpProtocol.ICMPV6 -> icmp("ICMPv6", text);
            default -> addresses("protocol " + packet.protocol(), text);
        }
    }

    private void tcp(StringBuilder text) {
        if (!tcp.wrap(packet.memory(), packet.payloadAt()).isValid(packet.payloadLength())) {
            addresses(MALFORMED + "TCP", text);
            return;
        }
        ports("TCP", tcp.sourcePort(), tcp.destinationPort(), text);
        text.append(", flags ");
        for (int i = 0; i < TCP_FLAGS.length(); i++) {
            if (tcp.has(1 << i)) text.append(TCP_FLAGS.charAt(i));
        }
        text.append(", seq ").append(Integer.toUnsignedString(tcp.sequenceNumber()));
        if (tcp.has(TcpHeader.ACK)) {
            text.append(", ack ").append(Integer.toUnsignedString(tcp.acknowledgmentNumber()));
        }
        text.append(", window ").append(tcp.window());
        length(packet.payloadLength() - tcp.dataOffset(), text);
    }

    private void udp(StringBuilder text) {
        if (!udp.wrap(packet.memory(), packet.payloadAt()).isValid(packet.payloadLength())) {
            addresses(MALFORMED + "UDP", text);
            return;
        }
        ports("UDP", udp.sourcePort(), udp.destinationPort(), text);
        length(packet.payloadLength() - UdpHeader.LENGTH, text);
    }

    private void icmp(String name, StringBuilder text) {
        if (!icmp.wrap(packet.memory(), packet.payloadAt()).isValid(packet.payloadLength())) {
            addresses(MALFORMED + name, text);
            return;
        }
        addresses(name, text);
        text.append(", type ").append(icmp.type()).append(", code ").append(icmp.code());
        if (isEcho()) {
            text.append(", id ").append(icmp.identifier()).append(", seq ").append(icmp.sequence());
        }
        length(packet.payloadLength() - IcmpHeader.LENGTH, text);
    }

    private boolean isEcho() {
        return switch (icmp.type()) {
            case IcmpHeader.V4_ECHO_REQUEST, IcmpHeader.V4_ECHO_REPLY -> packet.isV4();
            case IcmpHeader.V6_ECHO_REQUEST, IcmpHeader.V6_ECHO_REPLY -> !packet.isV4();
            default -> false;
        };
    }

    private void addresses(String name, StringBuilder text) {
        text.append(name).append(' ').append(source()).append(" -> ").append(destination());
    }

    private void ports(String name, int source, int destination, StringBuilder text) {
        text.append(name).append(" [").append(source()).append("]:").append(source)
                .append(" -> [").append(destination()).append("]:").append(destination);
    }

    private static void length(int bytes, StringBuilder text) {
        text.append(", length ").append(bytes);
    }

    private String source() {
        return Ip.text(packet.sourceHigh(), packet.sourceLow());
    }

    private String destination() {
        return Ip.text(packet.destinationHigh(), packet.destinationLow());
    }
}
