// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.forward.SideSockets;
import jpasst.linux.Errno;
import jpasst.linux.Shortage;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/** Gives an accepted socket its counterpart. Loop thread only. */
final class Opening {
    private final Watch watch;
    private final SideSockets sockets;
    private final Ending ending;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit shortages;
    private final RateLimit unbound;

    Opening(Watch watch, SideSockets sockets, Ending ending, Counters counters, Log log) {
        this.watch = watch;
        this.sockets = sockets;
        this.ending = ending;
        this.counters = counters;
        this.log = new FlowLog(log);
        shortages = new RateLimit(log, Level.WARNING);
        unbound = new RateLimit(log, Level.WARNING);
    }

    /** See {@link SpliceFlows#open}. */
    void open(Tgt tgt, int accepted, long nowNs) {
        Flow flow = tgt.flow();
        int socket = sockets.open(flow.pif(1), flow.side(1), Sockets.SOCK_STREAM, 0);
        if (socket < 0) {
            explain(flow, "cannot open a socket", -socket, nowNs);
            Sockets.closeWithReset(accepted);
            tgt.cancel();
            return;
        }
        var c = new SpliceConnection(accepted, socket);
        Typed typed = tgt.type(FlowType.TCP_SPLICE, c);
        int rc = connect(flow, c, nowNs);
        if (rc == 0) {
            typed.activate();
            return;
        }
        explain(flow, "cannot connect", -rc, nowNs);
        Sockets.setLinger(accepted, true, 0);
        ending.release(c);
        typed.cancel();
    }

    /**
     * The accepted socket is watched first, so that the loop tells of its data before it tells
     * that there is where to send it.
     */
    private int connect(Flow flow, SpliceConnection c, long nowNs) {
        hasten(c.socket[0]);
        hasten(c.socket[1]);
        if (leavesHost(flow)) bindOutbound(flow, c.socket[1], nowNs);
        int rc = sockets.connect(c.socket[1], flow.pif(1), flow.side(1));
        if (rc < 0 && rc != -Errno.EINPROGRESS) return rc;
        rc = watch.start(flow, c, 0);
        return rc < 0 ? rc : watch.start(flow, c, 1);
    }

    /** Whether the connection goes to an address beyond the loopback, which a rule names. */
    private static boolean leavesHost(Flow flow) {
        FlowSide target = flow.side(1);
        return flow.pif(1) == Pif.HOST && !Ip.isLoopback(target.endpointHigh(),
                target.endpointLow());
    }

    /** As for connections through the tap: what cannot be had is done without. */
    private void bindOutbound(Flow flow, int socket, long nowNs) {
        int rc = sockets.bind(socket, Pif.HOST, flow.side(1), flow.side(1).ourPort());
        if (rc < 0) {
            log.limited(unbound, nowNs, flow,
                    Shortage.explain("cannot use the outbound address", -rc));
        }
    }

    /** What comes has been collected by one TCP already: no other need wait for more. */
    private static void hasten(int socket) {
        Sockets.setInt(socket, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1);
        Sockets.setInt(socket, Sockets.IPPROTO_TCP, Sockets.TCP_QUICKACK, 1);
    }

    /** A shortage is the user's to know of; an address that cannot be reached, the client's. */
    private void explain(Flow flow, String what, int errno, long nowNs) {
        counters.increment(Counter.DROP_NO_SOCKET);
        if (Shortage.is(errno)) {
            log.limited(shortages, nowNs, flow, Shortage.explain(what, errno));
        } else if (log.debugging()) {
            log.debug(flow, what, errno);
        }
    }
}
