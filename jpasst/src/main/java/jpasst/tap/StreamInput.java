// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Message;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.EthernetHeader;

/**
 * Reads frames from a stream socket, each behind its length (32 bits, big-endian), many by one
 * system call. Frames stay where they were read until their batch has ended. Loop thread only.
 *
 * <p>The first part of a frame that is not all there stays too, and nothing is moved: its rest is
 * read behind it, and what comes then, by the same call, at the front of the buffer.
 */
final class StreamInput {
    /** The socket may have more, which its event will tell. */
    static final int OPEN = 0;
    /** The other end has closed, or is gone. */
    static final int ENDED = -1;
    /** The other end does not speak this protocol: there is no way to find the next frame. */
    static final int BAD_LENGTH = -2;

    private static final int LONGEST_FRAME = 65535;
    /**
     * Where reading ends: with more at a time there are fewer and larger writes to the sockets, and
     * fewer acknowledgements, until what was read leaves the processor's cache.
     */
    private static final int READ_END = 1024 * 1024;
    /** A frame that begins before that may reach beyond it. */
    private static final int CAPACITY = READ_END + StreamOutput.PREFIX + LONGEST_FRAME;
    private static final int MAX_FRAMES = 256;
    /** Calls per event: then sockets have their turn, and this one is still readable. */
    private static final int MAX_READS = 4;

    private final FrameHandler handler;
    private final Counters counters;
    private final MemorySegment buffer;
    private final Message message;
    private final Frame frame = new Frame();
    /** What was read and not shown: whole frames while reading, between reads a part of one. */
    private int start;
    private int end;
    private int inBatch;
    private long badLength;

    StreamInput(Arena arena, FrameHandler handler, Counters counters) {
        this.handler = handler;
        this.counters = counters;
        buffer = LazyMemory.allocate(arena, CAPACITY);
        message = new Message(arena, 2, 0);
    }

    /** Forgets the part of a frame that waits for its rest. */
    void reset() {
        start = 0;
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
        // Frames behind one whose handling failed.
        if (!showWhole(nowNs)) return BAD_LENGTH;
        for (int i = 0; i < MAX_READS; i++) {
            int part = end - start;
            if (part < StreamOutput.PREFIX) moveToFront(part);
            // Near the end of the room, or beyond it, the front has more.
            int rest = start > READ_END / 2 ? frameEnd() - end : 0;
            int room = rest > 0 ? rest + start : READ_END - end;
            int count = receive(fd, rest, room);
            if (count == -Errno.EAGAIN || count == -Errno.EINTR) return OPEN;
            if (count <= 0) return ENDED;
            if (!showFrames(rest, count, nowNs)) return BAD_LENGTH;
            if (count < room) return OPEN;
        }
        return OPEN;
    }

    /** Less than a length, mostly nothing: it would not tell how much of a frame is missing. */
    private void moveToFront(int part) {
        MemorySegment.copy(buffer, start, buffer, 0, part);
        start = 0;
        end = part;
    }

    /** Where the frame at {@link #start} ends whose length has been read and found good. */
    private int frameEnd() {
        return start + StreamOutput.PREFIX + BigEndian.u32(buffer, start);
    }

    /** Reads behind what is there; if a rest is given so many bytes, and then at the front. */
    private int receive(int fd, int rest, int room) {
        if (rest == 0) return (int) Sockets.recv(fd, buffer, end, room, Sockets.MSG_DONTWAIT);
        message.iovCount(2).iov(0, buffer, end, rest).iov(1, buffer, 0, room - rest);
        return (int) Sockets.recvmsg(fd, message, Sockets.MSG_DONTWAIT);
    }

    /** Shows what {@link #receive} brought; false if there is a length that cannot be. */
    private boolean showFrames(int rest, int count, long nowNs) {
        if (rest > 0 && count >= rest) {
            end += rest;
            try {
                showWhole(nowNs);
            } finally {
                // Also after a failure of ours: what follows is at the front.
                start = 0;
                end = count - rest;
            }
        } else {
            end += count;
        }
        boolean good = showWhole(nowNs);
        endBatch(nowNs);
        return good;
    }

    /** Shows the frames which are all there. */
    private boolean showWhole(long nowNs) {
        while (end - start >= StreamOutput.PREFIX) {
            long length = Integer.toUnsignedLong(BigEndian.u32(buffer, start));
            if (length < EthernetHeader.LENGTH || length > LONGEST_FRAME) {
                badLength = length;
                return false;
            }
            int next = start + StreamOutput.PREFIX + (int) length;
            if (next > end) return true;
            int at = start + StreamOutput.PREFIX;
            start = next;
            show(at, (int) length, nowNs);
            if (++inBatch == MAX_FRAMES) endBatch(nowNs);
        }
        return true;
    }

    private void endBatch(long nowNs) {
        if (inBatch == 0) return;
        inBatch = 0;
        handler.endBatch(nowNs);
    }

    private void show(int at, int length, long nowNs) {
        counters.increment(Counter.FRAMES_FROM_TAP);
        counters.add(Counter.BYTES_FROM_TAP, length);
        handler.frame(frame.wrap(buffer, at, length), nowNs);
    }
}
