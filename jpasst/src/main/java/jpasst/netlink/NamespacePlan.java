// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

/**
 * What --config-net is to do in the namespace.
 *
 * @param mtu bytes, or 0 to leave the kernel's default
 * @param v4 what to do for IPv4
 * @param v6 what to do for IPv6
 */
public record NamespacePlan(int mtu, Family v4, Family v6) {

    /**
     * What to do for one family. Local mode has nothing to copy: single address, single route.
     *
     * @param network what was found out about the host's network
     * @param copyAddresses all addresses of the template, else only {@code network.address()}
     * @param copyRoutes all routes through the template, else only {@code network.gateway()}
     */
    public record Family(FamilyNetwork network, boolean copyAddresses, boolean copyRoutes) {
    }
}
