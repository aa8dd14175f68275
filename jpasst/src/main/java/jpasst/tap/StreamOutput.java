// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Message;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.EthernetHeader;

/**
 * Writes frames to a stream socket, each behind its length (32 bits, big-endian), as QEMU's stream
 * and socket network back-ends want them. Loop thread only.
 *
 * <p>Small frames, and those made in the place that was lent, gather in a buffer until
 * {@link #flush}, which is one system call for all; another large one goes out at once, with those
 * before it, from where it is. What the socket does not take at once is kept: the stream has no
 * place for half a frame. Then the output is blocked, and takes further frames only as far as the
 * buffer reaches.
 */
final class StreamOutput implements FrameSink {
    /** Bytes of the length before each frame. */
    static final int PREFIX = 4;
    /**
     * An IPv4 packet of the greatest length. Clients have buffers of about that; IPv6 makes longer
     * ones, of datagrams that no link's MTU allows.
     */
    private static final int LONGEST_FRAME = EthernetHeader.LENGTH + 65535;
    /** Frames from this length on are not worth a copy. */
    private static final int LARGE = 8 * 1024;
    /** What goes out by one call, and as much again behind what waits for room. */
    private static final int CAPACITY = 800 * 1024;
    private static final MemorySegment ZEROS =
            MemorySegment.ofArray(new byte[EthernetHeader.MINIMUM_FRAME]);
    private static final int FLAGS = Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;

    private final Counters counters;
    private final MemorySegment buffer;
    private final Message message;
    private int fd = -1;
    private int start;
    private int end;
    private boolean blocked;

    StreamOutput(Arena arena, Counters counters) {
        this.counters = counters;
        buffer = LazyMemory.allocate(arena, CAPACITY);
        message = new Message(arena, 2, 0);
    }

    /** Writes to another socket from now on, or to none (-1); forgets what was not written. */
    void attach(int fd) {
        this.fd = fd;
        start = 0;
        end = 0;
        blocked = false;
    }

    /** Whether the socket has no room: somebody must call {@link #flush} when it has. */
    boolean blocked() {
        return blocked;
    }

    /**
     * Whether more data is welcome: also while the client reads what it has, up to a certain
     * amount, so that the next call has it ready.
     */
    boolean hasRoom() {
        return !blocked || end - start < CAPACITY / 2;
    }

    /**
     * Takes a frame as long as there is room; without a client, or longer than the other end takes,
     * it goes nowhere.
     */
    @Override
    public boolean send(Frame frame) {
        if (fd < 0) {
            counters.increment(Counter.DROP_NO_CLIENT);
            return true;
        }
        if (frame.length() > LONGEST_FRAME) {
            counters.increment(Counter.DROP_TOO_LONG);
            return true;
        }
        boolean gathered = frame.length() < LARGE || blocked || frame.memory() == buffer;
        boolean taken = gathered ? gather(frame) : sendNow(frame);
        if (taken) {
            counters.increment(Counter.FRAMES_TO_TAP);
            counters.add(Counter.BYTES_TO_TAP, frame.length());
        }
        return taken;
    }

    @Override
    public boolean takesRun(int count, int bytes) {
        // An empty buffer is all the room there is: the run is sent off in pieces, then.
        return fd < 0 || makeRoom(count * PREFIX + bytes) || !blocked;
    }

    /** For no frame that has to be padded: that is done while it is copied. */
    @Override
    public boolean lend(Frame frame, int length) {
        if (fd < 0 || length < EthernetHeader.MINIMUM_FRAME) return false;
        if (!makeRoom(PREFIX + length)) return false;
        frame.wrap(buffer, end + PREFIX, length);
        return true;
    }

    @Override
    public int lendRun(Frame first, int count, int length) {
        int distance = PREFIX + length;
        if (fd < 0 || length < EthernetHeader.MINIMUM_FRAME) return 0;
        if (!makeRoom(count * distance)) return 0;
        first.wrap(buffer, end + PREFIX, length);
        return distance;
    }

    /** Short frames get zeros up to Ethernet's least length: some emulated cards want that. */
    private boolean gather(Frame frame) {
        int length = frame.length();
        // What was made in place has its room, and must not move.
        if (frame.memory() == buffer) {
            BigEndian.putU32(buffer, end, length);
            end += PREFIX + length;
            return true;
        }
        int padded = Math.max(length, EthernetHeader.MINIMUM_FRAME);
        if (!makeRoom(PREFIX + padded)) return false;
        BigEndian.putU32(buffer, end, padded);
        MemorySegment.copy(frame.memory(), frame.at(), buffer, end + PREFIX, length);
        MemorySegment.copy(ZEROS, 0, buffer, end + PREFIX + length, padded - length);
        end += PREFIX + padded;
        return true;
    }

    /** Whether there is room for so many bytes, if need be after a flush. */
    private boolean makeRoom(int bytes) {
        if (hasRoom(bytes)) return true;
        if (!blocked) flush();
        return hasRoom(bytes);
    }

    private boolean hasRoom(int bytes) {
        if (bytes <= CAPACITY - end) return true;
        if (bytes > CAPACITY - (end - start)) return false;
        MemorySegment.copy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
        return true;
    }

    /** Sends what is gathered and the frame by one call; the frame's headroom takes its length. */
    private boolean sendNow(Frame frame) {
        long at = frame.at() - PREFIX;
        int length = PREFIX + frame.length();
        BigEndian.putU32(frame.memory(), at, frame.length());
        int gathered = end - start;
        message.iovCount(2).iov(0, buffer, start, gathered).iov(1, frame.memory(), at, length);
        long sent = Sockets.sendmsg(fd, message, FLAGS);
        if (sent < 0) return refused((int) sent);
        if (sent < gathered) {
            start += (int) sent;
            blocked = true;
            return false;
        }
        start = 0;
        end = 0;
        int rest = (int) (gathered + length - sent);
        if (rest == length) {
            blocked = true;
            return false;
        }
        if (rest > 0) {
            MemorySegment.copy(frame.memory(), at + length - rest, buffer, 0, rest);
            end = rest;
            blocked = true;
        }
        return true;
    }

    /** Only a lack of room or memory is worth another try; a broken socket has its own event. */
    private boolean refused(int rc) {
        if (rc == -Errno.EAGAIN || rc == -Errno.EINTR || rc == -Errno.ENOBUFS
                || rc == -Errno.ENOMEM) {
            blocked = true;
            return false;
        }
        attach(-1);
        return true;
    }

    /** Writes what is gathered, as far as the socket takes it. */
    void flush() {
        if (fd < 0 || start == end) {
            blocked = false;
            return;
        }
        long sent = Sockets.send(fd, buffer, start, end - start, FLAGS);
        if (sent < 0) {
            refused((int) sent);
            return;
        }
        start += (int) sent;
        blocked = start < end;
        if (!blocked) {
            start = 0;
            end = 0;
        }
    }
}
