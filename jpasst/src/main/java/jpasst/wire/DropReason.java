// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

/** Why a packet from the guest is not taken; {@link #NONE} if it is. */
public enum DropReason {
    /** The packet is good. */
    NONE,
    /** Neither IPv4 nor IPv6 by its EtherType. */
    UNSUPPORTED_ETHERTYPE,
    /** Fewer bytes than an IP header has. */
    TRUNCATED,
    /** The version does not agree with the EtherType. */
    BAD_VERSION,
    /** A length field does not agree with the bytes that are there, or with another one. */
    BAD_LENGTH,
    /** The IPv4 header checksum is wrong. */
    BAD_HEADER_CHECKSUM,
    /** A fragment; nothing is reassembled. */
    FRAGMENT,
    /** An IPv6 extension header which runs past the end or which we cannot honour. */
    BAD_EXTENSION,
    /** An IPv6 packet with an IPv4-mapped address on either end. */
    MAPPED_ADDRESS,
    /** Source or destination is {@code 0.0.0.0} or {@code ::}. */
    UNSPECIFIED_ADDRESS,
    /** Source or destination is a loopback address. */
    LOOPBACK_ADDRESS,
    /** The source is a multicast address or the limited broadcast address. */
    MULTICAST_SOURCE,
    /** The TCP, UDP or ICMP checksum is wrong; set by who verifies it. */
    BAD_CHECKSUM
}
