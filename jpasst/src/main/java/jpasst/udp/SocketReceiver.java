// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.flow.Flow;
import jpasst.frame.Frame;
import jpasst.linux.LazyMemory;
import jpasst.linux.Message;
import jpasst.linux.MessageBatch;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Reads connected flow sockets and passes what came on by the flow's other side, in as few system
 * calls and frames as possible.
 *
 * <p>Two ways. <em>Single</em>: one recvmsg for up to 64 KiB, which the kernel may have coalesced
 * from many datagrams of equal length (UDP_GRO); these go on as one super-frame. <em>Batch</em>:
 * when datagrams follow each other closely and the kernel does not coalesce, one recvmmsg for
 * several, each directed to where it would be in a super-frame if it had the length of the last
 * ones; those that do are sent as one. What is longer than expected continues in an overflow area
 * of the message's own. An answer that comes alone costs one plain call.
 */
final class SocketReceiver {
    /** Datagrams in one batch. */
    static final int BATCH = 16;
    /** Calls for one event; if there is more, the event comes again. */
    private static final int ROUNDS = 4;
    /** A datagram so long after the one before is likely to be alone. */
    private static final long BURST_GAP_NS = 50_000;
    private static final int MAXIMUM_PAYLOAD = 65535;
    /** Payload of one super-frame, whose IPv4 packet must still have a length. */
    private static final int MAXIMUM_SUPER_FRAME = 65535 - 20 - 8;
    /** Where payload begins in a buffer: behind the headers, and the tap's own in front of them. */
    private static final int PAYLOAD_AT = Frame.HEADROOM + TapDatagrams.HEADERS;
    private static final int STRIDE = PAYLOAD_AT + MAXIMUM_PAYLOAD + 1;

    private final Outlets outlets;
    private final Counters counters;
    private final MemorySegment buffer;
    private final MemorySegment overflow;
    private final Message single;
    private final MessageBatch batch;
    private int preparedLength;
    private final int[] length = new int[BATCH];
    private final int[] coalesced = new int[BATCH];

    SocketReceiver(Arena arena, Outlets outlets, Counters counters) {
        this.outlets = outlets;
        this.counters = counters;
        buffer = LazyMemory.allocate(arena, STRIDE);
        overflow = LazyMemory.allocate(arena, (long) BATCH * STRIDE);
        int control = Message.controlSpace(4);
        single = new Message(arena, 1, control).iovCount(1)
                .iov(0, buffer, PAYLOAD_AT, MAXIMUM_PAYLOAD);
        batch = new MessageBatch(arena, BATCH, 2, control);
    }

    /** Passes what waits in the socket of a side on by the flow's other side. */
    void receive(Flow flow, UdpFlow body, int from, long nowNs) {
        UdpSide side = body.side(from);
        if (side.expectedLength > 0 && nowNs - side.lastReceivedNs <= BURST_GAP_NS) {
            receiveBatches(flow, body, from, nowNs);
        } else {
            receiveSingles(flow, body, from, nowNs);
        }
    }

    private void receiveSingles(Flow flow, UdpFlow body, int from, long nowNs) {
        for (int i = 0; i < ROUNDS; i++) {
            int count = receiveSingle(flow, body.side(from), 1 - from);
            received(body, from, count, nowNs);
            if (count <= 1) {
                return;
            }
        }
    }

    private void receiveBatches(Flow flow, UdpFlow body, int from, long nowNs) {
        UdpSide side = body.side(from);
        for (int i = 0; i < ROUNDS && side.expectedLength > 0; i++) {
            int wanted = Math.min(BATCH, MAXIMUM_SUPER_FRAME / side.expectedLength);
            int count = receiveBatch(flow, side, 1 - from, wanted);
            received(body, from, count, nowNs);
            if (count < wanted) {
                return;
            }
        }
    }

    private static void received(UdpFlow body, int from, int count, long nowNs) {
        if (count > 0) {
            body.side(from).baselessErrors = 0;
            body.side(from).lastReceivedNs = nowNs;
            body.active(from, count, nowNs);
        }
    }

    /** Datagrams received: 0 if none waits. */
    private int receiveSingle(Flow flow, UdpSide side, int to) {
        single.forReceive();
        long rc = Sockets.recvmsg(side.socket, single, 0);
        if (rc < 0) {
            return 0;
        }
        int bytes = (int) rc;
        int each = coalescedLength(single);
        counters.add(Counter.UDP_BYTES_FROM_SOCKETS, bytes);
        boolean several = each > 0 && each < bytes;
        Outlet outlet = outlets.of(flow, to);
        outlet.send(flow, to, buffer, PAYLOAD_AT, bytes, several ? each : bytes);
        outlet.flush();
        if (several) {
            return (bytes + each - 1) / each;
        }
        expect(side, bytes);
        return 1;
    }

