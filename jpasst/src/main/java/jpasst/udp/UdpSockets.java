// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.addr.Ip;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.forward.SideSockets;
import jpasst.linux.Files;
import jpasst.linux.Sockets;

/**
 * Makes the socket of a flow's side: bound to our address and port, connected to the endpoint.
 *
 * <p>On the target side the initiator's port is kept where possible; where another process has it,
 * or another flow to the same peer, or it is a privileged one, the kernel chooses another, so that
 * the exchange works all the same.
 * On the initiating side the port is the one that the peer wrote to, and no other will do.
 */
final class UdpSockets {
    /** Bytes asked for; the kernel grants at most the sysctl net.core.rmem_max, doubled. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    /** In place of a listening socket. */
    private static final int NONE = -1;

    private final SideSockets sockets;
    private final boolean freebind;
    private final boolean segmentation;
    private final boolean coalescing;
    private boolean rehearsed;

    /** @param freebind whether our addresses need not be the host's (ip(7), IP_FREEBIND) */
    UdpSockets(SideSockets sockets, boolean freebind) {
        this.sockets = sockets;
        this.freebind = freebind;
        int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            fd = Sockets.socket(Sockets.AF_INET6, Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC, 0);
        }
        // A kernel which does not know UDP_SEGMENT would send a run as one giant datagram.
        segmentation = Sockets.getInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT) >= 0;
        coalescing = Sockets.setInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_GRO, 1) == 0;
        Files.close(fd);
    }

    /** Whether the kernel cuts up what is sent with UDP_SEGMENT (Linux 4.18). */
    boolean segmentation() {
        return segmentation;
    }

    /** Whether the kernel coalesces datagrams that come (UDP_GRO, Linux 5.0). */
    boolean coalescing() {
        return coalescing;
    }

    /**
     * Opens the socket of a target side; afterwards {@link #names} has its own address.
     *
     * @return the descriptor or -errno
     */
    int open(Pif pif, FlowSide side) {
        int fd = named(open(pif, side, side.ourPort(), NONE, SideSockets.USUAL_LINK));
        if (fd < 0 ? SideSockets.isPortTaken(fd) : isConnectedToItself(side)) {
            if (fd >= 0) {
                Files.close(fd);
            }
            return openElsewhere(pif, side);
        }
        return fd;
    }

    /** As {@link #open(Pif, FlowSide)}, at a port that the kernel chooses. */
    int openElsewhere(Pif pif, FlowSide side) {
        return named(open(pif, side, 0, NONE, SideSockets.USUAL_LINK));
    }

    /**
     * Opens the socket of an initiating side: bound like the socket that had the first datagram,
     * to the same interface too if that was bound to one.
     *
     * @param link index of the interface by which the datagram came, which counts for link-local
     *     addresses; 0 for the usual one
     * @return the descriptor or -errno
     */
    int openLike(int listening, Pif pif, FlowSide side, int link) {
        if (!rehearsed) {
            rehearsed = true;
            rehearse(pif, side, link);
        }
        return open(pif, side, side.ourPort(), listening, link);
    }

    /**
     * The JVM loads what it needs at first use, which takes milliseconds; between bind and connect
     * they would be an open door for datagrams of others. So the first time is on another port.
     */
    private void rehearse(Pif pif, FlowSide side, int link) {
        int fd = open(pif, side, 0, NONE, link);
        if (fd >= 0) {
            Files.close(fd);
        }
    }

    /** The local address and port of the socket opened last. */
    SideSockets names() {
        return sockets;
    }

    /**
     * With equal ports and the endpoint an address of this host, a socket bound to any address
     * gets its own peer's: it would receive what it sends.
     */
    private boolean isConnectedToItself(FlowSide side) {
        return sockets.namePort() == side.endpointPort()
                && sockets.nameLow() == side.endpointLow()
                && sockets.nameHigh() == side.endpointHigh();
    }

    private int named(int fd) {
        return fd < 0 ? fd : orClosed(fd, sockets.readName(fd));
    }

    private int open(Pif pif, FlowSide side, int port, int listening, int link) {
        int fd = sockets.open(pif, side, Sockets.SOCK_DGRAM, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = prepare(fd, side, port, listening);
        if (rc == 0) {
            // Next to each other: what comes between them may be anybody's.
            rc = listening == NONE ? sockets.bind(fd, pif, side, port)
                    : sockets.bindAddress(fd, pif, side, port, link);
            rc = rc == 0 ? sockets.connect(fd, pif, side, link) : rc;
        }
        return orClosed(fd, rc);
    }

    private static int orClosed(int fd, int rc) {
        if (rc < 0) {
            Files.close(fd);
        }
        return rc < 0 ? rc : fd;
    }

    private int prepare(int fd, FlowSide side, int port, int listening) {
        boolean v4 = Ip.isV4(side.endpointHigh(), side.endpointLow());
        int level = v4 ? Sockets.IPPROTO_IP : Sockets.IPPROTO_IPV6;
        int rc = Sockets.setInt(fd, level, v4 ? Sockets.IP_RECVERR : Sockets.IPV6_RECVERR, 1);
        if (rc == 0 && port != 0) {
            // Flows with the same port share it; each has a peer of its own.
            rc = Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        }
        if (rc == 0 && freebind) {
            int option = v4 ? Sockets.IP_FREEBIND : Sockets.IPV6_FREEBIND;
            rc = Sockets.setInt(fd, level, option, 1);
        }
        if (rc == 0 && listening != NONE) {
            rc = copyInterface(listening, fd);
        }
        if (rc == 0) {
            prepareReceiving(fd);
        }
        return rc;
    }

    private static int copyInterface(int from, int to) {
        int index = Sockets.getInt(from, Sockets.SOL_SOCKET, Sockets.SO_BINDTOIFINDEX);
        return index <= 0 ? index
                : Sockets.setInt(to, Sockets.SOL_SOCKET, Sockets.SO_BINDTOIFINDEX, index);
    }

    /** What helps but need not succeed. A burst must wait for us, and then for the guest. */
    private void prepareReceiving(int fd) {
        Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, RECEIVE_BUFFER);
        if (coalescing) {
            Sockets.setInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_GRO, 1);
        }
    }

    /** Sets the TTL or hop limit of datagrams sent to an endpoint, 1 to 255: 0 or -errno. */
    static int setHopLimit(int fd, FlowSide side, int hopLimit) {
        boolean multicast = Ip.isMulticast(side.endpointHigh(), side.endpointLow());
        if (Ip.isV4(side.endpointHigh(), side.endpointLow())) {
            int option = multicast ? Sockets.IP_MULTICAST_TTL : Sockets.IP_TTL;
            return Sockets.setInt(fd, Sockets.IPPROTO_IP, option, hopLimit);
        }
        int option = multicast ? Sockets.IPV6_MULTICAST_HOPS : Sockets.IPV6_UNICAST_HOPS;
        return Sockets.setInt(fd, Sockets.IPPROTO_IPV6, option, hopLimit);
    }
}
