// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.forward.SideSockets;
import jpasst.frame.Frame;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Message;
import jpasst.linux.MessageBatch;
import jpasst.linux.PacketInfo;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.listen.ListenTag;
import jpasst.listen.Pausing;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Serves listening sockets, which get the first datagrams of new peers: makes the flows, and
 * passes these datagrams on in the order in which they came. What follows arrives on the flows'
 * own sockets. The sockets must be non-blocking and have IP_PKTINFO, IPV6_RECVPKTINFO. Loop
 * thread only; made by {@link UdpFlows#listening}.
 *
 * <p>A peer's datagrams must keep their order though they come by two sockets. So a new flow's own
 * socket is not read before the listening one was empty once; but not for ever, should that have
 * new peers without end.
 */
public final class UdpListening implements EventHandler {
    /** Datagrams in one call. */
    static final int BATCH = 32;
    /** Calls for one event; if there is more, the event comes again. */
    static final int ROUNDS = 16;

    private static final int MAXIMUM_PAYLOAD = 65535;
    /** Where payload begins: behind the headers, and the tap's own in front of them. */
    private static final int PAYLOAD_AT = Frame.HEADROOM + TapDatagrams.HEADERS;
    private static final int STRIDE = PAYLOAD_AT + MAXIMUM_PAYLOAD + 1;
    private static final int CONTROL = Message.controlSpace(PacketInfo.V6_LENGTH)
            + Message.controlSpace(PacketInfo.V4_LENGTH);

    private final FlowTable table;
    private final UdpFactory factory;
    private final Outlets outlets;
    private final UdpErrors errors;
    private final Pausing pausing;
    private final Counters counters;
    private final RateLimit failures;
    private final HeldFlows held;
    private final MemorySegment buffer;
    private final MessageBatch batch;
    private final FlowSide probe = new FlowSide();
    /** The interface by which the datagram came that the probe is about; 0 if it is of IPv4. */
    private int link;
    /** No flow can be made for the time being: descriptors are short. */
    private boolean isShort;

    UdpListening(FlowTable table, UdpFactory factory, Outlets outlets, UdpErrors errors,
            Pausing pausing, Counters counters, Log log, Arena arena) {
        this.table = table;
        this.factory = factory;
        this.outlets = outlets;
        this.errors = errors;
        this.pausing = pausing;
        this.counters = counters;
        failures = new RateLimit(log, Level.WARNING);
        held = new HeldFlows(table, factory);
        buffer = LazyMemory.allocate(arena, (long) BATCH * STRIDE);
        batch = new MessageBatch(arena, BATCH, 1, CONTROL);
        for (int i = 0; i < BATCH; i++) {
            batch.message(i).iovCount(1).iov(0, buffer, payloadAt(i), MAXIMUM_PAYLOAD);
        }
    }

    private static long payloadAt(int message) {
        return (long) message * STRIDE + PAYLOAD_AT;
    }

    /** {@inheritDoc} The payload is a {@link ListenTag}. */
    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        isShort = false;
        boolean stuck = (events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0
                && !errors.discard(fd) && (events & Epoll.EPOLLIN) == 0;
        int rounds = receive(fd, payload, nowNs);
        if (isShort || stuck || rounds < 0) {
            failures.log(nowNs, "UDP port " + ListenTag.port(payload) + " pauses: " + (isShort
                    ? "no descriptors or memory for new peers; is ulimit -n too low?"
                    : "its socket has an error which cannot be cleared"));
            pausing.pause(fd, payload);
            rounds = 0;
        }
        held.release(rounds < ROUNDS ? fd : UdpSide.NO_SOCKET, nowNs);
    }

    /**
     * Reads what waits, within bounds.
     *
     * @return calls it took, {@link #ROUNDS} if there may be more, -1 if all of them failed
     */
    private int receive(int fd, int payload, long nowNs) {
        int failed = 0;
        for (int i = 0; i < ROUNDS && !isShort; i++) {
            batch.forReceive(BATCH);
            int count = Sockets.recvmmsg(fd, batch, BATCH, 0);
            for (int j = 0; j < count; j++) {
                take(fd, payload, j, nowNs);
            }
            outlets.flush();
            if (count >= 0 ? count < BATCH : count == -Errno.EAGAIN) {
                return i;
            }
            // Another error was about a datagram sent earlier, and is gone by now.
            failed += count < 0 ? 1 : 0;
        }
        return failed == ROUNDS ? -1 : ROUNDS;
    }

    private void take(int fd, int payload, int index, long nowNs) {
        Message message = batch.message(index);
        Pif pif = ListenTag.pif(payload);
        address(message, ListenTag.port(payload));
        int sidx = table.lookup(Sockets.IPPROTO_UDP, pif, probe);
        if (!Sidx.isValid(sidx)) {
            sidx = begin(fd, pif, ListenTag.rule(payload), nowNs);
        }
        if (!Sidx.isValid(sidx)) {
            return;
        }
        Flow flow = table.at(sidx);
        int from = Sidx.side(sidx);
        int bytes = batch.transferred(index);
        counters.add(Counter.UDP_BYTES_FROM_SOCKETS, bytes);
        flow.<UdpFlow>body().active(from, 1, nowNs);
        outlets.of(flow, 1 - from)
                .send(flow, 1 - from, buffer, payloadAt(index), bytes, bytes);
    }

    private int begin(int fd, Pif pif, int rule, long nowNs) {
        if (isShort) {
            counters.increment(Counter.DROP_NO_SOCKET);
            return Sidx.INVALID;
        }
        int sidx = factory.fromSocket(pif, probe, rule, fd, link, nowNs);
        if (Sidx.isValid(sidx)) {
            held.add(table.at(sidx), nowNs);
        } else {
            isShort = factory.lacksResources();
        }
        return sidx;
    }

    /**
     * Sets the probe to the message's sender, and whom it was sent to as ours; and the link by
     * which answers must leave if one of these addresses is good for a link only.
     */
    private void address(Message message, int port) {
        link = SideSockets.USUAL_LINK;
        MemorySegment sender = message.name();
        long high = SocketAddress.high(sender, 0);
        long low = SocketAddress.low(sender, 0);
        int from = SocketAddress.port(sender, 0);
        for (int at = message.firstControl(); at >= 0; at = message.nextControl(at)) {
            int level = message.controlLevel(at);
            int type = message.controlType(at);
            int data = message.controlData(at);
            MemorySegment control = message.control();
            if (level == Sockets.IPPROTO_IP && type == Sockets.IP_PKTINFO) {
                probe.set(high, low, from, Ip.V4_HIGH, PacketInfo.v4Low(control, data), port);
                return;
            }
            // Of an IPv4 peer of a dual-stack socket it has the mapped form.
            if (level == Sockets.IPPROTO_IPV6 && type == Sockets.IPV6_PKTINFO) {
                probe.set(high, low, from, PacketInfo.v6High(control, data),
                        PacketInfo.v6Low(control, data), port);
                link = PacketInfo.v6Index(control, data);
                return;
            }
        }
        boolean v4 = Ip.isV4(high, low);
        probe.set(high, low, from, 0, v4 ? Ip.mapV4(0) : 0, port);
    }
}