    /** Messages received, each a datagram or several; 0 if none waits. */
    private int receiveBatch(Flow flow, UdpSide side, int to, int wanted) {
        int expected = side.expectedLength;
        prepare(expected);
        batch.forReceive(wanted);
        int count = Sockets.recvmmsg(side.socket, batch, wanted, 0);
        if (count <= 0) {
            return 0;
        }
        int longest = 0;
        boolean anyCoalesced = false;
        for (int i = 0; i < count; i++) {
            length[i] = batch.transferred(i);
            coalesced[i] = coalescedLength(batch.message(i));
            counters.add(Counter.UDP_BYTES_FROM_SOCKETS, length[i]);
            longest = Math.max(longest, length[i]);
            anyCoalesced |= coalesced[i] > 0 && coalesced[i] < length[i];
        }
        Outlet outlet = outlets.of(flow, to);
        for (int i = 0; i < count;) {
            i += sendFrom(outlet, flow, to, i, count, expected);
        }
        outlet.flush();
        expect(side, anyCoalesced ? 0 : longest);
        return count;
    }

    /** Sends the message at {@code i} with those that fit behind it; tells how many these are. */
    private int sendFrom(Outlet outlet, Flow flow, int to, int i, int count, int expected) {
        if (length[i] > expected) {
            sendOverflowing(outlet, flow, to, i, expected);
            return 1;
        }
        int end = i + 1;
        int bytes = length[i];
        if (coalesced[i] == 0 && bytes == expected) {
            while (end < count && coalesced[end] == 0 && length[end] == expected) {
                bytes += length[end++];
            }
            if (end < count && coalesced[end] == 0 && length[end] > 0
                    && length[end] < expected) {
                bytes += length[end++];
            }
        }
        int each = coalesced[i] > 0 ? coalesced[i] : length[i];
        long at = PAYLOAD_AT + (long) i * expected;
        outlet.send(flow, to, buffer, at, bytes, Math.min(each, bytes));
        return end - i;
    }

    /** The first bytes are brought before the rest, into the message's overflow area. */
    private void sendOverflowing(Outlet outlet, Flow flow, int to, int i, int expected) {
        long at = (long) i * STRIDE + PAYLOAD_AT;
        MemorySegment.copy(buffer, PAYLOAD_AT + (long) i * expected, overflow, at, expected);
        int each = coalesced[i] > 0 ? Math.min(coalesced[i], length[i]) : length[i];
        outlet.send(flow, to, overflow, at, length[i], each);
    }

    private void prepare(int expected) {
        if (expected == preparedLength) {
            return;
        }
        preparedLength = expected;
        for (int i = 0; i < Math.min(BATCH, MAXIMUM_SUPER_FRAME / expected); i++) {
            batch.message(i).iovCount(2)
                    .iov(0, buffer, PAYLOAD_AT + (long) i * expected, expected)
                    .iov(1, overflow, (long) i * STRIDE + PAYLOAD_AT + expected,
                            MAXIMUM_PAYLOAD - expected);
        }
    }

    /** A batch must pay: two datagrams at least have to fit in a super-frame. */
    private static void expect(UdpSide side, int bytes) {
        side.expectedLength = 2 * bytes <= MAXIMUM_SUPER_FRAME ? bytes : 0;
    }

    private static int coalescedLength(Message message) {
        for (int at = message.firstControl(); at >= 0; at = message.nextControl(at)) {
            if (message.controlLevel(at) == Sockets.IPPROTO_UDP
                    && message.controlType(at) == Sockets.UDP_GRO) {
                return message.controlInt(at);
            }
        }
        return 0;
    }

    /**
     * Reads one datagram with its sender, of a socket that may hold foreign ones.
     *
     * @return bytes of payload, or -errno
     */
    int receiveFromAnybody(int fd) {
        single.forReceive();
        int rc = (int) Sockets.recvmsg(fd, single, 0);
        if (rc >= 0) {
            counters.add(Counter.UDP_BYTES_FROM_SOCKETS, rc);
        }
        return rc;
    }

    /** The sender of what {@link #receiveFromAnybody} read, as a socket address at offset 0. */
    MemorySegment sender() {
        return single.name();
    }

    /** Passes on what {@link #receiveFromAnybody} read; tells how many datagrams it was. */
    int forward(Flow flow, int to, int bytes) {
        int each = coalescedLength(single);
        boolean several = each > 0 && each < bytes;
        Outlet outlet = outlets.of(flow, to);
        outlet.send(flow, to, buffer, PAYLOAD_AT, bytes, several ? each : bytes);
        outlet.flush();
        return several ? (bytes + each - 1) / each : 1;
    }
}
