// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.linux.Errno;
import jpasst.linux.Message;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Consecutive datagrams for one connected socket, sent together: those of equal length, and a last
 * shorter one, as one message which the kernel cuts up again (UDP_SEGMENT, udp(7)). That costs a
 * fifth of a system call each, where sendmmsg would save but a sixth of the work.
 *
 * <p>Holds references into frames, not copies: flush before the frames' memory is used again.
 */
final class SendQueue {
    /** The kernel refuses more segments in one message (UDP_MAX_SEGMENTS, first kernels). */
    static final int MAXIMUM_SEGMENTS = 64;
    /** Payload of one message, so that its IPv6 packet would still have a length. */
    static final int MAXIMUM_BYTES = 65535 - 40 - 8;

    private final Counters counters;
    private final boolean segmentation;
    private final Message message;
    private final MemorySegment[] memory = new MemorySegment[MAXIMUM_SEGMENTS];
    private final long[] at = new long[MAXIMUM_SEGMENTS];
    private final int[] length = new int[MAXIMUM_SEGMENTS];

    /** Whose socket the queue is for; {@code null} if it is empty. */
    private UdpSide side;
    private int count;
    private int segmentLength;
    private int segments;
    private int bytes;
    /** The last datagram was shorter: none may follow it in the same message. */
    private boolean complete;

    /** @param segmentation whether the kernel knows UDP_SEGMENT */
    SendQueue(Arena arena, boolean segmentation, Counters counters) {
        this.counters = counters;
        this.segmentation = segmentation;
        message = new Message(arena, MAXIMUM_SEGMENTS, Message.controlSpace(2));
        message.noName();
    }

    boolean holds(UdpSide other) {
        return side == other;
    }

    /**
     * Queues one datagram, or a super-frame's worth of them. Sends what was queued before if that
     * cannot go out with it.
     *
     * @param each bytes of each datagram but the last, which may be shorter; {@code total} for one
     */
    void add(UdpSide to, MemorySegment m, long from, int total, int each) {
        int most = each * MAXIMUM_SEGMENTS;
        int done = 0;
        for (; each < total && total - done > most; done += most) {
            addPiece(to, m, from + done, most, each);
        }
        addPiece(to, m, from + done, total - done, Math.min(each, total - done));
    }

    private void addPiece(UdpSide to, MemorySegment m, long from, int total, int each) {
        int pieces = each == 0 ? 1 : (total + each - 1) / each;
        if (!mayJoin(to, total, each, pieces)) {
            flush();
            side = to;
            segmentLength = each;
        }
        memory[count] = m;
        at[count] = from;
        length[count] = total;
        count++;
        segments += pieces;
        bytes += total;
        complete = each == 0 || total % segmentLength != 0;
    }

    private boolean mayJoin(UdpSide to, int total, int each, int pieces) {
        boolean fits = each == segmentLength || each == total && total < segmentLength;
        return side == to && fits && total > 0 && !complete && segmentation
                && segmentLength <= to.segmentLimit
                && segments + pieces <= MAXIMUM_SEGMENTS && bytes + total <= MAXIMUM_BYTES;
    }

    /** Sends what is queued; what the socket does not take is lost, and counted. */
    void flush() {
        if (count == 0) {
            return;
        }
        if (segments == 1) {
            sendOne(memory[0], at[0], length[0]);
        } else if (!segmentation || segmentLength > side.segmentLimit || !sendWhole()) {
            sendSingly();
        }
        side = null;
        count = 0;
        segments = 0;
        bytes = 0;
    }

    /** Whether the kernel took, or lost, everything; if not, it cannot segment this. */
    private boolean sendWhole() {
        message.noControl();
        message.addControlShort(Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT, segmentLength);
        for (int i = 0; i < count; i++) {
            message.iov(i, memory[i], at[i], length[i]);
        }
        message.iovCount(count);
        long rc = Sockets.sendmsg(side.socket, message, 0);
        if (mayBeOlderError(rc)) {
            rc = Sockets.sendmsg(side.socket, message, 0);
        }
        if (rc >= 0) {
            counters.add(Counter.UDP_BYTES_TO_SOCKETS, rc);
            return true;
        }
        if (isSegmentationRefused(rc)) {
            side.segmentLimit = rc == -Errno.EIO ? 0 : segmentLength - 1;
            return false;
        }
        counters.add(Counter.DROP_SOCKET_REFUSED, segments);
        return true;
    }

    /**
     * EIO: the interface cannot complete checksums. EINVAL, EMSGSIZE: a segment exceeds the path's
     * MTU, and the kernel fragments none when segmenting.
     */
    private static boolean isSegmentationRefused(long rc) {
        return rc == -Errno.EINVAL || rc == -Errno.EMSGSIZE || rc == -Errno.EIO
                || rc == -Errno.EOPNOTSUPP;
    }

    private void sendSingly() {
        for (int i = 0; i < count; i++) {
            int done = 0;
            while (done < length[i]) {
                int piece = Math.min(segmentLength, length[i] - done);
                sendOne(memory[i], at[i] + done, piece);
                done += piece;
            }
        }
    }

    private void sendOne(MemorySegment m, long from, int size) {
        long rc = Sockets.send(side.socket, m, from, size, 0);
        if (mayBeOlderError(rc)) {
            rc = Sockets.send(side.socket, m, from, size, 0);
        }
        if (rc >= 0) {
            counters.add(Counter.UDP_BYTES_TO_SOCKETS, rc);
        } else {
            counters.increment(Counter.DROP_SOCKET_REFUSED);
        }
    }

    /**
     * An ICMP error about an earlier datagram is told by the next call, which then has sent
     * nothing; so it is tried once more. A full buffer is no such error.
     */
    private static boolean mayBeOlderError(long rc) {
        return rc < 0 && rc != -Errno.EAGAIN && rc != -Errno.ENOBUFS && rc != -Errno.EINVAL
                && rc != -Errno.EIO;
    }
}
