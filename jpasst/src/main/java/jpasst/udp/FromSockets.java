// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowState;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Sidx;
import jpasst.flow.TargetChooser;
import jpasst.linux.Epoll;
import jpasst.linux.SocketAddress;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IpProtocol;

/**
 * Serves the sockets of flows: passes on what comes, deals with errors, and reads from a new
 * socket what it got before it was connected.
 */
final class FromSockets {
    /** Datagrams read at most from a new socket before the loop goes round once more. */
    private static final int MAXIMUM_FLUSH = 256;
    /**
     * Flows begun at most in one round for datagrams that came to sockets of others: while new
     * peers come without end, each new socket may get some of theirs.
     */
    static final int MAXIMUM_BEGUN = 128;
    /** Error events without an error, in a row, after which the flow is given up. */
    private static final int MAXIMUM_BASELESS_ERRORS = 3;

    private final FlowTable table;
    private final UdpFactory factory;
    private final SocketReceiver receiver;
    private final UdpErrors errors;
    private final Closing closing;
    private final Counters counters;
    private final FlowLog flowLog;
    private final RateLimit failures;
    private final RoundBudget begun;
    private final FlowSide probe = new FlowSide();

    FromSockets(FlowTable table, UdpFactory factory, SocketReceiver receiver, UdpErrors errors,
            Closing closing, EventLoop loop, Counters counters, Log log) {
        this.table = table;
        this.factory = factory;
        this.receiver = receiver;
        this.errors = errors;
        this.closing = closing;
        this.counters = counters;
        flowLog = new FlowLog(log);
        failures = new RateLimit(log, Level.WARNING);
        begun = new RoundBudget(loop, MAXIMUM_BEGUN);
    }

    void onEvent(int fd, int sidx, int events, long nowNs) {
        Flow flow = table.at(sidx);
        if (flow == null || flow.state() != FlowState.ACTIVE || flow.type() != FlowType.UDP) {
            return;
        }
        int from = Sidx.side(sidx);
        UdpFlow body = flow.body();
        UdpSide side = body.side(from);
        if (body.closed() || side.socket != fd) {
            return;
        }
        if ((events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0
                && !recovers(flow, side, from, nowNs)) {
            closing.close(flow);
            return;
        }
        if ((events & Epoll.EPOLLIN) != 0) {
            if (!side.flush) {
                receiver.receive(flow, body, from, nowNs);
            } else {
                flush(flow, side, from, nowNs);
            }
        }
    }

    /** An error may have been cleared by a send meanwhile; but the same event must not stay. */
    private boolean recovers(Flow flow, UdpSide side, int from, long nowNs) {
        if (errors.handle(flow, side, from, nowNs)) {
            side.baselessErrors = 0;
            return true;
        }
        if (++side.baselessErrors < MAXIMUM_BASELESS_ERRORS) {
            return true;
        }
        flowLog.limited(failures, nowNs, flow, "socket error which cannot be cleared");
        return false;
    }

    /** Reads what the new sockets of a flow got so far. */
    void flush(Flow flow, long nowNs) {
        UdpFlow body = flow.body();
        for (int from = 0; from < 2 && !body.closed(); from++) {
            UdpSide side = body.side(from);
            if (side.flush && !side.isHeld()) {
                flush(flow, side, from, nowNs);
            }
        }
    }

    /**
     * Reads what a new socket got between bind and connect: of its own peer, or of peers of other
     * flows, which get it. Until all is read, no datagram may overtake these. What would be too
     * much for this round stays in the socket until the next.
     */
    private void flush(Flow flow, UdpSide side, int from, long nowNs) {
        for (int i = 0; i < MAXIMUM_FLUSH && (from != 0 || begun.isLeft()); i++) {
            int bytes = receiver.receiveFromAnybody(side.socket);
            if (bytes < 0) {
                // An error is left to its event; nothing can be read until then.
                side.flush = false;
                return;
            }
            deliver(flow, side, from, bytes, nowNs);
        }
        table.markDeferred(flow);
    }

    private void deliver(Flow flow, UdpSide side, int from, int bytes, long nowNs) {
        FlowSide own = flow.side(from);
        var sender = receiver.sender();
        probe.set(SocketAddress.high(sender, 0), SocketAddress.low(sender, 0),
                SocketAddress.port(sender, 0), own.ourHigh(), own.ourLow(), own.ourPort());
        int sidx = probe.sameAs(own) ? flow.sidx(from)
                : table.lookup(IpProtocol.UDP, flow.pif(from), probe);
        if (!Sidx.isValid(sidx) && from == 0) {
            // Bound like the listening socket, it got the first datagram of one more peer.
            sidx = begin(flow, side, nowNs);
        } else if (!Sidx.isValid(sidx)) {
            counters.increment(Counter.DROP_NO_FLOW);
        }
        if (!Sidx.isValid(sidx)) {
            return;
        }
        Flow to = table.at(sidx);
        UdpFlow body = to.body();
        if (!body.closed()) {
            int count = receiver.forward(to, 1 - Sidx.side(sidx), bytes);
            body.active(Sidx.side(sidx), count, nowNs);
        }
    }

    /** Begins the flow of a peer whose first datagram the socket of another's flow got. */
    private int begin(Flow other, UdpSide side, long nowNs) {
        begun.take();
        int sidx = factory.fromSocket(other.pif(0), probe, TargetChooser.NO_RULE_HINT,
                side.socket, SocketAddress.scopeId(receiver.sender(), 0), nowNs);
        if (Sidx.isValid(sidx)) {
            // This socket is connected meanwhile: it has nothing of that peer to wait for.
            factory.release(table.at(sidx), nowNs);
        }
        return sidx;
    }
}
