// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.addr.Ip;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.forward.SideSockets;
import jpasst.linux.Files;
import jpasst.linux.Sockets;

/**
 * Makes the socket of a flow's side: bound to our address and port, connected to the endpoint. The
 * guest's port is kept where possible; where another process has it, or it is a privileged one, the
 * kernel chooses another, so that the exchange works all the same.
 */
final class UdpSockets {
    /** Bytes asked for; the kernel grants at most the sysctl net.core.rmem_max, doubled. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    private final SideSockets sockets;
    private final boolean segmentation;
    private final boolean coalescing;

    UdpSockets(SideSockets sockets) {
        this.sockets = sockets;
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
     * Opens the socket of a side; afterwards {@link #names} has its own address.
     *
     * @return the descriptor or -errno
     */
    int open(FlowSide side) {
        int fd = open(side, side.ourPort());
        if (fd < 0 ? SideSockets.isPortTaken(fd) : isConnectedToItself(side)) {
            if (fd >= 0) {
                Files.close(fd);
            }
            return open(side, 0);
        }
        return fd;
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

    private int open(FlowSide side, int port) {
        int fd = sockets.open(Pif.HOST, side, Sockets.SOCK_DGRAM, 0);
        if (fd < 0) {
            return fd;
        }
        int rc = prepare(fd, side, port);
        if (rc < 0) {
            Files.close(fd);
            return rc;
        }
        return fd;
    }

    private int prepare(int fd, FlowSide side, int port) {
        boolean v4 = Ip.isV4(side.endpointHigh(), side.endpointLow());
        int level = v4 ? Sockets.IPPROTO_IP : Sockets.IPPROTO_IPV6;
        int rc = Sockets.setInt(fd, level, v4 ? Sockets.IP_RECVERR : Sockets.IPV6_RECVERR, 1);
        if (rc == 0 && port != 0) {
            // Flows with the same guest port share it; each has a peer of its own.
            rc = Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        }
        if (rc == 0) {
            rc = sockets.bind(fd, Pif.HOST, side, port);
        }
        if (rc == 0) {
            rc = sockets.connect(fd, Pif.HOST, side);
        }
        if (rc == 0) {
            rc = sockets.readName(fd);
        }
        if (rc == 0) {
            prepareReceiving(fd);
        }
        return rc;
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
