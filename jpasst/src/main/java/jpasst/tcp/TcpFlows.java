// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.Sidx;
import jpasst.flow.Tgt;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Epoll;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.TimerHandler;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.TcpHeader;

/**
 * The handler of TCP connections between the guest and sockets (RFC 9293). One per worker; loop
 * thread only.
 *
 * <p>Packets of the guest arrive one by one, in batches: {@link #fromTap}, then {@link #endBatch},
 * which does once per connection what need not be done once per packet. The memory of a batch's
 * frames must stay as it is until then. Between batches {@link #moreToRead} tells whether
 * connections wait for another turn, which {@link #readMore} gives them.
 */
public final class TcpFlows implements EventHandler, TimerHandler, FlowHandler {
    private static final int END_OF_INPUT = Epoll.EPOLLRDHUP | Epoll.EPOLLHUP;
    private static final int INPUT = Epoll.EPOLLIN | END_OF_INPUT;

    private final FlowTable table;
    private final Counters counters;
    private final FlowLog log;
    private final ToSocket toSocket;
    private final ToGuest toGuest;
    private final FromGuest fromGuest;
    private final OutboundOpening outbound;
    private final InboundOpening inbound;
    private final Acknowledging acknowledging;
    private final Ending ending;
    private final Timers timers;
    private final Segments segments;
    private final ChunkPool pool;
    private final RateLimit failures;

    private final TcpHeader tcp = new TcpHeader();
    private final FlowSide probe = new FlowSide();
    private final FlowList touched = new FlowList();
    private final FlowList readers = new FlowList();

    /**
     * Registers itself with nobody: that is up to the caller, as handler of {@link FlowType#TCP}
     * in the table and of its event type in the loop.
     *
     * @param arena for memory that lives as long as the handler
     * @param sink where frames for the guest go
     * @param wheel holds one timer per flow, by index; the caller lets it expire into
     *     {@link #onTimer}
     */
    public TcpFlows(Arena arena, TcpSettings settings, FlowTable table, Addresses addresses,
            FrameSink sink, EventLoop loop, TimingWheel wheel, Counters counters, Log log) {
        this.table = table;
        this.counters = counters;
        this.log = new FlowLog(log);
        failures = new RateLimit(log, Level.ERROR);
        pool = new ChunkPool(arena, settings.bufferBytes());
        var peek = new PeekReader(arena, settings.peekOffset());
        segments = new Segments(arena, sink, addresses, counters);
        timers = new Timers(wheel, settings);
        ending = new Ending(table, segments, timers, counters, this.log);
        acknowledging = new Acknowledging(arena, segments, timers, pool);
        toSocket = new ToSocket(arena, pool, ending, counters);
        toGuest = new ToGuest(peek, segments, acknowledging, timers, ending, counters);
        fromGuest = new FromGuest(toSocket, ending, counters);
        var handshake = new Handshake(arena, table, loop, segments, peek, timers, ending,
                settings);
        outbound = new OutboundOpening(table, new OutboundSocket(arena, addresses, log),
                handshake, segments, ending, counters, log);
        inbound = new InboundOpening(arena, table, handshake, segments, acknowledging, ending,
                counters, log);
    }

    /**
     * Takes a connection to the guest which was accepted.
     *
     * @param tgt its flow, which is ACTIVE or cancelled afterwards
     * @param socket its socket, non-blocking, which is the flow's from now on
     */
    void accepted(Tgt tgt, int socket, long nowNs) {
        inbound.open(tgt, socket, nowNs);
    }

    /** Takes a packet of the guest whose protocol is TCP. */
    public void fromTap(Frame frame, IpPacket packet, long nowNs) {
        tcp.wrap(packet.memory(), packet.payloadAt());
        if (!tcp.isValid(packet.payloadLength())) {
            counters.increment(Counter.DROP_MALFORMED_TCP);
            return;
        }
        if (!frame.checksumTrusted() && !Checksum.verifyTcpUdp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
            return;
        }
        counters.increment(Counter.TCP_SEGMENTS_FROM_TAP);
        probe.set(packet.sourceHigh(), packet.sourceLow(), tcp.sourcePort(),
                packet.destinationHigh(), packet.destinationLow(), tcp.destinationPort());
        int sidx = table.lookup(IpProtocol.TCP, Pif.TAP, probe);
        if (!Sidx.isValid(sidx)) {
            withoutFlow(packet, nowNs);
        } else {
            ofFlow(table.at(sidx), packet, nowNs);
        }
    }

    private void withoutFlow(IpPacket packet, long nowNs) {
        if (tcp.has(TcpHeader.RST)) {
            counters.increment(Counter.DROP_NO_FLOW);
        } else if (tcp.has(TcpHeader.SYN) && !tcp.has(TcpHeader.ACK)) {
            outbound.open(packet, tcp, nowNs);
        } else {
            counters.increment(Counter.DROP_NO_FLOW);
            segments.refuse(packet, tcp, packet.payloadLength() - tcp.dataOffset());
        }
    }

