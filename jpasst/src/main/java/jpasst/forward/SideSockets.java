// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.linux.Errno;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;

/**
 * Makes sockets for sides of flows: where the side's pif is, of its family, bound to our address
 * there, connected to the endpoint. All calls return a value or -errno; what they opened before a
 * failure is the caller's to close. Loop thread only.
 */
public final class SideSockets {
    /** In place of an interface: the template one on the host, the tap inside. */
    public static final int USUAL_LINK = 0;

    /** The scope field of ff02::/16 (RFC 4291 section 2.7). */
    private static final int LINK_LOCAL_SCOPE = 2;

    private final Addresses addresses;
    private final NamespaceSockets namespace;
    private final MemorySegment name;

    /** Sockets of the host only, see {@link #SideSockets(Addresses, NamespaceSockets, Arena)}. */
    public SideSockets(Addresses addresses, Arena arena) {
        this(addresses, null, arena);
    }

    /**
     * Sockets of the host, bound to the outbound interfaces in {@code addresses} if there are any,
     * and of the namespace.
     *
     * @param namespace for sides on {@link Pif#SPLICE}, null if there are none
     */
    public SideSockets(Addresses addresses, NamespaceSockets namespace, Arena arena) {
        this.addresses = addresses;
        this.namespace = namespace;
        name = arena.allocate(SocketAddress.LENGTH, 8);
    }

    /**
     * Opens a non-blocking socket of the family of the side's endpoint.
     *
     * @param pif {@link Pif#HOST}, or {@link Pif#SPLICE} for a socket inside the namespace
     * @param type such as {@link Sockets#SOCK_DGRAM}
     * @param protocol by family, or 0, as it must be inside
     */
    public int open(Pif pif, FlowSide side, int type, int protocol) {
        boolean v4 = Ip.isV4(side.endpointHigh(), side.endpointLow());
        int family = v4 ? Sockets.AF_INET : Sockets.AF_INET6;
        if (pif == Pif.SPLICE) {
            return namespace.take(family, type);
        }
        return Sockets.socket(family, type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC,
                protocol);
    }

    /**
     * Binds to our address of the side, and on the host to the outbound interface, if one is set
     * and the traffic leaves the host.
     *
     * @param port our port, which may differ from the side's; 0 lets the kernel choose
     */
    public int bind(int fd, Pif pif, FlowSide side, int port) {
        var family = addresses.family(side.endpointHigh(), side.endpointLow());
        if (pif == Pif.HOST && family.outboundInterface() != null && !isLoopback(side)) {
            int rc = Sockets.setString(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE,
                    family.outboundInterface());
            if (rc < 0) {
                return rc;
            }
        }
        return bindAddress(fd, pif, side, port, USUAL_LINK);
    }

    /**
     * Binds to our address of the side and to no interface: for the sockets of an initiating
     * side, whose peers come by whichever interface they like.
     *
     * @param port our port, which may differ from the side's; 0 lets the kernel choose
     * @param link index of the interface on which a link-local address is ours, or
     *     {@link #USUAL_LINK}
     */
    public int bindAddress(int fd, Pif pif, FlowSide side, int port, int link) {
        if (port == 0 && Ip.isUnspecified(side.ourHigh(), side.ourLow())) {
            return 0;
        }
        int length = SocketAddress.put(name, 0, side.ourHigh(), side.ourLow(), port,
                scopeId(pif, side.ourHigh(), side.ourLow(), link));
        return Sockets.bind(fd, name, 0, length);
    }

    /** Connects to the side's endpoint; -EINPROGRESS is the usual answer for TCP. */
    public int connect(int fd, Pif pif, FlowSide side) {
        return connect(fd, pif, side, USUAL_LINK);
    }

    /**
     * Connects to the side's endpoint.
     *
     * @param link index of the interface on which a link-local endpoint is, or
     *     {@link #USUAL_LINK}
     */
    public int connect(int fd, Pif pif, FlowSide side, int link) {
        int length = SocketAddress.put(name, 0, side.endpointHigh(), side.endpointLow(),
                side.endpointPort(), scopeId(pif, side.endpointHigh(), side.endpointLow(), link));
        return Sockets.connect(fd, name, 0, length);
    }

    /** Reads the socket's own address, then see {@link #nameHigh} and so on. */
    public int readName(int fd) {
        return Sockets.getsockname(fd, name, 0);
    }

    /** First half of the address last read. */
    public long nameHigh() {
        return SocketAddress.high(name, 0);
    }

    /** Second half of the address last read. */
    public long nameLow() {
        return SocketAddress.low(name, 0);
    }

    /** The port last read. */
    public int namePort() {
        return SocketAddress.port(name, 0);
    }

    /** Whether an error of bind means that this port cannot be had, but another might. */
    public static boolean isPortTaken(int rc) {
        return rc == -Errno.EADDRINUSE || rc == -Errno.EACCES;
    }

    private static boolean isLoopback(FlowSide side) {
        return Ip.isLoopback(side.ourHigh(), side.ourLow())
                || Ip.isLoopback(side.endpointHigh(), side.endpointLow());
    }

    /**
     * A link-local IPv6 address means something on one interface only: usually the template one of
     * the host, the tap's inside.
     */
    private int scopeId(Pif pif, long high, long low, int link) {
        if (Ip.isV4(high, low)) {
            return 0;
        }
        boolean scoped = Ip.isLinkLocal(high, low)
                || Ip.isMulticast(high, low) && (high >>> 48 & 0xf) == LINK_LOCAL_SCOPE;
        if (!scoped) {
            return 0;
        }
        if (link != USUAL_LINK) {
            return link;
        }
        return pif == Pif.SPLICE ? addresses.tapIndex()
                : Math.max(addresses.v6().templateIndex(), 0);
    }
}
