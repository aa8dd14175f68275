// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.io.File;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.forward.FamilyAddresses;
import jpasst.log.Log;
import jpasst.netlink.DiscoveryOptions;
import jpasst.netlink.FamilyNetwork;
import jpasst.netlink.HostNetwork;
import jpasst.netlink.NamespacePlan;
import jpasst.netlink.UnusableInterfaceException;
import jpasst.responder.ServiceSettings;

/**
 * What the guest's network will be: the options, completed by what the host has.
 *
 * @param host the host's network, or what stands for it where it has none
 * @param addresses all that forwarding knows about addresses, as at the start
 * @param namespace what {@code --config-net} is to do, whether or not it was given
 * @param interfaceName name of the tap interface, null if there is none (passt,
 *        {@code --splice-only})
 * @param services what the guest may ask of its link
 */
public record NetworkPlan(HostNetwork host, Addresses addresses, NamespacePlan namespace,
        String interfaceName, ServiceSettings services) {
    /** Exists exactly if the kernel has IPv6. */
    private static final String IPV6_EVIDENCE = "/proc/net/if_inet6";

    /**
     * Looks at the network of the calling thread's namespace and at the host's resolvers.
     *
     * @param settings what the user wants
     * @param log for what is worth to know, and kept by {@link #addresses}
     * @return the plan
     * @throws ConfigurationException if the host does not have what the user wants
     * @throws jpasst.linux.LinuxException if the kernel gives no answer
     */
    public static NetworkPlan discover(Settings settings, Log log) {
        var options = settings.addresses();
        boolean ipv6 = new File(IPV6_EVIDENCE).exists();
        if (!ipv6 && !options.v4().enabled()) {
            throw new ConfigurationException("IPv6 only, but the host has no IPv6");
        }
        if (settings.forwarding().splice().spliceOnly()) {
            return withoutTap(settings, ipv6, log);
        }
        try {
            var host = HostNetwork.discover(discoveryOptions(options, ipv6), log);
            var resolvers = ServicePlan.needsFile(settings)
                    ? ResolverFile.read() : ResolverFile.EMPTY;
            return of(settings, host, resolvers, log);
        } catch (UnusableInterfaceException e) {
            throw new ConfigurationException(e.getMessage());
        }
    }

    /** From loopback to loopback nothing of the host matters. */
    static NetworkPlan withoutTap(Settings settings, boolean ipv6, Log log) {
        var options = discoveryOptions(settings.addresses(), ipv6);
        var host = new HostNetwork(withoutAddresses(options.v4(), true),
                withoutAddresses(options.v6(), false));
        var addresses = new Addresses(log).ourTapMac(settings.addresses().ourMac());
        addresses.v4().templateIndex(host.v4().templateIndex());
        addresses.v6().templateIndex(host.v6().templateIndex());
        var namespace = new NamespacePlan(0,
                new NamespacePlan.Family(host.v4(), false, false),
                new NamespacePlan.Family(host.v6(), false, false));
        return new NetworkPlan(host, addresses, namespace, null, ServiceSettings.none());
    }

    private static FamilyNetwork withoutAddresses(DiscoveryOptions.Family given, boolean v4) {
        return given.enabled()
                ? FamilyNetwork.withoutAddresses(v4) : FamilyNetwork.disabled(v4);
    }

    /** The plan for a given host. */
    static NetworkPlan of(Settings settings, HostNetwork host, ResolverFile resolvers, Log log) {
        var options = settings.addresses();
        var addresses = new Addresses(log).ourTapMac(options.ourMac());
        if (options.mtu() != 0) {
            addresses.mtu(options.mtu());
        }
        if (settings.namespace().macAddress() >= 0) {
            addresses.guestMac(settings.namespace().macAddress());
        }
        fill(addresses.v4(), options.v4(), options, host.v4());
        fill(addresses.v6(), options.v6(), options, host.v6());
        var services = ServicePlan.of(settings, addresses, resolvers, log);
        var given = settings.namespace();
        var namespace = new NamespacePlan(options.mtu(), family(options.v4(), given, host.v4()),
                family(options.v6(), given, host.v6()));
        return new NetworkPlan(host, addresses, namespace,
                settings.mode() == Mode.PASST ? null
                        : host.namespaceInterface(settings.namespace().interfaceName()), services);
    }

    static DiscoveryOptions discoveryOptions(AddressOptions options, boolean ipv6) {
        return new DiscoveryOptions(options.templateInterface(), family(options.v4(), true),
                family(options.v6(), ipv6));
    }

    private static DiscoveryOptions.Family family(FamilyOptions given, boolean available) {
        return new DiscoveryOptions.Family(given.enabled() && available,
                given.outboundInterface(), given.address(), given.prefixLength(),
                given.gateway());
    }

    /** A given address stands alone, a given gateway is the only route. */
    private static NamespacePlan.Family family(FamilyOptions given, NamespaceOptions namespace,
            FamilyNetwork network) {
        return new NamespacePlan.Family(network,
                namespace.copyAddresses() && given.address() == null && !network.local(),
                namespace.copyRoutes() && given.gateway() == null && !network.local());
    }

    private static void fill(FamilyAddresses family, FamilyOptions given, AddressOptions options,
            FamilyNetwork network) {
        family.templateIndex(network.templateIndex());
        if (!network.enabled()) {
            return;
        }
        var gateway = known(network.gateway());
        family.address(known(network.address())).prefixLength(network.prefixLength())
                .fixed(given.address() != null)
                .guestGateway(gateway)
                .ourTapAddress(known(network.ourAddress()))
                .mapHostLoopback(given.mapHostLoopback())
                .mapGuestAddress(given.mapGuestAddress())
                .dnsMatch(given.dnsForward()).dnsHost(given.dnsHost())
                .outboundAddress(given.outboundAddress())
                .outboundInterface(given.outboundInterface());
        if (given.mapHostLoopback() == null && options.mapGateway()) {
            family.mapHostLoopback(gateway);
        }
    }

    private static IpAddress known(IpAddress address) {
        return address.isUnspecified() ? null : address;
    }
}
