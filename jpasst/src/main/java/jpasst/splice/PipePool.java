// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.linux.Files;
import jpasst.linux.Processes;

/**
 * The pipes of all spliced connections. A direction has one only while there is data in it, so
 * few are needed: one, as long as receivers take what they get, and one for each receiver that
 * does not. Their number is bounded; without one, data is copied.
 *
 * <p>The first {@value #MAX_LARGE} are {@value #LARGE_BYTES} bytes large, as far as the kernel
 * allows (pipe-max-size and pipe-user-pages-soft, see pipe(7)), the others are left as they are.
 * Together they stay below the pages an ordinary user's pipes may have. Loop thread only.
 */
final class PipePool {
    /** The most that pipes may be made to hold without privileges. */
    static final int LARGE_BYTES = 1 << 20;
    /** How many large pipes there may be. */
    static final int MAX_LARGE = 16;
    /** How many pipes there may be, if the limit on descriptors is high. */
    static final int MAX_PIPES = 512;

    /** Of the descriptors allowed, one in so many may be for a pipe, which takes two. */
    private static final int SHARE = 32;
    /** Pipes kept though nobody needs them. */
    private static final int MAX_IDLE = 32;
    /** A pipe which a user beyond their share of pages gets is smaller: copying is cheaper. */
    private static final int MIN_BYTES = 1 << 16;
    /** If a pipe was not to be had, or not made larger, ask again only so many takes later. */
    private static final int TAKES_UNTIL_RETRY = 256;

    private final MemorySegment two;
    private final int pageBytes = Processes.pageBytes();
    private final int most;
    private final Pipe[] large = new Pipe[MAX_LARGE];
    private final Pipe[] small = new Pipe[MAX_IDLE];
    private int largeIdle;
    private int smallIdle;
    private int largeCount;
    private int count;
    private int untilLarge;
    private int untilPipe;

    /** An empty pool, for a process which may have so many descriptors. */
    PipePool(Arena arena, int descriptorLimit) {
        two = arena.allocate(8, 4);
        most = Math.clamp(descriptorLimit / SHARE, 1, MAX_PIPES);
    }

    /** An empty pipe, for the caller alone, or null if there is none to be had now. */
    Pipe take() {
        if (largeIdle > 0) return large[--largeIdle];
        Pipe pipe = smallIdle > 0 ? small[--smallIdle] : make();
        if (pipe != null && largeCount < MAX_LARGE) enlarge(pipe);
        return pipe;
    }

    private Pipe make() {
        if (count == most) return null;
        if (untilPipe > 0) {
            untilPipe--;
            return null;
        }
        Pipe pipe = open();
        if (pipe == null) untilPipe = TAKES_UNTIL_RETRY;
        else count++;
        return pipe;
    }

    private Pipe open() {
        if (Files.pipe2(two, Files.O_NONBLOCK | Files.O_CLOEXEC) < 0) return null;
        int readEnd = two.get(ValueLayout.JAVA_INT, 0);
        int bytes = Files.fcntl(readEnd, Files.F_GETPIPE_SZ, 0);
        Pipe pipe = new Pipe(readEnd, two.get(ValueLayout.JAVA_INT, 4), bytes, pageBytes);
        if (bytes >= MIN_BYTES) return pipe;
        pipe.close();
        return null;
    }

    private void enlarge(Pipe pipe) {
        if (untilLarge > 0) {
            untilLarge--;
        } else if (pipe.enlarge(LARGE_BYTES)) {
            largeCount++;
        } else {
            untilLarge = TAKES_UNTIL_RETRY;
        }
    }

    /** Takes back a pipe that is empty. */
    void giveBack(Pipe pipe) {
        if (pipe.isEnlarged()) large[largeIdle++] = pipe;
        else if (smallIdle < MAX_IDLE) small[smallIdle++] = pipe;
        else discard(pipe);
    }

    /** Closes a pipe, whatever is in it. */
    void discard(Pipe pipe) {
        pipe.close();
        count--;
        if (pipe.isEnlarged()) largeCount--;
    }

    /** Closes the pipes nobody holds. */
    void close() {
        while (largeIdle > 0) discard(large[--largeIdle]);
        while (smallIdle > 0) discard(small[--smallIdle]);
    }

    /** How many pipes there are, in use or not. */
    int count() {
        return count;
    }

    /** How many pipes connections hold. */
    int takenCount() {
        return count - largeIdle - smallIdle;
    }
}
