// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.linux.LinuxException;
import jpasst.linux.Sockets;
import jpasst.log.Log;

/**
 * The host's network as a template for the guest's, read once at start.
 *
 * @param v4 the IPv4 side
 * @param v6 the IPv6 side
 */
public record HostNetwork(FamilyNetwork v4, FamilyNetwork v6) {
    private static final String DEFAULT_NAMESPACE_INTERFACE = "tap0";

    /**
     * Reads the network of the calling thread's namespace.
     *
     * @throws UnusableInterfaceException if an interface that the options name is unusable
     * @throws LinuxException if the kernel gives no netlink socket or no list of interfaces
     */
    public static HostNetwork discover(DiscoveryOptions options, Log log) {
        try (NetlinkSocket socket = new NetlinkSocket()) {
            Discovery discovery = new Discovery(socket, Link.all(socket), options, log);
            return new HostNetwork(discovery.family(true), discovery.family(false));
        }
    }

    /**
     * The name for the interface in the namespace: as requested (-I), else the template's, IPv4
     * first, else {@code tap0}.
     *
     * @param requested may be {@code null}
     */
    public String namespaceInterface(String requested) {
        if (requested != null) {
            return requested;
        }
        if (v4.templateName() != null) {
            return v4.templateName();
        }
        return v6.templateName() != null ? v6.templateName() : DEFAULT_NAMESPACE_INTERFACE;
    }

    /** One run: the open socket and what is common to both families. */
    private record Discovery(NetlinkSocket socket, List<Link> links, DiscoveryOptions options,
            Log log) {

        FamilyNetwork family(boolean v4) {
            DiscoveryOptions.Family given = v4 ? options.v4() : options.v6();
            if (!given.enabled()) {
                refuseOutbound(v4, given);
                return FamilyNetwork.disabled(v4);
            }
            FamilyNetwork found = null;
            try {
                Link template = template(v4, given);
                found = template == null ? null : read(v4, given, template);
            } catch (LinuxException refused) {
                log.info("Cannot read the host's " + name(v4) + " network: "
                        + refused.getMessage());
            }
            if (found != null) {
                return found;
            }
            refuseOutbound(v4, given);
            log.info("No usable " + name(v4) + " interface on the host:"
                    + " using link-local addresses");
            return FamilyNetwork.local(v4, given);
        }

        /** Without a template, sockets cannot be bound to the interface the user names. */
        private static void refuseOutbound(boolean v4, DiscoveryOptions.Family given) {
            if (given.outboundInterface() != null) {
                throw new UnusableInterfaceException("External interface not usable for "
                        + name(v4) + ": " + given.outboundInterface());
            }
        }

        private Link template(boolean v4, DiscoveryOptions.Family given) {
            String named = options.interfaceName() != null
                    ? options.interfaceName() : given.outboundInterface();
            if (named != null) {
                Link link = Link.named(links, named);
                if (link == null) {
                    throw new UnusableInterfaceException("No such interface: " + named);
                }
                return link;
            }
            int index = TemplateChoice.template(routes(v4), name(v4), log);
            return index == 0 ? null : Link.indexed(links, index);
        }

        /** The family as the template has it; {@code null} if it lacks an address. */
        private FamilyNetwork read(boolean v4, DiscoveryOptions.Family given, Link template) {
            List<InterfaceAddress> addresses =
                    InterfaceAddress.of(socket, socketFamily(v4), template.index());
            InterfaceAddress best = TemplateChoice.address(addresses, v4);
            InterfaceAddress linkLocal = v4 ? null : TemplateChoice.linkLocal(addresses);
            if (given.address() == null && best == null || !v4 && linkLocal == null) {
                return null;
            }
            List<Route> routes = through(template.index(), routes(v4));
            IpAddress gateway = given.gateway() != null
                    ? given.gateway() : TemplateChoice.gateway(routes, v4);
            IpAddress ours = v4 || gateway.isLinkLocal() ? gateway : linkLocal.address();
            return new FamilyNetwork(template.index(), template.name(), template.mtu(),
                    given.address() != null ? given.address() : best.address(),
                    prefixLength(given, best), gateway, ours,
                    List.copyOf(addresses), List.copyOf(routes));
        }

        private static int prefixLength(DiscoveryOptions.Family given, InterfaceAddress best) {
            if (given.address() != null) {
                return FamilyNetwork.prefixLength(given);
            }
            boolean netmask = best.address().isV4() && given.prefixLength() >= 0;
            return netmask ? given.prefixLength() : best.prefixLength();
        }

        private List<Route> routes(boolean v4) {
            return Route.main(socket, socketFamily(v4));
        }

        private static List<Route> through(int index, List<Route> routes) {
            List<Route> selected = new ArrayList<>();
            for (Route route : routes) {
                if (route.output() == index) {
                    selected.add(route);
                }
            }
            return selected;
        }

        private static int socketFamily(boolean v4) {
            return v4 ? Sockets.AF_INET : Sockets.AF_INET6;
        }

        private static String name(boolean v4) {
            return v4 ? "IPv4" : "IPv6";
        }
    }
}
