// SPDX-License-Identifier: Apache-2.0

package jpasst.metrics;

/**
 * Everything that is counted. "From the tap" is what the guest sent, "to the tap" what it is
 * sent; "from" and "to sockets" is the host's end, in payload bytes. A {@code DROP_} counter
 * counts what was received and given up, once, by its reason.
 */
public enum Counter {
    /** Frames read from the tap; a segmentation-offload frame is one. */
    FRAMES_FROM_TAP,
    /** Their bytes, from the Ethernet header on. */
    BYTES_FROM_TAP,
    /** Frames the tap took; a segmentation-offload frame is one. */
    FRAMES_TO_TAP,
    /** Their bytes, from the Ethernet header on. */
    BYTES_TO_TAP,

    /** TCP segments from the guest that passed all checks. */
    TCP_SEGMENTS_FROM_TAP,
    /** TCP segments sent to the guest; a segmentation-offload frame is one. */
    TCP_SEGMENTS_TO_TAP,
    /** TCP payload bytes that host sockets took. */
    TCP_BYTES_TO_SOCKETS,
    /** TCP payload bytes from host sockets, first time sent to the guest. */
    TCP_BYTES_FROM_SOCKETS,
    /** TCP segments sent to the guest again. */
    TCP_RETRANSMITS_TO_TAP,
    /** TCP connections reset by us towards the guest. */
    TCP_RESETS_TO_TAP,
    /** Times that accepting connections was put off for want of descriptors or flows. */
    TCP_ACCEPTS_PAUSED,
    /** TCP payload bytes passed on between host and namespace, from socket to socket. */
    TCP_SPLICED_BYTES,
    /** Connections between host and namespace that ended with resets. */
    TCP_SPLICED_RESETS,

    /** UDP datagrams from the guest that passed all checks. */
    UDP_DATAGRAMS_FROM_TAP,
    /** UDP datagrams sent to the guest. */
    UDP_DATAGRAMS_TO_TAP,
    /** UDP payload bytes that host sockets took. */
    UDP_BYTES_TO_SOCKETS,
    /** UDP payload bytes from host sockets. */
    UDP_BYTES_FROM_SOCKETS,

    /** Echo requests from the guest that passed all checks, ICMP and ICMPv6. */
    PING_REQUESTS_FROM_TAP,
    /** Echo replies sent to the guest, ICMP and ICMPv6. */
    PING_REPLIES_TO_TAP,
    /** ICMP and ICMPv6 errors sent to the guest. */
    ICMP_ERRORS_TO_TAP,

    /** ARP requests answered. */
    ARP_REPLIES,
    /** Neighbour solicitations answered. */
    NEIGHBOR_ADVERTISEMENTS,
    /** Neighbours of the host that the guest was told of unasked, by ARP or NDP. */
    NEIGHBOR_ANNOUNCEMENTS,
    /** Router advertisements sent, asked for or not. */
    ROUTER_ADVERTISEMENTS,
    /** DHCP and BOOTP requests answered. */
    DHCP_REPLIES,
    /** DHCPv6 messages answered. */
    DHCPV6_REPLIES,

    /** Flows that became ACTIVE. */
    FLOWS_STARTED,
    /** ACTIVE flows that ended and were freed. */
    FLOWS_ENDED,
    /** Flows given up during construction. */
    FLOWS_CANCELLED,

    /** Listening sockets made. */
    LISTENERS_OPENED,
    /** Listening sockets closed. */
    LISTENERS_CLOSED,
    /** Attempts to make a listening socket that failed. */
    LISTENERS_FAILED,
    /** Listening sockets left alone for a while, since their handler was out of descriptors. */
    LISTENERS_PAUSED,
    /** Looks at which ports are bound on the other side. */
    PORT_SCANS,
    /** Bytes the kernel's lists of sockets had for that. */
    PORT_SCAN_BYTES,

    /** Exceptions caught around a handler: each one is a bug of ours. */
    HANDLER_EXCEPTIONS,

    /** Frame shorter than an Ethernet header, or longer than it may be. */
    DROP_MALFORMED_ETHERNET,
    /** EtherType that is neither IPv4, IPv6 nor ARP. */
    DROP_UNKNOWN_ETHERTYPE,
    /** ARP packet cut short, or not Ethernet and IPv4. */
    DROP_MALFORMED_ARP,
    /** IPv4 header cut short, wrong version or lengths that contradict the frame. */
    DROP_MALFORMED_IPV4,
    /** IPv6 header or extension cut short, wrong version or lengths that contradict the frame. */
    DROP_MALFORMED_IPV6,
    /** TCP header cut short, or with an impossible data offset. */
    DROP_MALFORMED_TCP,
    /** UDP header cut short, or a length that contradicts the packet. */
    DROP_MALFORMED_UDP,
    /** ICMP or ICMPv6 message cut short. */
    DROP_MALFORMED_ICMP,
    /** DHCP or DHCPv6 message cut short, or with options that contradict its length. */
    DROP_MALFORMED_SERVICE,
    /** Fragment of an IPv4 or IPv6 packet: there is no reassembly. */
    DROP_FRAGMENT,
    /** IPv4 header, TCP, UDP, ICMP or ICMPv6 checksum wrong. */
    DROP_BAD_CHECKSUM,
    /** Source or destination is a loopback address, which must never be on a wire. */
    DROP_LOOPBACK_ADDRESS,
    /** Address no sane packet has there: unspecified, multicast source, IPv4-mapped IPv6. */
    DROP_BAD_ADDRESS,
    /** Source MAC address is our own, or a group address. */
    DROP_BAD_MAC,
    /** Source or destination port zero. */
    DROP_BAD_PORT,
    /** IP protocol other than TCP, UDP, ICMP and ICMPv6, or one switched off. */
    DROP_UNSUPPORTED_PROTOCOL,
    /** ICMP or ICMPv6 message of a type not forwarded. */
    DROP_UNSUPPORTED_ICMP,
    /** Packet of a family switched off or without connectivity. */
    DROP_DISABLED_FAMILY,
    /** Packet for a new flow when the flow table was full. */
    DROP_TABLE_FULL,
    /** New flow that the forwarding rules refuse. */
    DROP_NO_TARGET,
    /** New flow for which no socket could be made, bound or connected. */
    DROP_NO_SOCKET,
    /** TCP segment that belongs to no flow and cannot start one. */
    DROP_NO_FLOW,
    /** TCP segment outside the window, or unacceptable in its connection's state. */
    DROP_UNACCEPTABLE_SEGMENT,
    /** Datagram or ping that a host socket refused. */
    DROP_SOCKET_REFUSED,
    /** Frame for the guest that the tap did not take. */
    DROP_TAP_REFUSED,
    /** Frame for the guest while none is connected. */
    DROP_NO_CLIENT,
    /** Datagram for the guest longer than its frames can be. */
    DROP_TOO_LONG,
    /** Neighbour, router or other service message that asks for nothing we answer. */
    DROP_SERVICE_IGNORED,
    /** Frame whose handling failed by a bug of ours. */
    DROP_INTERNAL_ERROR
}
