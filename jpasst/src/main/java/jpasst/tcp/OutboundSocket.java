// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.forward.Addresses;
import jpasst.forward.FamilyAddresses;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;

/**
 * Makes the sockets of connections to the host's network. They report edges only, for input and
 * output, from before they are connected until they are closed: no call is spent on changing that.
 * Loop thread only.
 */
final class OutboundSocket {
    private static final int TYPE =
            Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
    private static final int EVENTS =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;
    /** The kernel's segment size need not be lowered for guests that take Ethernet's own. */
    private static final int ORDINARY_MSS = 1400;

    private final Addresses addresses;
    private final EventLoop loop;
    private final MemorySegment address;

    OutboundSocket(Arena arena, Addresses addresses, EventLoop loop) {
        this.addresses = addresses;
        this.loop = loop;
        address = arena.allocate(SocketAddress.LENGTH, Long.BYTES);
    }

    /** A new socket of the side's family, or -errno. */
    int open(FlowSide host) {
        boolean v4 = Ip.isV4(host.endpointHigh(), host.endpointLow());
        return Sockets.socket(v4 ? Sockets.AF_INET : Sockets.AF_INET6, TYPE, 0);
    }

    /**
     * Starts to connect a socket to the endpoint of the flow's host side, and to report its events.
     *
     * @param mss largest segment of the guest, in bytes
     * @return 0, or -errno
     */
    int connect(Flow flow, TcpConnection c, int mss) {
        FlowSide host = flow.side(1 - c.tapSide);
        Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        if (mss < ORDINARY_MSS) {
            Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_MAXSEG, mss);
        }
        bind(c.socket, host);
        int rc = Sockets.connect(c.socket, address, 0, SocketAddress.put(address, 0,
                host.endpointHigh(), host.endpointLow(), host.endpointPort(), scope(host)));
        if (rc < 0 && rc != -Errno.EINPROGRESS) return rc;
        long tag = EventTag.of(EventType.TCP, c.socket, flow.sidx(1 - c.tapSide));
        return loop.add(c.socket, EVENTS, tag);
    }

    /** Binds to what the user asked for; what cannot be had is done without, as documented. */
    private void bind(int socket, FlowSide host) {
        if (Ip.isLoopback(host.endpointHigh(), host.endpointLow())) return;
        if (!Ip.isUnspecified(host.ourHigh(), host.ourLow())) {
            Sockets.bind(socket, address, 0, SocketAddress.put(address, 0, host.ourHigh(),
                    host.ourLow(), host.ourPort(), scope(host)));
        }
        String name = family(host).outboundInterface();
        if (name != null) {
            Sockets.setString(socket, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE, name);
        }
    }

    private FamilyAddresses family(FlowSide host) {
        return Ip.isV4(host.endpointHigh(), host.endpointLow()) ? addresses.v4() : addresses.v6();
    }

    private int scope(FlowSide host) {
        return Ip.isLinkLocal(host.endpointHigh(), host.endpointLow())
                ? Math.max(0, family(host).templateIndex()) : 0;
    }

    /** Whether an error means that the system, not the destination, is at fault. */
    boolean isShortage(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS
                || errno == Errno.ENOMEM;
    }

    /** What went wrong, for the log. */
    String explain(String call, int errno) {
        String text = call + ": " + Errno.message(errno);
        return errno == Errno.EMFILE ? text + " (see ulimit -n)" : text;
    }
}
