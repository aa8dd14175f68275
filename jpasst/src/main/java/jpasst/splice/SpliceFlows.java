// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static jpasst.splice.SpliceConnection.BULK;
import static jpasst.splice.SpliceConnection.CLOSING;
import static jpasst.splice.SpliceConnection.CONNECT;
import static jpasst.splice.SpliceConnection.COPYING;
import static jpasst.splice.SpliceConnection.ESTABLISHED;
import static jpasst.splice.SpliceConnection.INPUT_ENDED;
import static jpasst.splice.SpliceConnection.OUT_WAIT;
import static jpasst.splice.SpliceConnection.FIN_SENT;
import static jpasst.splice.SpliceConnection.QUEUED;
import static jpasst.splice.SpliceConnection.READABLE;

import java.lang.foreign.Arena;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.flow.Tgt;
import jpasst.forward.SideSockets;
import jpasst.linux.Epoll;
import jpasst.linux.Processes;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * The handler of spliced TCP connections. One per worker; loop thread only.
 *
 * <p>After the events of a round, {@link #forwardMore} gives another turn to a connection that
 * stopped for others' sake; while {@link #moreToForward}, the loop must not wait.
 */
public final class SpliceFlows implements EventHandler, FlowHandler, AutoCloseable {
    private static final int END_OF_INPUT = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP;
    private static final int INPUT = Epoll.EPOLLIN | Epoll.EPOLLPRI | END_OF_INPUT;

    private final FlowTable table;
    private final Counters counters;
    private final FlowLog log;
    private final RateLimit failures;
    private final PipePool pipes;
    private final Ending ending;
    private final Watch watch;
    private final Opening opening;
    private final Relay relay;
    private final Turns turns = new Turns();

    /**
     * Registers itself with nobody: that is up to the caller, as handler of
     * {@link FlowType#TCP_SPLICE} in the table and of its event type in the loop. Takes its share
     * of the descriptors which the process may have at this time.
     *
     * @param arena for memory that lives as long as the handler
     * @param sockets of the host and of the namespace
     */
    public SpliceFlows(Arena arena, FlowTable table, EventLoop loop, SideSockets sockets,
            Counters counters, Log log) {
        this(table, loop, sockets, counters, log, new Copying(arena),
                new PipePool(arena, Processes.softLimit(Processes.RLIMIT_NOFILE)));
    }

    SpliceFlows(FlowTable table, EventLoop loop, SideSockets sockets, Counters counters, Log log,
            Copying copying, PipePool pipes) {
        this.table = table;
        this.counters = counters;
        this.log = new FlowLog(log);
        this.pipes = pipes;
        failures = new RateLimit(log, Level.ERROR);
        ending = new Ending(table, pipes, counters, this.log);
        watch = new Watch(loop);
        opening = new Opening(watch, sockets, ending, counters, log);
        relay = new Relay(pipes, copying, ending, counters);
    }

    /**
     * Completes a flow whose target is a socket pif, and takes over its accepted socket. If there
     * can be no connection, the client sees a reset: now, or when the target has refused.
     *
     * @param tgt the flow under construction, which is ACTIVE or cancelled afterwards
     * @param socket the accepted socket of side 0, non-blocking
     * @param nowNs CLOCK_MONOTONIC time of the round
     */
    public void open(Tgt tgt, int socket, long nowNs) {
        opening.open(tgt, socket, nowNs);
    }

    /** Takes an event of one of a connection's sockets. */
    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        Flow flow = table.at(payload);
        if (flow == null || flow.type() != FlowType.TCP_SPLICE) return;
        SpliceConnection c = flow.body();
        int side = Sidx.side(payload);
        if (c.is(CLOSING) || c.socket[side] != fd) return;
        if ((events & Epoll.EPOLLERR) != 0) {
            ending.failed(flow, c, Math.abs(Sockets.pendingError(fd)));
            return;
        }
        note(c, side, events);
        if (c.is(CONNECT) && !isConnected(c, side, events)) return;
        // Bulk has its turns after the events, one by one; what is small passes it, also what
        // comes the other way on the same connection.
        int from = (events & INPUT) != 0 ? side : 1 - side;
        boolean waits = c.is(BULK, from) && moreToForward() || forward(flow, c, Relay.EVENT_BYTES);
        if (waits && !c.is(QUEUED)) enqueue(flow, c);
    }

    /** Remembers what an edge told, which comes once. */
    private static void note(SpliceConnection c, int side, int events) {
        if ((events & INPUT) != 0) c.set(READABLE, side);
        if ((events & END_OF_INPUT) != 0) c.set(INPUT_ENDED, side);
        if ((events & Epoll.EPOLLOUT) != 0) c.clear(OUT_WAIT, side);
        if ((events & Epoll.EPOLLPRI) != 0) readUrgent(c, side);
    }

    /**
     * Urgent data (RFC 9293 3.8.5) is what splice(2) stops at for ever. Read in line it is data as
     * any other, which is all that RFC 6093 lets applications expect.
     */
    private static void readUrgent(SpliceConnection c, int side) {
        if (c.is(COPYING, side)) return;
        Sockets.setInt(c.socket[side], Sockets.SOL_SOCKET, Sockets.SO_OOBINLINE, 1);
        c.set(COPYING, side);
    }

    /** The first room for output at side 1 means that it is connected; refusals are errors. */
    private static boolean isConnected(SpliceConnection c, int side, int events) {
        if (side == 0 || (events & Epoll.EPOLLOUT) == 0) return false;
        c.clear(CONNECT);
        c.set(ESTABLISHED);
        return true;
    }

    /** Moves what there is, both ways, up to a limit each: whether it stopped there. */
    private boolean forward(Flow flow, SpliceConnection c, long most) {
        boolean more = relay.forward(flow, c, 0, most);
        if (!c.is(CLOSING)) more |= relay.forward(flow, c, 1, most);
        if (c.is(CLOSING)) return false;
        int rc = watch.adapt(flow, c);
        if (rc < 0) ending.failed(flow, c, -rc);
        return more && rc >= 0;
    }

    private void enqueue(Flow flow, SpliceConnection c) {
        c.set(QUEUED);
        turns.add(flow);
    }

    /** Whether connections have more to forward without a new event of their sockets. */
    public boolean moreToForward() {
        return !turns.isEmpty();
    }

    /**
     * Gives one of the connections that had to stop for others' sake another turn.
     *
     * @param nowNs CLOCK_MONOTONIC time of the round
     */
    public void forwardMore(long nowNs) {
        Flow flow = turns.next();
        if (flow == null) return;
        SpliceConnection c = flow.body();
        if (!c.is(CLOSING) && forwardSafely(flow, c, nowNs)) turns.wantsMore();
        else dequeue(flow, c);
    }

    private void dequeue(Flow flow, SpliceConnection c) {
        c.clear(QUEUED);
        turns.remove(flow);
    }

    /** A bug of ours costs the connection it happened to, and no other. */
    private boolean forwardSafely(Flow flow, SpliceConnection c, long nowNs) {
        try {
            return forward(flow, c, Relay.TURN_BYTES);
        } catch (RuntimeException | Error e) {
            counters.increment(Counter.HANDLER_EXCEPTIONS);
            log.limited(failures, nowNs, flow, "internal error: " + e);
            ending.reset(flow, c);
            return false;
        }
    }

    /** Whether a connection waits for more from the namespace, or has to pass it on. */
    public boolean isUploading(Flow flow) {
        SpliceConnection c = flow.body();
        return !c.is(CLOSING) && !c.is(FIN_SENT, flow.sideOn(Pif.HOST));
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        SpliceConnection c = flow.body();
        if (!c.is(CLOSING)) return false;
        if (c.is(QUEUED)) dequeue(flow, c);
        ending.release(c);
        return true;
    }

    /** Never asked: time does nothing to these flows. */
    @Override
    public boolean timer(Flow flow, long nowNs) {
        return false;
    }

    /** Closes the pipes that lie ready; connections keep what they have. */
    @Override
    public void close() {
        pipes.close();
    }
}
