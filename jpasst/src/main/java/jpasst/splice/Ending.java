// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowTable;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * The ends of a spliced connection: both streams ended, or an error, which both sides see as a
 * reset. Descriptors are closed in the table's deferred pass, when no event of the round can
 * name them any more. Loop thread only.
 */
final class Ending {
    private final FlowTable table;
    private final PipePool pipes;
    private final Counters counters;
    private final FlowLog log;

    Ending(FlowTable table, PipePool pipes, Counters counters, FlowLog log) {
        this.table = table;
        this.pipes = pipes;
        this.counters = counters;
        this.log = log;
    }

    /** A socket gave an error: both sides are reset. */
    void failed(Flow flow, SpliceConnection c, int errno) {
        if (log.debugging()) log.debug(flow, "reset, " + c.eventNames(), errno);
        reset(flow, c);
    }

    /** Resets both sides: a close without lingering sends RST (socket(7)). */
    void reset(Flow flow, SpliceConnection c) {
        if (c.is(SpliceConnection.CLOSING)) return;
        Sockets.setLinger(c.socket[0], true, 0);
        Sockets.setLinger(c.socket[1], true, 0);
        counters.increment(Counter.TCP_SPLICED_RESETS);
        close(flow, c);
    }

    /** Ends the connection without more words; what was written is still delivered. */
    void close(Flow flow, SpliceConnection c) {
        c.set(SpliceConnection.CLOSING);
        table.markDeferred(flow);
    }

    /** Closes all descriptors the connection has. */
    void release(SpliceConnection c) {
        for (int side = 0; side < 2; side++) {
            if (c.socket[side] >= 0) Files.close(c.socket[side]);
            c.socket[side] = -1;
            if (c.pipe[side] != null) releasePipe(c, side);
        }
    }

    /** An empty pipe is good for others; one with data is not. */
    private void releasePipe(SpliceConnection c, int from) {
        if (c.pending[from] == 0) pipes.giveBack(c.pipe[from]);
        else pipes.discard(c.pipe[from]);
        c.pipe[from] = null;
    }
}
