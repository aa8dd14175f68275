// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import jpasst.addr.IpAddress;
import jpasst.linux.Errno;
import jpasst.linux.Interface;
import jpasst.linux.LinuxException;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;
import jpasst.log.Log;

/**
 * Configures the interfaces of the namespace in which it was constructed: construct it on the
 * inside thread; afterwards any one thread at a time may use it.
 *
 * <p>Methods throw {@link LinuxException} with the failed step as message.
 */
public final class NamespaceConfigurator implements AutoCloseable {
    /** Bytes of routes that may be copied for a family, as the kernel's messages count them. */
    static final int ROUTE_BYTES_LIMIT = 1 << 20;

    private static final int LOOPBACK_INDEX = 1;
    private static final int PREFIX_V6 = 64;
    private static final int TENTATIVE_ATTEMPTS = 200;
    private static final long TENTATIVE_PAUSE_NS = 1_000_000;

    private final NetlinkSocket socket = new NetlinkSocket();
    private final Log log;

    /** Opens a netlink socket in the calling thread's network namespace. */
    public NamespaceConfigurator(Log log) {
        this.log = log;
    }

    /** Brings the namespace's loopback interface up. */
    public void loopbackUp() {
        setFlags("bring up lo", LOOPBACK_INDEX, Interface.IFF_UP, Interface.IFF_UP);
    }

    /**
     * The MAC address of an interface (48 bits, network order).
     *
     * @throws LinuxException if there is no such interface
     */
    public long macAddress(int index) {
        Link link = Link.indexed(Link.all(socket), index);
        if (link == null) {
            throw new LinuxException("MAC address of interface " + index, Errno.ENODEV);
        }
        return link.mac();
    }

    /** Sets the MAC address of an interface. */
    public void macAddress(int index, long mac) {
        socket.request(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_ACK).link(index, 0, 0)
                .macAddress(Rtnetlink.IFLA_ADDRESS, mac);
        socket.execute("set MAC address");
    }

    /**
     * Carries the plan out on an interface: MTU, link, addresses, routes.
     *
     * <p>An IPv6 link-local address appears when the link comes up, and with it duplicate address
     * detection, during which nobody can use it. So the link comes up as NOARP, where the kernel
     * does not detect; then the address is marked, then NOARP ends. NOARP must begin by a request
     * of its own: whenever it changes on a link that is up, the kernel detects anew, after a
     * random delay of up to a second.
     */
    public NamespaceState configure(int index, NamespacePlan plan) {
        if (plan.mtu() != 0) {
            setMtu(index, plan.mtu());
        }
        boolean v6 = plan.v6().network().enabled();
        if (v6) {
            setFlags("begin NOARP", index, Interface.IFF_NOARP, Interface.IFF_NOARP);
        }
        setFlags("bring up the interface", index, Interface.IFF_UP, Interface.IFF_UP);
        boolean v4 = configureFamily(index, plan.v4());
        IpAddress linkLocal = IpAddress.ANY_V6;
        if (v6) {
            linkLocal = settleLinkLocal(index);
            awaitUsable(index);
            setFlags("end NOARP", index, 0, Interface.IFF_NOARP);
            v6 = configureFamily(index, plan.v6());
        }
        return new NamespaceState(v4, v6, linkLocal);
    }

    private void setMtu(int index, int mtu) {
        socket.request(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_ACK).link(index, 0, 0)
                .attribute(Rtnetlink.IFLA_MTU, mtu);
        socket.execute("set MTU");
    }

    private void setFlags(String what, int index, int flags, int mask) {
        socket.request(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_ACK).link(index, flags, mask);
        socket.execute(what);
    }

    /** Marks link-local addresses as not to be detected; the last one, or unspecified. */
    private IpAddress settleLinkLocal(int index) {
        IpAddress found = IpAddress.ANY_V6;
        for (InterfaceAddress address
                : InterfaceAddress.of(socket, Sockets.AF_INET6, index)) {
            if (address.address().isLinkLocal()) {
                AddressCopy.copy(socket, address, index);
                socket.execute("mark link-local address");
                found = address.address();
            }
        }
        return found;
    }

    /**
     * Even a detection that it does not make the kernel ends from a work queue, a moment later.
     * An address not through with it when NOARP ends would wait for up to a second more.
     */
    private void awaitUsable(int index) {
        int attempts = 0;
        while (tentative(index) && attempts++ < TENTATIVE_ATTEMPTS) {
            LockSupport.parkNanos(TENTATIVE_PAUSE_NS);
        }
    }

