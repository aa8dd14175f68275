// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.wire.DomainName;

/**
 * Which services the guest gets, and what they tell beyond its addresses, which are in
 * {@link jpasst.forward.Addresses}.
 *
 * @param dhcp whether DHCP is answered; only if there are an IPv4 address for the guest, a gateway
 *        and an address of ours
 * @param ndp whether neighbour and router discovery are
 * @param routerAdvertisements whether router advertisements are sent; only with
 *        {@code ndp}, and if we have an IPv6 address on the link
 * @param dhcpv6 whether DHCPv6 is answered; only if there are IPv6 addresses of the guest and ours
 * @param mtu bytes, 0 to tell none
 * @param hostName the guest's, up to 253 characters of ASCII, null to tell none
 * @param fullName the guest's fully qualified name, null to tell none
 * @param resolversV4 resolvers to tell, up to 3
 * @param resolversV6 the same for IPv6
 * @param search search list to tell, up to 6 names
 */
public record ServiceSettings(boolean dhcp, boolean ndp, boolean routerAdvertisements,
        boolean dhcpv6, int mtu, String hostName, DomainName fullName,
        List<IpAddress> resolversV4, List<IpAddress> resolversV6, List<DomainName> search) {
    /** Copies the lists. */
    public ServiceSettings {
        resolversV4 = List.copyOf(resolversV4);
        resolversV6 = List.copyOf(resolversV6);
        search = List.copyOf(search);
    }

    /** No services at all, for a guest without a link. */
    public static ServiceSettings none() {
        return new ServiceSettings(false, false, false, false, 0, null, null, List.of(), List.of(),
                List.of());
    }
}
