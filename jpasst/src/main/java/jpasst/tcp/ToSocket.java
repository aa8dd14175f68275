// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.flow.Flow;
import jpasst.linux.Errno;
import jpasst.linux.Message;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * The guest's bytes on their way into the socket.
 *
 * <p>Segments of one connection that follow each other in a batch are gathered and written by one
 * {@code sendmsg}, straight from the frames. What the socket does not take goes into the
 * connection's {@link ReceiveBuffer}, and from there when the socket has room again. Loop thread
 * only.
 */
final class ToSocket {
    /** What one read of a stream socket brings, in segments of 1500 bytes. */
    private static final int MAX_SEGMENTS = 192;
    private static final int FLAGS = Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;

    private final ChunkPool pool;
    private final Ending ending;
    private final Counters counters;
    private final Message direct;
    private final Message buffered;

    private final Piece[] pieces = new Piece[MAX_SEGMENTS];
    private int gathered;
    private int gatheredBytes;
    private Flow owner;

    /**
     * Where the data of a segment is. Not in an array of memory segments: each store in one is
     * checked for its type, and what the compiler takes for granted there does not last.
     */
    private static final class Piece {
        private MemorySegment memory;
        private long from;
        private int length;
    }

    ToSocket(Arena arena, ChunkPool pool, Ending ending, Counters counters) {
        this.pool = pool;
        this.ending = ending;
        this.counters = counters;
        direct = new Message(arena, MAX_SEGMENTS, 0);
        for (int i = 0; i < MAX_SEGMENTS; i++) pieces[i] = new Piece();
        buffered = new Message(arena, ReceiveBuffer.MAX_SPAN / ChunkPool.CHUNK_BYTES + 1, 0);
    }

    /**
     * Accepts bytes that continue the stream. The memory stays as it is until {@link #flush}.
     *
     * @return whether they were accepted; if not, memory is short and the guest must repeat them
     */
    boolean accept(Flow flow, TcpConnection c, MemorySegment m, long at, int bytes, long nowNs) {
        if (c.buffer != null && !c.buffer.isEmpty()) {
            if (append(c, m, at, bytes)) return true;
            // Memory is short. What came ahead was never acknowledged: it gives way.
            c.buffer.dropIslands();
            if (c.buffered() > 0) return append(c, m, at, bytes);
        }
        if (owner != flow || gathered == MAX_SEGMENTS) {
            int before = c.seqFromTap;
            flush(nowNs);
            // What found no room before these bytes leaves a gap, which they do not fill.
            if (c.isClosed() || c.seqFromTap != before) return false;
            if (c.buffered() > 0) return append(c, m, at, bytes);
            owner = flow;
        }
        direct.iov(gathered, m, at, bytes);
        Piece piece = pieces[gathered++];
        piece.memory = m;
        piece.from = at;
        piece.length = bytes;
        gatheredBytes += bytes;
        c.seqFromTap += bytes;
        return true;
    }

    /** Keeps bytes that came ahead of a gap of {@code gap} bytes; whether they are held now. */
    boolean keepAhead(TcpConnection c, int gap, MemorySegment m, long at, int bytes) {
        return buffer(c).put(c.buffered() + gap, m, at, bytes);
    }

    /** Whether bytes of this connection were gathered and not yet written. */
    boolean holds(Flow flow) {
        return owner == flow && gathered > 0;
    }

    private boolean append(TcpConnection c, MemorySegment m, long at, int bytes) {
        int before = c.buffer.inOrderLength();
        if (!c.buffer.put(before, m, at, bytes)) return false;
        c.seqFromTap += c.buffer.inOrderLength() - before;
        return true;
    }

    private ReceiveBuffer buffer(TcpConnection c) {
        if (c.buffer == null) c.buffer = new ReceiveBuffer(pool);
        return c.buffer;
    }

    /** Writes what was gathered. To be called before the frames' memory is used again. */
    void flush(long nowNs) {
        if (gathered == 0) return;
        try {
            flush(owner, owner.body(), nowNs);
        } finally {
            gathered = 0;
            gatheredBytes = 0;
            owner = null;
        }
    }

    private void flush(Flow flow, TcpConnection c, long nowNs) {
        direct.iovCount(gathered);
        int wanted = gatheredBytes;
        long sent = write(c, direct);
        if (sent < 0) {
            ending.socketFailed(flow, c, "sendmsg", (int) -sent);
        } else {
            took(c, (int) sent, nowNs);
            c.set(TcpConnection.JUST_SENT);
            if (sent < wanted) keepRest(c, (int) sent);
        }
    }

    /** Copies what the socket did not take; what finds no room was never accepted. */
    private void keepRest(TcpConnection c, int sent) {
        c.set(TcpConnection.SOCKET_FULL);
        int skip = sent;
        int lost = 0;
        ReceiveBuffer buffer = buffer(c);
        for (int i = 0; i < gathered; i++) {
            Piece piece = pieces[i];
            int part = piece.length - Math.min(skip, piece.length);
            skip -= piece.length - part;
            if (part == 0) continue;
            long at = piece.from + piece.length - part;
            if (lost > 0 || !buffer.put(buffer.inOrderLength(), piece.memory, at, part)) {
                lost += part;
            }
        }
        c.seqFromTap -= lost;
    }

    /**
     * Writes what waits in the buffer.
     *
     * @return whether the buffer is now free of bytes in order
     */
    boolean drain(Flow flow, TcpConnection c, long nowNs) {
        while (c.buffered() > 0) {
            int wanted = c.buffer.gather(buffered);
            long sent = write(c, buffered);
            if (sent < 0) {
                ending.socketFailed(flow, c, "sendmsg", (int) -sent);
                return false;
            }
            c.buffer.taken((int) sent);
            took(c, (int) sent, nowNs);
            if (sent < wanted) {
                c.set(TcpConnection.SOCKET_FULL);
                return false;
            }
        }
        return true;
    }

    /** Bytes the socket took, 0 if it has no room, or -errno. */
    private static long write(TcpConnection c, Message message) {
        for (;;) {
            long sent = Sockets.sendmsg(c.socket, message, FLAGS);
            if (sent == -Errno.EAGAIN) return 0;
            if (sent != -Errno.EINTR) return sent;
        }
    }

    private void took(TcpConnection c, int bytes, long nowNs) {
        c.lastSentNs = nowNs;
        counters.add(Counter.TCP_BYTES_TO_SOCKETS, bytes);
        WindowPolicy.taken(c, bytes, nowNs);
    }
}
