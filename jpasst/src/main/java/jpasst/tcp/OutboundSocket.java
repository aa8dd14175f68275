// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.SideSockets;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;

/**
 * Makes the sockets of connections to the host's network. They report edges only, for input and
 * output, from the moment they connect until they are closed: no call is spent on changing that.
 * Loop thread only.
 */
final class OutboundSocket {
    private static final int EVENTS =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLET;
    /** The kernel's segment size need not be lowered for guests that take Ethernet's own. */
    private static final int ORDINARY_MSS = 1400;

    private final SideSockets sockets;
    private final EventLoop loop;
    private final FlowLog log;
    private final RateLimit unbound;

    OutboundSocket(Arena arena, Addresses addresses, EventLoop loop, Log log) {
        sockets = new SideSockets(addresses, arena);
        this.loop = loop;
        this.log = new FlowLog(log);
        unbound = new RateLimit(log, Level.WARNING);
    }

    /** A new socket of the side's family, or -errno. */
    int open(FlowSide host) {
        return sockets.open(Pif.HOST, host, Sockets.SOCK_STREAM, 0);
    }

    /**
     * Starts to connect a socket to the endpoint of the flow's host side, and to report its events.
     *
     * @param mss largest segment of the guest, in bytes
     * @return 0, or -errno
     */
    int connect(Flow flow, TcpConnection c, int mss, long nowNs) {
        int hostSide = 1 - c.tapSide;
        FlowSide host = flow.side(hostSide);
        Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        if (mss < ORDINARY_MSS) {
            Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_MAXSEG, mss);
        }
        int rc = sockets.bind(c.socket, Pif.HOST, host, host.ourPort());
        if (rc < 0) {
            // As documented: what was asked for with --outbound and cannot be had is done without.
            log.limited(unbound, nowNs, flow, explain("cannot use the outbound address", -rc));
        }
        rc = sockets.connect(c.socket, Pif.HOST, host);
        if (rc < 0 && rc != -Errno.EINPROGRESS) return rc;
        long tag = EventTag.of(flow.type().eventType(), c.socket, flow.sidx(hostSide));
        return loop.add(c.socket, EVENTS, tag);
    }

    /** Whether an error means that the system, not the destination, is at fault. */
    static boolean isShortage(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS
                || errno == Errno.ENOMEM;
    }

    /** What went wrong, for the log. */
    static String explain(String call, int errno) {
        String text = call + ": " + Errno.message(errno);
        return errno == Errno.EMFILE ? text + " (see ulimit -n)" : text;
    }
}