    private boolean tentative(int index) {
        for (InterfaceAddress address
                : InterfaceAddress.of(socket, Sockets.AF_INET6, index)) {
            if ((address.flags() & Rtnetlink.IFA_F_TENTATIVE) != 0) {
                return true;
            }
        }
        return false;
    }

    /** False if the family is off, or turns out to be unsupported in local mode. */
    private boolean configureFamily(int index, NamespacePlan.Family family) {
        FamilyNetwork network = family.network();
        if (!network.enabled()) {
            return false;
        }
        try {
            addAddresses(index, family);
            addRoutes(index, family);
            return true;
        } catch (LinuxException refused) {
            if (!network.local() || !unsupported(refused.errno())) {
                throw refused;
            }
            log.warn("Not supported in the namespace, disabled: " + refused.getMessage());
            return false;
        }
    }

    /** EACCES: the family is there, but switched off for the interface (disable_ipv6). */
    private static boolean unsupported(int errno) {
        return errno == Errno.EOPNOTSUPP || errno == Errno.EAFNOSUPPORT
                || errno == Errno.EACCES;
    }

    private void addAddresses(int index, NamespacePlan.Family family) {
        FamilyNetwork network = family.network();
        if (family.copyAddresses() && !network.local()) {
            for (InterfaceAddress address : network.addresses()) {
                if (AddressCopy.wanted(address)) {
                    AddressCopy.copy(socket, address, index);
                    socket.execute("copy address " + address.address());
                }
            }
        } else if (!network.address().isUnspecified()) {
            boolean v4 = network.address().isV4();
            AddressCopy.single(socket, network.address(),
                    v4 ? network.prefixLength() : PREFIX_V6, index);
            socket.execute("add address " + network.address());
        }
    }

    private void addRoutes(int index, NamespacePlan.Family family) {
        FamilyNetwork network = family.network();
        if (family.copyRoutes() && !network.local()) {
            copyRoutes(index, copyable(network.routes()));
        } else if (!network.gateway().isUnspecified()) {
            addDefaultRoute(index, network.gateway());
        }
    }

    /** A gateway outside the guest's network is declared to be on the link. */
    private void addDefaultRoute(int index, IpAddress gateway) {
        String what = "add default route via " + gateway;
        RouteCopy.byDefault(socket, gateway, 0, index);
        int rc = socket.execute(what, Errno.ENETUNREACH, Errno.EHOSTUNREACH);
        if (rc != 0) {
            RouteCopy.byDefault(socket, gateway, Rtnetlink.RTNH_F_ONLINK, index);
            socket.execute(what);
        }
    }

    private static List<Route> copyable(List<Route> routes) {
        List<Route> copyable = new ArrayList<>();
        int bytes = 0;
        for (Route route : routes) {
            if (!route.shared()) {
                copyable.add(route);
                bytes += route.message().length();
            }
        }
        if (bytes > ROUTE_BYTES_LIMIT) {
            throw new LinuxException("too many routes to copy", Errno.E2BIG);
        }
        return copyable;
    }

    /**
     * A route may need another one for its gateway, in any order: whatever is unreachable is tried
     * again as long as a round got something done. Networks of addresses exist already.
     */
    private void copyRoutes(int index, List<Route> routes) {
        List<Route> waiting = routes;
        int before;
        do {
            before = waiting.size();
            List<Route> unreachable = new ArrayList<>();
            for (Route route : waiting) {
                if (!copyRoute(index, route)) {
                    unreachable.add(route);
                }
            }
            waiting = unreachable;
        } while (!waiting.isEmpty() && waiting.size() < before);
        for (Route route : waiting) {
            log.info("Route not copied, its gateway is unreachable: " + route.destination() + "/"
                    + route.prefixLength());
        }
    }

    /** False if the route's gateway is not reachable yet. */
    private boolean copyRoute(int index, Route route) {
        RouteCopy.copy(socket, route, index);
        int rc = socket.execute("copy route " + route.destination() + "/" + route.prefixLength(),
                Errno.EEXIST, Errno.ENETUNREACH, Errno.EHOSTUNREACH);
        return rc == 0 || rc == -Errno.EEXIST;
    }

    @Override
    public void close() {
        socket.close();
    }
}