    private void ofFlow(Flow flow, IpPacket packet, long nowNs) {
        TcpConnection c = flow.body();
        if (c.has(TcpConnection.SOCK_ACCEPTED)) {
            // What the client sent meanwhile waits in the socket.
            if (inbound.segment(flow, c, packet, tcp, nowNs)) touch(flow, c);
            return;
        }
        if (!c.has(TcpConnection.ESTABLISHED) && !outbound.segment(flow, c, tcp, nowNs)) return;
        int offset = tcp.dataOffset();
        fromGuest.segment(flow, c, tcp, packet.memory(), packet.payloadAt() + offset,
                packet.payloadLength() - offset, nowNs);
        touch(flow, c);
    }

    private void touch(Flow flow, TcpConnection c) {
        if (c.isClosed() || c.is(TcpConnection.TOUCHED)) return;
        c.set(TcpConnection.TOUCHED);
        touched.add(flow);
    }

    /**
     * Whether connections have more to read without a new event of their sockets: at once, or as
     * soon as the tap has room.
     */
    public boolean moreToRead() {
        return readers.size() > 0;
    }

    /** Ends a batch: writes, acknowledgements and windows of all connections it touched. */
    public void endBatch(long nowNs) {
        toSocket.flush(nowNs);
        for (int left = touched.size(); left > 0; left--) {
            Flow flow = touched.poll();
            TcpConnection c = flow.body();
            c.clear(TcpConnection.TOUCHED);
            try {
                if (c.has(TcpConnection.ESTABLISHED)) settle(flow, c, nowNs);
            } catch (RuntimeException | Error e) {
                failed(flow, c, e, nowNs);
            }
        }
    }

    /** A bug of ours costs the connection it happened to, and no other. */
    private void failed(Flow flow, TcpConnection c, Throwable cause, long nowNs) {
        counters.increment(Counter.HANDLER_EXCEPTIONS);
        log.limited(failures, nowNs, flow, "internal error: " + cause);
        ending.abandon(flow, c);
    }

    /**
     * Gives the connections that had to stop for others' sake another turn, until the tap is full:
     * those who had none by then are the first ones next time.
     */
    public void readMore(long nowNs) {
        long refused = counters.get(Counter.DROP_TAP_REFUSED);
        int left = readers.size();
        while (left-- > 0 && counters.get(Counter.DROP_TAP_REFUSED) == refused) {
            Flow flow = readers.poll();
            TcpConnection c = flow.body();
            c.clear(TcpConnection.READ_QUEUED);
            if (!c.has(TcpConnection.ESTABLISHED)) continue;
            try {
                send(flow, c, nowNs);
                ending.closeIfFinished(flow, c);
            } catch (RuntimeException | Error e) {
                failed(flow, c, e, nowNs);
            }
        }
    }

    private void settle(Flow flow, TcpConnection c, long nowNs) {
        toGuest.takeAcknowledged(flow, c, nowNs);
        if (c.isClosed()) return;
        if (c.is(TcpConnection.DUPLICATE_ACK)) {
            c.clear(TcpConnection.DUPLICATE_ACK);
            toGuest.segmentLost(flow, c, nowNs);
        }
        if (c.is(TcpConnection.WINDOW_OPENED)) {
            c.clear(TcpConnection.WINDOW_OPENED);
            // What was sent into a closing window was not taken: no need to wait to know.
            if (c.outstanding() > 0) toGuest.rewind(c);
        }
        if (!drain(flow, c, nowNs)) return;
        send(flow, c, nowNs);
        if (c.isClosed()) return;
        acknowledging.answer(flow, c, nowNs);
        ending.closeIfFinished(flow, c);
    }

    /** Writes what waits for the socket and passes a FIN on; false if that closed it. */
    private boolean drain(Flow flow, TcpConnection c, long nowNs) {
        if (c.buffered() > 0 && !c.is(TcpConnection.SOCKET_FULL)) {
            toSocket.drain(flow, c, nowNs);
            if (c.isClosed()) return false;
        }
        fromGuest.passFinOn(flow, c);
        return !c.isClosed();
    }

    private void send(Flow flow, TcpConnection c, long nowNs) {
        // It has a turn of its own in this round, as soon as others had theirs.
        if (c.is(TcpConnection.READ_QUEUED)) return;
        boolean finDue = c.has(TcpConnection.SOCK_FIN_RCVD) && !c.has(TcpConnection.TAP_FIN_SENT);
        if (!c.is(TcpConnection.READABLE) && !finDue) return;
        if (toGuest.send(flow, c, nowNs)) queueReader(flow, c);
    }

    /** Lists a connection for another turn. */
    private void queueReader(Flow flow, TcpConnection c) {
        if (c.is(TcpConnection.READ_QUEUED)) return;
        c.set(TcpConnection.READ_QUEUED);
        readers.add(flow);
    }

