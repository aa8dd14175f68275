// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Errno;
import jpasst.linux.Message;
import jpasst.linux.Sockets;

/**
 * Reads from a socket without taking the data out of it: it stays there, as the only copy, until
 * the guest has acknowledged it.
 *
 * <p>Where the kernel keeps an offset for peeking at TCP sockets (SO_PEEK_OFF, Linux 6.9), reads
 * go on where the last one ended. Elsewhere what was sent before is read again, into a place
 * where nobody looks. Loop thread only.
 */
final class PeekReader {
    private static final int SCRATCH_BYTES = 256 * 1024;
    private static final int MAX_SKIPPED = Sequence.WINDOW;
    private static final int MAX_SCRATCH = MAX_SKIPPED / SCRATCH_BYTES + 1;
    private static final int FLAGS = Sockets.MSG_PEEK | Sockets.MSG_DONTWAIT;

    private final boolean keepsOffset;
    private final Message message;
    private final MemorySegment scratch;

    /** @param keepsOffset whether the kernel keeps an offset */
    PeekReader(Arena arena, boolean keepsOffset) {
        this.keepsOffset = keepsOffset;
        message = new Message(arena, (keepsOffset ? 0 : MAX_SCRATCH) + Segments.MAX_PLACES, 0);
        scratch = keepsOffset ? null : arena.allocate(SCRATCH_BYTES);
    }

    /** Prepares a socket which just became connected; 0 or -errno. */
    int start(int socket) {
        return rewind(socket, 0);
    }

    /** Lets the next read begin {@code offset} bytes into what the socket holds; 0 or -errno. */
    int rewind(int socket, int offset) {
        if (!keepsOffset) return 0;
        return Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_PEEK_OFF, offset);
    }

    /**
     * Reads what follows the bytes that were sent before, into one place after the other.
     *
     * @param skip bytes in the socket which were sent before
     * @param at the first place
     * @param length bytes of each place
     * @param count how many places, up to {@link Segments#MAX_PLACES}
     * @param distance bytes from one place to the next
     * @return bytes read, 0 at the end of the stream, or -errno. -EAGAIN: nothing new, or (where
     *     the kernel keeps no offset) the end of the stream behind bytes sent before
     */
    long read(int socket, int skip, MemorySegment to, long at, int length, int count,
            int distance) {
        if (keepsOffset && count == 1) return Sockets.recv(socket, to, at, length, FLAGS);
        int skipped = keepsOffset ? 0 : skip;
        int pieces = 0;
        for (int left = skipped; left > 0; left -= SCRATCH_BYTES) {
            message.iov(pieces++, scratch, 0, Math.min(left, SCRATCH_BYTES));
        }
        for (int i = 0; i < count; i++) {
            message.iov(pieces++, to, at + (long) i * distance, length);
        }
        long got = Sockets.recvmsg(socket, message.iovCount(pieces), FLAGS);
        if (got <= 0 || skipped == 0) return got;
        return got > skipped ? got - skipped : -Errno.EAGAIN;
    }
}
