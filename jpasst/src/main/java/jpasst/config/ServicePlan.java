// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.forward.FamilyAddresses;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.responder.ServiceSettings;
import jpasst.wire.DomainName;

/**
 * Joins what the user said about services and resolvers with the host's resolvers: which of them
 * the guest uses, which of them it can reach only by a mapping, and what it is told.
 */
final class ServicePlan {
    private final Settings settings;
    private final Addresses addresses;
    private final ResolverFile file;
    private final Log log;
    private final List<IpAddress> v4;
    private final List<IpAddress> v6;

    private ServicePlan(Settings settings, Addresses addresses, ResolverFile file, Log log) {
        this.settings = settings;
        this.addresses = addresses;
        this.file = file;
        this.log = log;
        v4 = new ArrayList<>(dns().v4());
        v6 = new ArrayList<>(dns().v6());
    }

    /** Whether anything in resolv.conf can matter. */
    static boolean needsFile(Settings settings) {
        var dns = settings.services().dns();
        return dns.readSearch() || readsResolvers(settings, true)
                || readsResolvers(settings, false);
    }

    private static boolean readsResolvers(Settings settings, boolean ipv4) {
        var dns = settings.services().dns();
        var family = ipv4 ? settings.addresses().v4() : settings.addresses().v6();
        return dns.readResolvers() && family.enabled() && (ipv4 ? dns.v4() : dns.v6()).isEmpty();
    }

    /**
     * The settings of the services.
     *
     * @param addresses complete but for resolvers, which are filled in
     * @param file the host's resolv.conf, or an empty one if that does not matter
     */
    static ServiceSettings of(Settings settings, Addresses addresses, ResolverFile file, Log log) {
        var plan = new ServicePlan(settings, addresses, file, log);
        plan.resolve();
        var made = plan.services();
        plan.warn(made);
        return made;
    }

    private DnsOptions dns() {
        return settings.services().dns();
    }

    private void resolve() {
        for (var server : file.nameServers()) {
            var family = server.isV4() ? addresses.v4() : addresses.v6();
            if (family.isEnabled() && readsResolvers(settings, server.isV4())) {
                use(family, server, server.isV4() ? v4 : v6);
            }
        }
    }

    /**
     * A resolver on the host's loopback, or at the address which means the host's loopback to
     * the guest, is out of the guest's reach but for a mapping. The unspecified address is what
     * some write for the host itself.
     */
    private static void use(FamilyAddresses family, IpAddress written, List<IpAddress> told) {
        var server = written.isUnspecified() ? family.loopback() : written;
        if (family.dnsHost() == null) {
            family.dnsHost(server);
        }
        var reachable = server;
        if (server.isLoopback() || server.equals(family.mapHostLoopback())) {
            if (family.dnsMatch() == null) {
                family.dnsMatch(family.mapHostLoopback());
            }
            reachable = family.dnsMatch();
        }
        // Several resolvers on the loopback become one.
        if (reachable != null && !told.contains(reachable)
                && told.size() < DnsOptions.MAXIMUM_RESOLVERS) {
            told.add(reachable);
        }
    }

    private ServiceSettings services() {
        var given = settings.services();
        var first = addresses.v4();
        var second = addresses.v6();
        boolean tells = dns().tellResolvers();
        boolean ndp = given.ndp() && settings.protocols().icmp() && second.isEnabled();
        boolean linked = second.isEnabled() && second.ourTapAddress() != null;
        return new ServiceSettings(
                given.dhcp() && first.isEnabled() && first.address() != null
                        && first.guestGateway() != null && first.ourTapAddress() != null,
                ndp,
                // With --config-net the interface has its addresses and routes already.
                ndp && linked && given.routerAdvertisements()
                        && !settings.namespace().configure(),
                given.dhcpv6() && linked && second.address() != null,
                settings.addresses().mtu(), given.hostName(), given.fullName(),
                tells ? v4 : List.of(), tells ? v6 : List.of(),
                dns().tellSearch() ? search() : List.of());
    }

    /** The root alone, as in "search .", says that there is nothing to search. */
    private List<DomainName> search() {
        var names = new ArrayList<DomainName>();
        for (var text : dns().readSearch() ? file.search() : dns().search()) {
            var name = DomainName.tryParse(text);
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    private void warn(ServiceSettings made) {
        boolean reads = readsResolvers(settings, true) || readsResolvers(settings, false);
        if (reads && file.nameServers().isEmpty()) {
            log.warn("couldn't get any nameserver address from the host");
        }
        warnWithoutResolver(addresses.v4(), settings.addresses().v4(), "IPv4");
        warnWithoutResolver(addresses.v6(), settings.addresses().v6(), "IPv6");
        if (!dns().tellResolvers() || !dns().readResolvers()) {
            return;
        }
        // A resolver of either family tells addresses of both.
        var level = v4.isEmpty() && v6.isEmpty() ? Level.WARNING : Level.DEBUG;
        if (made.dhcp() && v4.isEmpty()) {
            log.log(level, "no IPv4 nameserver to tell by DHCP: give one with -D");
        }
        if ((made.routerAdvertisements() || made.dhcpv6()) && v6.isEmpty()) {
            log.log(level, "no IPv6 nameserver to tell by NDP or DHCPv6: give one with -D");
        }
    }

    private void warnWithoutResolver(FamilyAddresses family, FamilyOptions given, String name) {
        if (family.isEnabled() && given.dnsForward() != null && family.dnsHost() == null) {
            log.warn("no " + name + " nameserver on the host for --dns-forward "
                    + given.dnsForward());
        }
    }
}
