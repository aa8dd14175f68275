// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.addr.Ip;
import jpasst.flow.DistinctPort;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Ini;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.flow.TargetChooser;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.forward.SideSockets;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Shortage;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IpProtocol;

/** Makes UDP flows. Every way out leaves a flow that is ACTIVE, or nothing at all. */
final class UdpFactory {
    /** In place of a socket that had the first datagram. */
    private static final int NO_LISTENER = -1;

    private final FlowTable table;
    private final EventLoop loop;
    private final UdpSockets sockets;
    private final Closing closing;
    private final Counters counters;
    private final FlowLog flowLog;
    private final RateLimit fullTable;
    private final RateLimit failedSockets;
    private boolean lacksResources;

    UdpFactory(FlowTable table, EventLoop loop, UdpSockets sockets, Closing closing,
            Counters counters, Log log) {
        this.table = table;
        this.loop = loop;
        this.sockets = sockets;
        this.closing = closing;
        this.counters = counters;
        flowLog = new FlowLog(log);
        fullTable = new RateLimit(log, Level.ERROR);
        failedSockets = new RateLimit(log, Level.WARNING);
    }

    /**
     * A flow that a datagram from the guest starts.
     *
     * @param side the guest as endpoint, and whom it writes to as ours
     * @return the flow's side 0, on the tap, or {@link Sidx#INVALID}, which is counted as a drop
     */
    int fromTap(FlowSide side, long nowNs) {
        return make(Pif.TAP, side, TargetChooser.NO_RULE_HINT, NO_LISTENER,
                SideSockets.USUAL_LINK, nowNs);
    }

    /**
     * A flow that a datagram from outside, or from a process in the namespace, starts.
     *
     * @param pif where it came in
     * @param side its sender as endpoint, and whom it was sent to as ours
     * @param listening the socket it came in by
     * @param link index of the interface it came in by, which counts for link-local addresses; 0
     *     for the usual one
     * @return the flow's side 0, or {@link Sidx#INVALID}, which is counted as a drop. That side's
     *     own socket waits for the other one to be empty, until {@link #release}
     */
    int fromSocket(Pif pif, FlowSide side, int ruleHint, int listening, int link, long nowNs) {
        return make(pif, side, ruleHint, listening, link, nowNs);
    }

    /** Whether the flow asked for last failed for lack of descriptors, memory or the like. */
    boolean lacksResources() {
        return lacksResources;
    }

    /**
     * Has the loop watch the socket of a flow's side 0, which was held back, and the next deferred
     * pass read it. A flow for which that cannot be is closed.
     */
    void release(Flow flow, long nowNs) {
        UdpFlow body = flow.body();
        body.side(0).heldBy = UdpSide.NO_SOCKET;
        int rc = watch(flow, 0, body.side(0).socket);
        if (rc < 0) {
            if (failedSockets.permits(nowNs)) {
                flowLog.warn(flow, Shortage.explain("its socket cannot be watched", -rc));
            }
            closing.close(flow);
        } else {
            table.markDeferred(flow);
        }
    }

    private int make(Pif pif, FlowSide side, int ruleHint, int listening, int link, long nowNs) {
        lacksResources = false;
        if (!isAcceptable(pif, side)) {
            return Sidx.INVALID;
        }
        var step = table.allocate();
        if (step == null) {
            fullTable.log(nowNs, "Flow table full: UDP datagram of a new flow dropped");
            return Sidx.INVALID;
        }
        Tgt tgt = target(step.initiate(pif, side), ruleHint);
        if (tgt == null) {
            counters.increment(Counter.DROP_NO_TARGET);
            return Sidx.INVALID;
        }
        var body = new UdpFlow(nowNs);
        return complete(tgt.type(FlowType.UDP, body), body, listening, link, nowNs);
    }

    private boolean isAcceptable(Pif pif, FlowSide side) {
        if (side.endpointPort() == 0 || side.ourPort() == 0) {
            counters.increment(Counter.DROP_BAD_PORT);
            return false;
        }
        boolean toNobody = pif == Pif.TAP && Ip.isUnspecified(side.ourHigh(), side.ourLow());
        if (!Ip.isUnicast(side.endpointHigh(), side.endpointLow()) || toNobody
                || isOurselves(side)) {
            counters.increment(Counter.DROP_BAD_ADDRESS);
            return false;
        }
        return true;
    }

