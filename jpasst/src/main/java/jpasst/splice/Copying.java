// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Sockets;

/**
 * Moves data where splice(2) cannot, or there is no pipe to be had. It is read without being
 * taken out of its socket, and taken out when the other has it, so that one buffer is enough for
 * all and never holds anything between two calls. Loop thread only.
 */
final class Copying {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int PEEK = Sockets.MSG_PEEK | Sockets.MSG_DONTWAIT;
    private static final int SEND = Sockets.MSG_NOSIGNAL | Sockets.MSG_DONTWAIT;

    private final MemorySegment buffer;

    Copying(Arena arena) {
        buffer = LazyMemory.allocate(arena, BUFFER_BYTES);
    }

    /**
     * Moves what one call can, and notes what it found: the end of input, or no more room.
     * Reads may stop short of urgent data, so only one that finds nothing ends READABLE.
     *
     * @return bytes moved, maybe 0, or -errno
     */
    long move(SpliceConnection c, int from) {
        long waiting = Sockets.recv(c.socket[from], buffer, 0, BUFFER_BYTES, PEEK);
        if (waiting <= 0) return Relay.nothingRead(c, from, waiting);
        long sent = Sockets.send(c.socket[1 - from], buffer, 0, waiting, SEND);
        if (sent < waiting) c.set(SpliceConnection.OUT_WAIT, 1 - from);
        if (sent < 0) return sent == -Errno.EAGAIN ? 0 : sent;
        long dropped = Sockets.discard(c.socket[from], sent);
        if (dropped == sent) return sent;
        return dropped < 0 ? dropped : -Errno.EPROTO;
    }
}
