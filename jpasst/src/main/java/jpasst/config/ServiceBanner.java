// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.addr.Prefix;
import jpasst.forward.FamilyAddresses;
import jpasst.log.Log;
import jpasst.responder.ServiceSettings;
import jpasst.wire.DomainName;

/** The lines of the banner about services: what the guest is told, by which service. */
final class ServiceBanner {
    private static final String INDENT = "    ";

    private final ServiceSettings services;
    private final Log log;

    ServiceBanner(ServiceSettings services, Log log) {
        this.services = services;
        this.log = log;
    }

    void v4(FamilyAddresses v4) {
        if (!services.dhcp()) {
            return;
        }
        log.info("DHCP:");
        item("assign", v4.address());
        item("mask", IpAddress.ofV4(new Prefix(v4.address(), v4.prefixLength()).maskV4()));
        item("router", v4.guestGateway());
        resolvers(services.resolversV4());
        search(services.search());
    }

    void v6(FamilyAddresses v6) {
        boolean ndp = services.routerAdvertisements();
        if (!ndp && !services.dhcpv6()) {
            return;
        }
        log.info(ndp && services.dhcpv6() ? "NDP/DHCPv6:" : ndp ? "NDP:" : "DHCPv6:");
        item("assign", v6.address());
        item("router", v6.guestGateway());
        item("our link-local", v6.ourTapAddress());
        resolvers(services.resolversV6());
        // Router advertisements have search domains only beside resolvers.
        if (services.dhcpv6() || !services.resolversV6().isEmpty()) {
            search(services.search());
        }
    }

    private void item(String name, IpAddress address) {
        if (address != null) {
            log.info(INDENT + name + ": " + address);
        }
    }

    private void resolvers(List<IpAddress> resolvers) {
        if (!resolvers.isEmpty()) {
            log.info("DNS:");
        }
        for (int i = 0; i < resolvers.size(); i++) {
            log.info(INDENT + resolvers.get(i));
        }
    }

    private void search(List<DomainName> names) {
        if (!names.isEmpty()) {
            log.info("DNS search list:");
        }
        for (int i = 0; i < names.size(); i++) {
            log.info(INDENT + names.get(i));
        }
    }
}
