// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

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
import jpasst.forward.SideSockets;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/** Makes ping flows. Every way out leaves a flow that is ACTIVE, or nothing at all. */
final class PingFactory {
    private final FlowTable table;
    private final EventLoop loop;
    private final SideSockets sockets;
    private final Counters counters;
    private final FlowLog flowLog;
    private final RateLimit fullTable;
    private final RateLimit failedSockets;

    PingFactory(FlowTable table, EventLoop loop, SideSockets sockets, Counters counters, Log log) {
        this.table = table;
        this.loop = loop;
        this.sockets = sockets;
        this.counters = counters;
        flowLog = new FlowLog(log);
        fullTable = new RateLimit(log, Level.ERROR);
        failedSockets = new RateLimit(log, Level.WARNING);
    }

    /**
     * A flow that an echo request from the guest starts.
     *
     * @param side the guest as endpoint, whom it pings as ours, the identifier as both ports
     * @return the flow's tap side, or {@link Sidx#INVALID}, which is counted as a drop
     */
    int fromTap(FlowType type, FlowSide side, long nowNs) {
        if (!Ip.isUnicast(side.endpointHigh(), side.endpointLow())
                || Ip.isUnspecified(side.ourHigh(), side.ourLow())) {
            counters.increment(Counter.DROP_BAD_ADDRESS);
            return Sidx.INVALID;
        }
        var step = table.allocate();
        if (step == null) {
            fullTable.log(nowNs, "Flow table full: echo request of a new flow dropped");
            return Sidx.INVALID;
        }
        var ini = step.initiate(Pif.TAP, side);
        Tgt tgt = ini.target(type.protocol(), TargetChooser.NO_RULE_HINT);
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
        var body = new PingFlow();
        return complete(tgt.type(type, body), body, nowNs);
    }

    private int complete(Typed typed, PingFlow body, long nowNs) {
        Flow flow = typed.flow();
        int fd = open(flow);
        if (fd < 0) {
            warn(flow, fd, nowNs);
            counters.increment(Counter.DROP_NO_SOCKET);
            typed.cancel();
            return Sidx.INVALID;
        }
        body.socket = fd;
        body.lastRequestNs = nowNs;
        table.insert(flow.sidx(0));
        typed.activate();
        return flow.sidx(0);
    }

    /** A socket of side 1 which the loop watches, or -errno. */
    private int open(Flow flow) {
        FlowSide target = flow.side(1);
        boolean v4 = flow.type() == FlowType.PING4;
        int fd = sockets.open(Pif.HOST, target, Sockets.SOCK_DGRAM,
                v4 ? Sockets.IPPROTO_ICMP : Sockets.IPPROTO_ICMPV6);
        if (fd < 0) {
            return fd;
        }
        int bound = sockets.bind(fd, Pif.HOST, target, 0);
        if (bound < 0 && flowLog.debugging()) {
            // The request may still go out, only from another address.
            flowLog.debug(flow, "couldn't bind ping socket: " + Errno.message(-bound));
        }
        // Connected, it gets no reply but that of the one who was asked.
        int rc = fd > EventTag.MAX_FD ? -Errno.EMFILE : sockets.connect(fd, Pif.HOST, target);
        if (rc == 0) {
            rc = loop.add(fd, Epoll.EPOLLIN,
                    EventTag.of(flow.type().eventType(), fd, flow.sidx(1)));
        }
        if (rc < 0) {
            Files.close(fd);
            return rc;
        }
        return fd;
    }

    private void warn(Flow flow, int rc, long nowNs) {
        if (!failedSockets.permits(nowNs)) {
            return;
        }
        flowLog.warn(flow, "couldn't open ping socket: " + Errno.message(-rc));
        if (rc == -Errno.EACCES) {
            flowLog.warn(flow, "to allow ping, include one of this process's groups in the sysctl "
                    + "net.ipv4.ping_group_range, such as: "
                    + "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"");
        }
    }
}
