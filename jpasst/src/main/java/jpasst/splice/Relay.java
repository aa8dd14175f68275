// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static jpasst.splice.SpliceConnection.BULK;
import static jpasst.splice.SpliceConnection.COPYING;
import static jpasst.splice.SpliceConnection.FIN_RCVD;
import static jpasst.splice.SpliceConnection.FIN_SENT;
import static jpasst.splice.SpliceConnection.INPUT_ENDED;
import static jpasst.splice.SpliceConnection.OUT_WAIT;
import static jpasst.splice.SpliceConnection.READABLE;

import jpasst.flow.Flow;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/** Moves what one side of a connection received to the other. Loop thread only. */
final class Relay {
    /** Having moved so much at an event, a direction waits for its turn. */
    static final long EVENT_BYTES = 1 << 20;
    /** Having moved so much in its turn, it lets others have theirs. */
    static final long TURN_BYTES = 8 << 20;
    /** What moves less at a time does not make others wait for long. */
    private static final long SMALL_BYTES = 64 << 10;

    private static final int FLAGS = Files.SPLICE_F_MOVE | Files.SPLICE_F_NONBLOCK;

    private final PipePool pipes;
    private final Copying copying;
    private final Ending ending;
    private final Counters counters;

    Relay(PipePool pipes, Copying copying, Ending ending, Counters counters) {
        this.pipes = pipes;
        this.copying = copying;
        this.ending = ending;
        this.counters = counters;
    }

    /**
     * Moves data from a side until there is no more, or no more room, or it was as much as it
     * may be; then passes the end of the stream on, if that was reached. An error resets both
     * sides.
     *
     * @param most bytes after which others come first
     * @return whether it stopped for others' sake, and no event will say that there is more
     */
    boolean forward(Flow flow, SpliceConnection c, int from, long most) {
        long moved = 0;
        while (moved < most && canMove(c, from)) {
            long n = c.pending[from] > 0 ? drain(c, from) : fill(c, from);
            if (n < 0) {
                ending.failed(flow, c, (int) -n);
                return false;
            }
            moved += n;
        }
        if (moved >= most) c.set(BULK, from);
        else if (moved < SMALL_BYTES) c.clear(BULK, from);
        counters.add(Counter.TCP_SPLICED_BYTES, moved);
        if (c.pipe[from] != null && c.pending[from] == 0) {
            pipes.giveBack(c.pipe[from]);
            c.pipe[from] = null;
        }
        passEndOn(flow, c, from);
        return canMove(c, from);
    }

    private static boolean canMove(SpliceConnection c, int from) {
        return !c.is(OUT_WAIT, 1 - from) && (c.pending[from] > 0 || c.is(READABLE, from));
    }

    /** Reads into a pipe, or copies without one: bytes that reached the other side, or -errno. */
    private long fill(SpliceConnection c, int from) {
        if (c.is(COPYING, from)) return copying.move(c, from);
        Pipe pipe = c.pipe[from];
        if (pipe == null) pipe = pipes.take();
        if (pipe == null) return copying.move(c, from);
        c.pipe[from] = pipe;
        long n = Files.splice(c.socket[from], pipe.writeEnd, pipe.bytes(), FLAGS);
        if (n <= 0) return isUnsupported(n) ? copyFromNowOn(c, from) : nothingRead(c, from, n);
        c.pending[from] = (int) n;
        // Small pieces may have used up the pipe's slots. If not even bytes could have, then
        // this was all there was, and what comes now makes another event.
        if (n < pipe.slots() && !c.is(INPUT_ENDED, from)) c.clear(READABLE, from);
        return 0;
    }

    /**
     * Notes what a read that got nothing found.
     *
     * @param n what the read returned
     * @return 0, or -errno for errors that end the connection
     */
    static long nothingRead(SpliceConnection c, int from, long n) {
        if (n < 0 && n != -Errno.EAGAIN) return n;
        c.clear(READABLE, from);
        if (n == 0) c.set(FIN_RCVD, from);
        return 0;
    }

    /** What kernels without splice(2), or for this socket, and filters of system calls say. */
    private static boolean isUnsupported(long n) {
        return n == -Errno.EINVAL || n == -Errno.ENOSYS || n == -Errno.EPERM;
    }

    private static long copyFromNowOn(SpliceConnection c, int from) {
        c.set(COPYING, from);
        return 0;
    }

    /** Writes what is in the pipe; the next event tells when there is room for the rest. */
    private static long drain(SpliceConnection c, int from) {
        int to = 1 - from;
        long n = Files.splice(c.pipe[from].readEnd, c.socket[to], c.pending[from], FLAGS);
        if (n == -Errno.EAGAIN) {
            c.set(OUT_WAIT, to);
            return 0;
        }
        if (n > 0) c.pending[from] -= (int) n;
        return n;
    }

    private void passEndOn(Flow flow, SpliceConnection c, int from) {
        int to = 1 - from;
        if (!c.is(FIN_RCVD, from) || c.pending[from] > 0 || c.is(FIN_SENT, to)) return;
        int rc = Sockets.shutdown(c.socket[to], Sockets.SHUT_WR);
        if (rc < 0) {
            ending.failed(flow, c, -rc);
            return;
        }
        c.set(FIN_SENT, to);
        if (c.isFinished()) ending.close(flow, c);
    }
}
