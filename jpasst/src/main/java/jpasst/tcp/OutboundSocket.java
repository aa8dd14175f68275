// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.SideSockets;
import jpasst.linux.Errno;
import jpasst.linux.Shortage;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;

/** Makes the sockets of connections to the host's network. Loop thread only. */
final class OutboundSocket {
    /** The kernel's segment size need not be lowered for guests that take Ethernet's own. */
    private static final int ORDINARY_MSS = 1400;

    private final SideSockets sockets;
    private final FlowLog log;
    private final RateLimit unbound;

    OutboundSocket(Arena arena, Addresses addresses, Log log) {
        sockets = new SideSockets(addresses, arena);
        this.log = new FlowLog(log);
        unbound = new RateLimit(log, Level.WARNING);
    }

    /** A new socket of the side's family, or -errno. */
    int open(FlowSide host) {
        return sockets.open(Pif.HOST, host, Sockets.SOCK_STREAM, 0);
    }

    /**
     * Starts to connect a socket to the endpoint of the flow's host side.
     *
     * @param mss largest segment of the guest, in bytes
     * @return 0, or -errno
     */
    int connect(Flow flow, TcpConnection c, int mss, long nowNs) {
        FlowSide host = flow.side(1 - c.tapSide);
        Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        if (mss < ORDINARY_MSS) {
            Sockets.setInt(c.socket, Sockets.IPPROTO_TCP, Sockets.TCP_MAXSEG, mss);
        }
        int rc = sockets.bind(c.socket, Pif.HOST, host, host.ourPort());
        if (rc < 0) {
            // As documented: what was asked for with --outbound and cannot be had is done without.
            log.limited(unbound, nowNs, flow,
                    Shortage.explain("cannot use the outbound address", -rc));
        }
        rc = sockets.connect(c.socket, Pif.HOST, host);
        return rc == -Errno.EINPROGRESS ? 0 : rc;
    }
}
