// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.flow.TargetChooser;
import jpasst.flow.Tgt;
import jpasst.flow.Typed;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
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
    private final FlowTable table;
    private final EventLoop loop;
    private final UdpSockets sockets;
    private final Counters counters;
    private final Log log;
    private final FlowLog flowLog;
    private final RateLimit fullTable;
    private final RateLimit failedSockets;

    UdpFactory(FlowTable table, EventLoop loop, UdpSockets sockets, Counters counters, Log log) {
        this.table = table;
        this.loop = loop;
        this.sockets = sockets;
        this.counters = counters;
        this.log = log;
        flowLog = new FlowLog(log);
        fullTable = new RateLimit(log, Level.ERROR);
        failedSockets = new RateLimit(log, Level.WARNING);
    }

    /**
     * A flow that a datagram from the guest starts.
     *
     * @param side the guest as endpoint, and whom it writes to as ours
     * @return the flow's tap side, or {@link Sidx#INVALID}, which is counted as a drop
     */
    int fromTap(FlowSide side, long nowNs) {
        if (!isAcceptable(side)) {
            return Sidx.INVALID;
        }
        var step = table.allocate();
        if (step == null) {
            fullTable.log(nowNs, "Flow table full: UDP datagram of a new flow dropped");
            return Sidx.INVALID;
        }
        var ini = step.initiate(Pif.TAP, side);
        Tgt tgt = ini.target(IpProtocol.UDP, TargetChooser.NO_RULE_HINT);
        if (tgt == null) {
            ini.cancel();
            counters.increment(Counter.DROP_NO_TARGET);
            return Sidx.INVALID;
        }
        if (tgt.flow().pif(1) != Pif.HOST) {
            tgt.cancel();
            counters.increment(Counter.DROP_NO_TARGET);
            return Sidx.INVALID;
        }
        var body = new UdpFlow(nowNs);
        return complete(tgt.type(FlowType.UDP, body), body, nowNs);
    }

    private boolean isAcceptable(FlowSide side) {
        if (side.endpointPort() == 0 || side.ourPort() == 0) {
            counters.increment(Counter.DROP_BAD_PORT);
            return false;
        }
        if (!Ip.isUnicast(side.endpointHigh(), side.endpointLow())
                || Ip.isUnspecified(side.ourHigh(), side.ourLow())) {
            counters.increment(Counter.DROP_BAD_ADDRESS);
            return false;
        }
        return true;
    }

    private int complete(Typed typed, UdpFlow body, long nowNs) {
        Flow flow = typed.flow();
        int fd = openTarget(typed, flow);
        if (fd < 0) {
            if (failedSockets.permits(nowNs)) {
                flowLog.warn(flow, "no socket for this datagram: " + Errno.message(-fd));
            }
            counters.increment(Counter.DROP_NO_SOCKET);
            typed.cancel();
            return Sidx.INVALID;
        }
        body.side(1).socket = fd;
        body.side(1).flush = true;
        table.insert(flow.sidx(0));
        table.insert(flow.sidx(1));
        typed.activate();
        table.markDeferred(flow);
        return flow.sidx(0);
    }

    /** A socket of side 1 which the loop watches, and its own address in the flow; or -errno. */
    private int openTarget(Typed typed, Flow flow) {
        FlowSide target = flow.side(1);
        int fd = sockets.open(target);
        if (fd < 0) {
            return fd;
        }
        if (fd > EventTag.MAX_FD) {
            Files.close(fd);
            return -Errno.EMFILE;
        }
        var names = sockets.names();
        if (names.namePort() != target.ourPort() && log.debugging()) {
            flowLog.debug(flow, "port taken, using " + names.namePort());
        }
        typed.refineOur(names.nameHigh(), names.nameLow(), names.namePort());
        int rc = loop.add(fd, Epoll.EPOLLIN,
                EventTag.of(FlowType.UDP.eventType(), fd, flow.sidx(1)));
        if (rc < 0) {
            Files.close(fd);
            return rc;
        }
        return fd;
    }
}