    /** A forged datagram that seems to come from where it goes would be answered for ever. */
    private static boolean isOurselves(FlowSide side) {
        return side.endpointPort() == side.ourPort() && side.endpointLow() == side.ourLow()
                && side.endpointHigh() == side.ourHigh();
    }

    /** The step after a target was found that flows from there can have; null, and cancelled. */
    private static Tgt target(Ini ini, int ruleHint) {
        boolean fromTap = ini.flow().pif(0) == Pif.TAP;
        Tgt tgt = ini.target(IpProtocol.UDP, ruleHint);
        if (tgt == null) {
            ini.cancel();
            return null;
        }
        Pif to = tgt.flow().pif(1);
        if (fromTap ? to == Pif.HOST : to != tgt.flow().pif(0)) {
            return tgt;
        }
        tgt.cancel();
        return null;
    }

    private int complete(Typed typed, UdpFlow body, int listening, int link, long nowNs) {
        Flow flow = typed.flow();
        int rc = openSides(typed, flow, body, listening, link, nowNs);
        if (rc < 0) {
            failed(flow, -rc, nowNs);
            closing.closeSockets(body);
            typed.cancel();
            return Sidx.INVALID;
        }
        table.insert(flow.sidx(0));
        table.insert(flow.sidx(1));
        typed.activate();
        table.markDeferred(flow);
        return flow.sidx(0);
    }

    private int openSides(Typed typed, Flow flow, UdpFlow body, int listening, int link,
            long nowNs) {
        if (!flow.pif(1).isSocket() && !DistinctPort.choose(table, typed, nowNs)) {
            return -Errno.EADDRINUSE;
        }
        if (flow.pif(0).isSocket()) {
            int fd = sockets.openLike(listening, flow.pif(0), flow.side(0), link);
            if (fd < 0) {
                return fd;
            }
            body.side(0).opened(fd);
            body.side(0).heldBy = listening;
        }
        return flow.pif(1).isSocket() ? openTarget(typed, flow, body) : 0;
    }

    /** Gives side 1 a socket, and the socket's own address to the flow: 0 or -errno. */
    private int openTarget(Typed typed, Flow flow, UdpFlow body) {
        FlowSide target = flow.side(1);
        int fd = named(typed, target, sockets.open(flow.pif(1), target));
        if (fd >= 0 && DistinctPort.isTaken(table, flow)) {
            // The port may be shared, but not with the same peer: one would get all answers.
            Files.close(fd);
            fd = named(typed, target, sockets.openElsewhere(flow.pif(1), target));
        }
        if (fd < 0) {
            return fd;
        }
        body.side(1).opened(fd);
        return watch(flow, 1, fd);
    }

    /** Gives the address of the socket opened last, if it was, to the flow. */
    private int named(Typed typed, FlowSide target, int fd) {
        if (fd >= 0) {
            var names = sockets.names();
            if (names.namePort() != target.ourPort() && flowLog.debugging()) {
                flowLog.debug(typed.flow(), "port taken, using " + names.namePort());
            }
            typed.refineOur(names.nameHigh(), names.nameLow(), names.namePort());
        }
        return fd;
    }

    private int watch(Flow flow, int side, int fd) {
        return fd > EventTag.MAX_FD ? -Errno.EMFILE : loop.add(fd, Epoll.EPOLLIN,
                EventTag.of(FlowType.UDP.eventType(), fd, flow.sidx(side)));
    }

    private void failed(Flow flow, int errno, long nowNs) {
        // EAGAIN: the kernel has no port left to choose.
        lacksResources = Shortage.is(errno) || errno == Errno.EAGAIN;
        counters.increment(Counter.DROP_NO_SOCKET);
        if (failedSockets.permits(nowNs)) {
            flowLog.warn(flow, Shortage.explain("no socket for this datagram", errno));
        }
    }
}
