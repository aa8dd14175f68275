// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.wire.DomainName;

/** {@link ServiceOptions} while they are collected, in the order of the command line. */
final class ServiceChoices {
    private final List<IpAddress> v4 = new ArrayList<>();
    private final List<IpAddress> v6 = new ArrayList<>();
    private final List<String> search = new ArrayList<>();
    private boolean readResolvers = true;
    private boolean readSearch = true;
    private boolean tellResolvers;
    private boolean tellSearch;
    private boolean dhcp = true;
    private boolean ndp = true;
    private boolean dhcpv6 = true;
    private boolean routerAdvertisements = true;
    private String hostName;
    private DomainName fullName;

    /**
     * The defaults of a program.
     *
     * @param tellDns true for passt; a namespace of pasta shares the host's resolv.conf already
     */
    ServiceChoices(boolean tellDns) {
        tellResolvers = tellDns;
        tellSearch = tellDns;
    }

    /** Applies an option of {@link OptionGroup#SERVICES}. */
    void apply(Option option, String value) {
        switch (option) {
            case DNS -> resolver(value);
            case SEARCH -> search(value);
            case DHCP_DNS -> tellResolvers = true;
            case NO_DHCP_DNS -> tellResolvers = false;
            case DHCP_SEARCH -> tellSearch = true;
            case NO_DHCP_SEARCH -> tellSearch = false;
            case NO_DHCP -> dhcp = false;
            case NO_NDP -> ndp = false;
            case NO_DHCPV6 -> dhcpv6 = false;
            case NO_RA -> routerAdvertisements = false;
            case HOSTNAME -> hostName = OptionValues.hostName(value);
            case FQDN -> fullName = OptionValues.fullName(value);
            default -> throw new IllegalStateException("option " + option + " is not handled");
        }
    }

    /** Whether {@code -D} or {@code -S} asks for nothing, as its value says. */
    static boolean isNone(String value) {
        return value.isEmpty() || value.equals("none");
    }

    private void resolver(String value) {
        readResolvers = !isNone(value);
        if (!readResolvers) {
            v4.clear();
            v6.clear();
            return;
        }
        var address = OptionValues.advertisedResolver(value);
        var family = address.isV4() ? v4 : v6;
        if (family.size() < DnsOptions.MAXIMUM_RESOLVERS) {
            family.add(address);
        }
    }

    private void search(String value) {
        readSearch = false;
        if (isNone(value)) {
            search.clear();
            return;
        }
        if (search.size() == DnsOptions.MAXIMUM_DOMAINS) {
            throw new ConfigurationException("too many search domains: at most "
                    + DnsOptions.MAXIMUM_DOMAINS + ", without " + value);
        }
        search.add(OptionValues.searchDomain(value));
    }

    ServiceOptions toOptions() {
        return new ServiceOptions(dhcp, ndp, dhcpv6, routerAdvertisements, hostName, fullName,
                new DnsOptions(List.copyOf(v4), List.copyOf(v6), readResolvers,
                        List.copyOf(search), readSearch, tellResolvers, tellSearch));
    }
}
