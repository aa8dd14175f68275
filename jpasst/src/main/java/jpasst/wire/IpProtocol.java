// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

/** Protocol numbers of IPv4 and next header values of IPv6 (IANA "Protocol Numbers"). */
public final class IpProtocol {
    /** IPv6 hop-by-hop options (RFC 8200 section 4.3). */
    public static final int HOP_BY_HOP = 0;
    /** ICMP of IPv4 (RFC 792). */
    public static final int ICMP = 1;
    /** TCP (RFC 9293). */
    public static final int TCP = 6;
    /** UDP (RFC 768). */
    public static final int UDP = 17;
    /** IPv6 routing header (RFC 8200 section 4.4). */
    public static final int ROUTING = 43;
    /** IPv6 fragment header (RFC 8200 section 4.5). */
    public static final int FRAGMENT = 44;
    /** Authentication header (RFC 4302). */
    public static final int AUTHENTICATION = 51;
    /** ICMPv6 (RFC 4443). */
    public static final int ICMPV6 = 58;
    /** IPv6: nothing follows (RFC 8200 section 4.7). */
    public static final int NO_NEXT_HEADER = 59;
    /** IPv6 destination options (RFC 8200 section 4.6). */
    public static final int DESTINATION_OPTIONS = 60;

    private IpProtocol() {}
}
