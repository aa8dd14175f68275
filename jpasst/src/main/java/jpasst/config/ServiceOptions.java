// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.wire.DomainName;

/**
 * Which services the guest is to have. They need addresses, so that {@link ServicePlan} may find
 * that some cannot be had.
 *
 * @param dhcp false with {@code --no-dhcp}
 * @param ndp false with {@code --no-ndp}
 * @param dhcpv6 false with {@code --no-dhcpv6}
 * @param routerAdvertisements false with {@code --no-ra}
 * @param hostName the guest's host name ({@code -H}), 1 to 253 characters of ASCII, or null
 * @param fullName the guest's full name ({@code --fqdn}), or null
 * @param dns its resolvers and search domains
 */
public record ServiceOptions(boolean dhcp, boolean ndp, boolean dhcpv6,
        boolean routerAdvertisements, String hostName, DomainName fullName, DnsOptions dns) {
}
