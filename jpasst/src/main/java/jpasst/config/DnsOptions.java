// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;
import jpasst.addr.IpAddress;

/**
 * What the user said about the guest's resolvers. A family without resolvers, and a search list
 * not given, come from the host's resolv.conf, if that may be read.
 *
 * @param v4 IPv4 resolvers ({@code -D}), at most 3
 * @param v6 IPv6 resolvers, at most 3
 * @param readResolvers whether a family without resolvers gets the host's; false with
 *        {@code -D none}
 * @param search search domains ({@code -S}), at most 6
 * @param readSearch whether the host's search domains are taken; false if any were given, or none
 *        are wanted
 * @param tellResolvers whether the guest is told its resolvers
 * @param tellSearch whether the guest is told its search domains
 */
public record DnsOptions(List<IpAddress> v4, List<IpAddress> v6, boolean readResolvers,
        List<String> search, boolean readSearch, boolean tellResolvers, boolean tellSearch) {
    /** Resolvers of a family at most; more are ignored. */
    static final int MAXIMUM_RESOLVERS = 3;
    /** Search domains at most. */
    static final int MAXIMUM_DOMAINS = 6;
}
