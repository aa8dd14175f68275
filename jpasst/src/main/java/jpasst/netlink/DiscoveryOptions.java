// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import jpasst.addr.IpAddress;

/**
 * What the command line already says about the host's network.
 *
 * @param interfaceName template interface of both families (-i), or {@code null}
 * @param v4 what it says about IPv4
 * @param v6 what it says about IPv6
 */
public record DiscoveryOptions(String interfaceName, Family v4, Family v6) {

    /**
     * What the command line says about one family.
     *
     * @param enabled false if the family is not to be used at all (-4, -6)
     * @param outboundInterface --outbound-if4 or -if6: template unless -i names another, and
     *     must be usable; or {@code null}
     * @param address the guest's address (-a), or {@code null} to copy the host's
     * @param prefixLength of the guest's address, or -1 if not given
     * @param gateway the guest's gateway (-g), or {@code null} to take the host's
     */
    public record Family(boolean enabled, String outboundInterface, IpAddress address,
            int prefixLength, IpAddress gateway) {
        /** The family is used, everything is found out. */
        public static final Family AUTOMATIC = new Family(true, null, null, -1, null);
        /** The family is not used. */
        public static final Family OFF = new Family(false, null, null, -1, null);
    }
}
