// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.addr.IpAddress;

/**
 * What the user said about one address family. A null means: not given.
 *
 * @param enabled false if the other family was asked for alone
 * @param address the guest's address ({@code -a}), unicast and not loopback
 * @param prefixLength its prefix length ({@code -n}, or {@code -a} with a length): 0 to 32, or -1
 *        if not given; always -1 for IPv6, whose prefixes are 64 bits long
 * @param gateway the guest's gateway ({@code -g})
 * @param mapHostLoopback the address that means the host's loopback
 * @param mapGuestAddress the address that means the host's own address
 * @param dnsForward the address whose DNS queries are forwarded
 * @param dnsHost the resolver they go to
 * @param outboundAddress the source of outbound sockets ({@code -o})
 * @param outboundInterface the device of outbound sockets
 */
public record FamilyOptions(boolean enabled, IpAddress address, int prefixLength,
        IpAddress gateway, IpAddress mapHostLoopback, IpAddress mapGuestAddress,
        IpAddress dnsForward, IpAddress dnsHost, IpAddress outboundAddress,
        String outboundInterface) {
}
