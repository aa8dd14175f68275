// SPDX-License-Identifier: Apache-2.0

package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counters;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv4Header;
import jpasst.wire.TcpHeader;

/**
 * A worker's loop, table, timers and TCP, with as many established connections as wanted: those of
 * one guest to one port of as many hosts (198.18.0.0/15, RFC 2544), of which none says anything by
 * itself. No descriptor limit bounds them, as there is no socket behind: a system call on one
 * fails at once (EBADF). Frames to the guest are counted. Time is moved by hand. One thread.
 */
final class SimulatedFlows implements AutoCloseable {
    private static final int GUEST = 0x0a000005, HOSTS = 0xc6120000;
    private static final int GUEST_PORT = 40000, HOST_PORT = 443;
    private static final int SEQUENCE = 1000, WINDOW = 512, TTL = 64;
    private static final int PACKET_LENGTH = Ipv4Header.LENGTH + TcpHeader.LENGTH;
    private static final int NO_SOCKET = -1;

    private final Arena arena = Arena.ofConfined();
    private final EventLoop loop = new EventLoop((type, cause) -> {
        throw new IllegalStateException("handler of " + type, cause);
    });
    private final FlowTable table;
    private final TimingWheel wheel;
    private final Timers timers;
    private final TcpFlows tcp;
    private final MemorySegment memory = arena.allocate(Frame.HEADROOM + 64, 8);
    private final ChunkPool chunks = new ChunkPool(arena, ChunkPool.CHUNK_BYTES);
    private final Frame frame = new Frame();
    private final IpPacket packet = new IpPacket();
    private final Ipv4Header ip = new Ipv4Header();
    private final TcpHeader header = new TcpHeader();
    private long nowNs = 1_000 * Timers.SECOND_NS;
    private long framesToGuest;

    /** A table which takes as many as any can, still empty. */
    SimulatedFlows() {
        var log = new Log();
        var counters = new Counters();
        var settings = TcpSettings.defaults(65520);
        var addresses = new Addresses(log);
        addresses.v4().templateIndex(1).address(IpAddress.parse("10.0.0.5"));
        table = new FlowTable(FlowTable.MAX_FLOWS, 1, 2, SimulatedFlows::toHost, log, counters);
        wheel = new TimingWheel(256, nowNs);
        timers = new Timers(wheel, settings);
        FrameSink sink = sent -> {
            framesToGuest++;
            return true;
        };
        tcp = new TcpFlows(arena, settings, table, addresses, sink, loop, wheel, counters, log);
        table.handler(FlowType.TCP, tcp);
        loop.handler(FlowType.TCP.eventType(), tcp);
        loop.afterBatch(this::afterBatch);
    }

    private static Pif toHost(Pif initiating, FlowSide side, int protocol, int ruleHint,
            FlowSide target) {
        target.set(side.ourHigh(), side.ourLow(), side.ourPort(), 0, 0xffff_00000000L, 0);
        return Pif.HOST;
    }

    /** As the worker does. */
    private long afterBatch(long now) {
        tcp.readMore(now);
        wheel.expire(now, tcp);
        tcp.endBatch(now);
        table.runDeferred(now);
        return Math.min(wheel.nextDeadlineNs(), table.nextDeadlineNs());
    }

    /** Opens connections to this host and those behind it, whose guests are asked in turn. */
    SimulatedFlows open(int first, int count) {
        for (int i = 0; i < count; i++) {
            open(first + i, nowNs + (long) ((double) i / count * Timers.KEEPALIVE_NS));
        }
        return this;
    }

    private void open(int host, long firstLookNs) {
        var c = new TcpConnection(0, NO_SOCKET);
        Flow flow = table.allocate()
                .initiate(Pif.TAP, 0, address(GUEST), GUEST_PORT, 0, address(HOSTS + host),
                        HOST_PORT)
                .target(IpProtocol.TCP, TargetChooser.NO_RULE_HINT).type(FlowType.TCP, c)
                .activate();
        table.insert(flow.sidx(0));
        c.events = TcpConnection.ESTABLISHED;
        c.mss = 1460;
        c.windowFromTap = WINDOW;
        c.seqFromTap = SEQUENCE;
        c.seqAckToTap = SEQUENCE;
        c.edgeToTap = SEQUENCE + c.windowLimit;
        c.seqToTap = SEQUENCE;
        c.seqMaxToTap = SEQUENCE;
        c.seqAckFromTap = SEQUENCE;
        c.seqAckPending = SEQUENCE;
        c.lastFromTapNs = nowNs;
        c.lastActivityNs = nowNs;
        timers.watchIdle(flow, c, firstLookNs);
    }

    private static long address(int v4) {
        return 0xffff_00000000L | Integer.toUnsignedLong(v4);
    }

    /** One round of the event loop in which no descriptor has an event, so much later. */
    void round(long laterNs) {
        nowNs += laterNs;
        loop.serve(0, nowNs);
    }

    /** The guest acknowledges once more what it has of a connection, alone in a batch. */
    void acknowledgment(int host) {
        long at = Frame.HEADROOM + EthernetHeader.LENGTH;
        ip.wrap(memory, at).write(PACKET_LENGTH, TTL, IpProtocol.TCP, GUEST, HOSTS + host)
                .fillHeaderChecksum();
        header.wrap(memory, at + Ipv4Header.LENGTH).write(GUEST_PORT, HOST_PORT, SEQUENCE,
                SEQUENCE, TcpHeader.LENGTH, TcpHeader.ACK, WINDOW);
        frame.wrap(memory, Frame.HEADROOM, EthernetHeader.LENGTH + PACKET_LENGTH).trusted(true);
        packet.parse(memory, at, PACKET_LENGTH, EthernetHeader.ETHERTYPE_IPV4);
        tcp.fromTap(frame, packet, nowNs);
        tcp.endBatch(nowNs);
    }

    /** Ends one connection, by its place in the table; the next round frees it. */
    void abandon(int index) {
        Flow flow = table.flow(index);
        tcp.abandon(flow, flow.body());
    }

    /** Ends all of them, and frees what they held. */
    void closeAll() {
        table.forEachActive(flow -> tcp.abandon(flow, flow.body()));
        round(1);
    }

    /** Gives each connection the buffer that it has from the first time on that it needs one. */
    void useBuffers() {
        table.forEachActive(flow -> flow.<TcpConnection>body().buffer = new ReceiveBuffer(chunks));
    }

    /** Gives back what arrays do not need, as the program does after many connections ended. */
    void trim() {
        table.trim();
        wheel.trim();
    }

    /** Connections at this time. */
    int count() {
        return table.activeCount();
    }

    /** Frames sent to the guest so far. */
    long framesToGuest() {
        return framesToGuest;
    }

    /** Pieces of memory outside the heap that connections hold. */
    int chunks() {
        return tcp.bufferedChunks();
    }

    @Override
    public void close() {
        loop.close();
        arena.close();
    }
}
