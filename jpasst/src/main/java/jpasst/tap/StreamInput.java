// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.EthernetHeader;

/**
 * Reads frames from a stream socket, each behind its length (32 bits, big-endian), many by one
 * system call. Frames stay where they were read until their batch has ended; the first part of one
 * that is not all there moves to the front and waits for the rest. Loop thread only.
 */
final class StreamInput {
    /** The socket may have more, which its event will tell. */
    static final int OPEN = 0;
    /** The other end has closed, or is gone. */
    static final int ENDED = -1;
    /** The other end does not speak this protocol: there is no way to find the next frame. */
    static final int BAD_LENGTH = -2;

    private static final int LONGEST_FRAME = 65535;
    /** What is read at once stays in the processor's cache; and the rest of a frame before it. */
    private static final int CAPACITY = 256 * 1024 + StreamOutput.PREFIX + LONGEST_FRAME;
    private static final int MAX_FRAMES = 256;
    /** Calls per event: then sockets have their turn, and this one is still readable. */
    private static final int MAX_READS = 4;

    private final FrameHandler handler;
    private final Counters counters;
    private final MemorySegment buffer;
    private final Frame frame = new Frame();
    private int end;
    /** Up to here frames have been shown since the last read. */
    private int shown;
    private long badLength;

    StreamInput(Arena arena, FrameHandler handler, Counters counters) {
        this.handler = handler;
        this.counters = counters;
        buffer = LazyMemory.allocate(arena, CAPACITY);
    }

    /** Forgets the part of a frame that waits for its rest. */
    void reset() {
        end = 0;
    }

    /** The length that was none, after {@link #BAD_LENGTH}. */
    long badLength() {
        return badLength;
    }

    /**
     * Reads what is there, or some of it if it is much, and shows the frames to the handler.
     *
     * @return {@link #OPEN}, {@link #ENDED} or {@link #BAD_LENGTH}
     */
    int read(int fd, long nowNs) {
        for (int i = 0; i < MAX_READS; i++) {
            int room = CAPACITY - end;
            int count = (int) Sockets.recv(fd, buffer, end, room, Sockets.MSG_DONTWAIT);
            if (count == -Errno.EAGAIN || count == -Errno.EINTR) return OPEN;
            if (count <= 0) return ENDED;
            end += count;
            if (!showFrames(nowNs)) return BAD_LENGTH;
            if (count < room) return OPEN;
        }
        return OPEN;
    }

    private boolean showFrames(long nowNs) {
        shown = 0;
        try {
            return showWhole(nowNs);
        } finally {
            // Also after a failure of ours: what was shown once must not come again.
            MemorySegment.copy(buffer, shown, buffer, 0, end - shown);
            end -= shown;
        }
    }

    private boolean showWhole(long nowNs) {
        int inBatch = 0;
        boolean good = true;
        while (good && end - shown >= StreamOutput.PREFIX) {
            long length = Integer.toUnsignedLong(BigEndian.u32(buffer, shown));
            good = length >= EthernetHeader.LENGTH && length <= LONGEST_FRAME;
            if (!good) {
                badLength = length;
            } else if (end - shown < StreamOutput.PREFIX + length) {
                break;
            } else {
                int at = shown + StreamOutput.PREFIX;
                shown = at + (int) length;
                show(at, (int) length, nowNs);
                if (++inBatch == MAX_FRAMES) {
                    handler.endBatch(nowNs);
                    inBatch = 0;
                }
            }
        }
        if (inBatch > 0) handler.endBatch(nowNs);
        return good;
    }

    private void show(int at, int length, long nowNs) {
        counters.increment(Counter.FRAMES_FROM_TAP);
        counters.add(Counter.BYTES_FROM_TAP, length);
        handler.frame(frame.wrap(buffer, at, length), nowNs);
    }
}
