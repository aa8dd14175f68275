// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowTable;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.TcpHeader;

/**
 * The ends of a connection: both directions finished, reset by one of us, or given up. A closed
 * connection is out of the hash at once; its descriptor and its slot go with the table's deferred
 * pass. Loop thread only.
 */
final class Ending {
    private final FlowTable table;
    private final Segments segments;
    private final Timers timers;
    private final Counters counters;
    private final FlowLog log;

    Ending(FlowTable table, Segments segments, Timers timers, Counters counters, FlowLog log) {
        this.table = table;
        this.segments = segments;
        this.timers = timers;
        this.counters = counters;
        this.log = log;
    }

    /** The socket gave an error: both sides are reset. */
    void socketFailed(Flow flow, TcpConnection c, String call, int errno) {
        if (log.debugging()) log.debug(flow, call + ": " + Errno.message(errno));
        reset(flow, c);
    }

    /** The guest did not answer our SYN, however often it was sent: both sides are reset. */
    void handshakeFailed(Flow flow, TcpConnection c) {
        log.debug(flow, "handshake timeout");
        reset(flow, c);
    }

    /** Resets both sides: RST to the guest, and to the peer by a close without lingering. */
    void reset(Flow flow, TcpConnection c) {
        if (c.isClosed()) return;
        segments.control(flow, c, TcpHeader.RST | TcpHeader.ACK, c.seqToTap, c.seqFromTap,
                Math.max(0, c.edgeToTap - c.seqFromTap));
        counters.increment(Counter.TCP_RESETS_TO_TAP);
        abandon(flow, c);
    }

    /** The guest needs no RST, having sent one: only the peer is told. */
    void abandon(Flow flow, TcpConnection c) {
        if (c.isClosed()) return;
        Sockets.setLinger(c.socket, true, 0);
        close(flow, c);
    }

    /** Ends the connection, without a word to anybody. */
    void close(Flow flow, TcpConnection c) {
        if (log.debugging()) log.debug(flow, c.eventNames() + " -> CLOSED");
        c.events = 0;
        c.flags &= TcpConnection.TOUCHED | TcpConnection.READ_QUEUED;
        timers.forget(flow);
        table.remove(flow.sidx(c.tapSide));
        table.markDeferred(flow);
    }

    /** Closes if both directions have ended and everybody knows. */
    void closeIfFinished(Flow flow, TcpConnection c) {
        if (c.has(TcpConnection.SOCK_FIN_SENT | TcpConnection.TAP_FIN_ACKED)) close(flow, c);
    }

    /** Lets go of what a closed connection still holds; its slot may be freed after. */
    void release(TcpConnection c) {
        if (c.socket >= 0) Files.close(c.socket);
        c.socket = -1;
        if (c.buffer != null) c.buffer.clear();
    }
}