    /** Takes an event of a connection's socket. */
    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        Flow flow = table.at(payload);
        if (flow == null || flow.type() != FlowType.TCP) return;
        TcpConnection c = flow.body();
        if (c.isClosed()) return;
        c.lastActivityNs = nowNs;
        if ((events & Epoll.EPOLLERR) != 0) {
            ending.socketFailed(flow, c, "socket", Math.abs(Sockets.pendingError(c.socket)));
        } else if (c.has(TcpConnection.ESTABLISHED)) {
            established(flow, c, events, nowNs);
        } else {
            handshake(flow, c, events, nowNs);
        }
    }

    private void handshake(Flow flow, TcpConnection c, int events, long nowNs) {
        if ((events & Epoll.EPOLLHUP) != 0 && !c.has(TcpConnection.TAP_SYN_ACK_SENT)) {
            ending.reset(flow, c);
            return;
        }
        if (c.events == TcpConnection.TAP_SYN_RCVD && (events & Epoll.EPOLLOUT) != 0) {
            outbound.connected(flow, c, nowNs);
        }
        // An edge comes once: what it told is remembered until the guest is ready.
        noteInput(c, events);
    }

    private static void noteInput(TcpConnection c, int events) {
        if ((events & INPUT) != 0) c.set(TcpConnection.READABLE);
        if ((events & END_OF_INPUT) != 0) c.set(TcpConnection.INPUT_ENDED);
    }

    private void established(Flow flow, TcpConnection c, int events, long nowNs) {
        noteInput(c, events);
        if (c.is(TcpConnection.INPUT_ENDED)) c.events |= TcpConnection.SOCK_FIN_RCVD;
        if ((events & Epoll.EPOLLOUT) != 0 && c.is(TcpConnection.SOCKET_FULL)) {
            c.clear(TcpConnection.SOCKET_FULL);
            touch(flow, c);
        }
        if (c.is(TcpConnection.TOUCHED)) return;
        send(flow, c, nowNs);
        if (!c.isClosed()) ending.closeIfFinished(flow, c);
    }

    /** Takes the expiry of a flow's timer. */
    @Override
    public void onTimer(int id, long nowNs) {
        Flow flow = table.flow(id);
        if (flow == null || flow.type() != FlowType.TCP) return;
        TcpConnection c = flow.body();
        if (c.isClosed()) return;
        try {
            timedOut(flow, c, nowNs);
        } catch (RuntimeException | Error e) {
            failed(flow, c, e, nowNs);
        }
    }

    private void timedOut(Flow flow, TcpConnection c, long nowNs) {
        if (c.is(TcpConnection.ACK_TO_TAP_DUE) && nowNs >= c.ackDeadlineNs) {
            acknowledging.look(flow, c, nowNs);
        }
        if (c.is(TcpConnection.ACK_FROM_TAP_DUE) && nowNs >= c.retransmitDeadlineNs) {
            if (c.has(TcpConnection.SOCK_ACCEPTED)) inbound.timedOut(flow, c, nowNs);
            else if (!c.has(TcpConnection.ESTABLISHED)) outbound.timedOut(flow, c, nowNs);
            else if (toGuest.timedOut(flow, c, nowNs)) queueReader(flow, c);
        }
        if (c.has(TcpConnection.ESTABLISHED) && nowNs >= c.idleDeadlineNs) {
            watchIdle(flow, c, nowNs);
        }
        if (!c.isClosed()) timers.arm(flow, c);
    }

    private void watchIdle(Flow flow, TcpConnection c, long nowNs) {
        if (nowNs - c.lastActivityNs >= Timers.INACTIVITY_NS) {
            ending.reset(flow, c);
            return;
        }
        long quietUntilNs = Timers.quietUntilNs(c);
        if (nowNs >= quietUntilNs) {
            // A guest that was started anew answers with RST, and the peer gets to know.
            segments.control(flow, c, TcpHeader.ACK, c.seqToTap - 1, c.seqAckToTap,
                    Math.max(0, c.edgeToTap - c.seqAckToTap));
            c.askedNs = nowNs;
            quietUntilNs = nowNs + Timers.KEEPALIVE_NS;
        }
        timers.watchIdle(flow, c, quietUntilNs);
    }

    /** Ends a connection without a word to the guest; its peer is reset. */
    void abandon(Flow flow, TcpConnection c) {
        ending.abandon(flow, c);
    }

    /** Whether a connection waits for more of what its guest sends, or has to pass it on. */
    public boolean isUploading(Flow flow) {
        TcpConnection c = flow.body();
        return c.has(TcpConnection.ESTABLISHED) && !c.has(TcpConnection.SOCK_FIN_SENT);
    }

    /** Chunks of memory that all connections' buffers hold. */
    int bufferedChunks() {
        return pool.takenCount();
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        TcpConnection c = flow.body();
        if (!c.isClosed()) return false;
        // Off the lists: its slot may be another's next round.
        if (c.is(TcpConnection.TOUCHED)) touched.remove(flow);
        if (c.is(TcpConnection.READ_QUEUED)) readers.remove(flow);
        ending.release(c);
        return true;
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        return false;
    }
}
