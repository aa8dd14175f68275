// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.NamespaceSockets;
import jpasst.forward.SideSockets;
import jpasst.linux.Clock;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.OpenFiles;
import jpasst.testing.StreamPeer;
import jpasst.wire.IpProtocol;

/**
 * Spliced connections alone, between clients and servers on the loopback of the namespace it is
 * made in. On closing, no flow and no descriptor may be left.
 */
final class SpliceHarness implements AutoCloseable {
    static final long PATIENCE_NS = 10_000_000_000L;
    private static final int BACKLOG = 1024;
    private static final int QUIET_ROUNDS = 3;
    private static final long SETTLE_NS = 50_000;

    /** A connection: both ends, and what is between. */
    record Connection(StreamPeer client, StreamPeer server, Flow flow, SpliceConnection state) { }

    final Arena arena = Arena.ofShared();
    final List<String> logged = new ArrayList<>();
    final Log log = new Log((level, elapsedNs, text) -> logged.add(level + ": " + text));
    final Counters counters = new Counters();
    final EventLoop loop;
    final FlowTable table;
    final PipePool pipes;
    final SpliceFlows flows;
    /** What sockets of the other side come from; tests may replace it. */
    NamespaceSockets other = (family, type) ->
            Sockets.socket(family, type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
    /** Where connections go. */
    IpAddress target = IpAddress.LOOPBACK_V4;
    Pif targetPif = Pif.SPLICE;
    int targetPort;
    private final MemorySegment name = arena.allocate(SocketAddress.LENGTH, 8);
    private final List<StreamPeer> peers = new ArrayList<>();
    private MemorySegment sharedScratch;
    private final int descriptors;
    final int front;
    final int back;

    SpliceHarness() {
        this(1 << 14);
    }

    /** With as many pipes as a limit on descriptors allows. */
    SpliceHarness(int descriptorLimit) {
        log.level(Level.INFO);
        OpenFiles.count();
        descriptors = OpenFiles.count();
        loop = new EventLoop((type, cause) -> {
            throw new AssertionError("handler of " + type, cause);
        });
        table = new FlowTable(5000, 1, 2, (pif, side, protocol, hint, chosen) -> {
            chosen.set(target.high(), target.low(), targetPort, 0, target.isV4()
                    ? 0xffff_0000_0000L : 0, 0);
            return targetPif;
        }, log, counters);
        pipes = new PipePool(arena, descriptorLimit);
        var sockets = new SideSockets(new Addresses(log), (f, t) -> other.take(f, t), arena);
        flows = new SpliceFlows(table, loop, sockets, counters, log, new Copying(arena), pipes);
        table.handler(FlowType.TCP_SPLICE, flows);
        loop.handler(FlowType.TCP_SPLICE.eventType(), flows);
        loop.afterBatch(this::afterBatch);
        front = listen(IpAddress.LOOPBACK_V4);
        back = listen(IpAddress.LOOPBACK_V4);
        targetPort = port(back);
    }

    /** As the worker does. */
    private long afterBatch(long nowNs) {
        flows.forwardMore(nowNs);
        table.runDeferred(nowNs);
        return Long.MAX_VALUE;
    }

    MemorySegment scratch(int bytes) {
        if (sharedScratch == null) sharedScratch = arena.allocate(bytes);
        return sharedScratch;
    }

    int listen(IpAddress address) {
        int fd = socket(address);
        int length = SocketAddress.put(name, 0, address.high(), address.low(), 0, 0);
        Errno.check("bind", Sockets.bind(fd, name, 0, length));
        Errno.check("listen", Sockets.listen(fd, BACKLOG));
        return fd;
    }

    private static int socket(IpAddress address) {
        return Errno.check("socket", Sockets.socket(
                address.isV4() ? Sockets.AF_INET : Sockets.AF_INET6,
                Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0));
    }

    int port(int fd) {
        Errno.check("getsockname", Sockets.getsockname(fd, name, 0));
        return SocketAddress.port(name, 0);
    }

    /** A client of ours, connected but not accepted yet. */
    StreamPeer client() {
        int port = port(front);
        int fd = socket(IpAddress.LOOPBACK_V4);
        int length = SocketAddress.put(name, 0, 0, IpAddress.LOOPBACK_V4.low(), port, 0);
        int rc = Sockets.connect(fd, name, 0, length);
        assertTrue(rc == 0 || rc == -Errno.EINPROGRESS, "connect: " + rc);
        return peer(fd);
    }

    private StreamPeer peer(int fd) {
        var peer = new StreamPeer(this::serve, scratch(StreamPeer.SCRATCH), fd);
        peers.add(peer);
        return peer;
    }

    /** Accepts a client and starts its flow; the flow, or null if it was refused. */
    Flow open() {
        int fd = Errno.check("accept", acceptFrom(front, name));
        var ini = table.allocate().initiate(Pif.HOST, SocketAddress.high(name, 0),
                SocketAddress.low(name, 0), SocketAddress.port(name, 0), 0,
                IpAddress.LOOPBACK_V4.low(), port(front));
        var tgt = ini.target(IpProtocol.TCP, 0);
        Flow flow = tgt.flow();
        long cancelled = count(Counter.FLOWS_CANCELLED);
        flows.open(tgt, fd, Clock.monotonicNs());
        return count(Counter.FLOWS_CANCELLED) > cancelled ? null : flow;
    }

    private static int acceptFrom(int listener, MemorySegment from) {
        int flags = Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        return from == null ? Sockets.accept4(listener, flags)
                : Sockets.accept4(listener, from, 0, flags);
    }

    /** The server's end of the oldest connection that came to it. */
    StreamPeer server(int listener) {
        return peer(acceptFrom(listener, null));
    }

    /** A whole connection, established. */
    Connection connect() {
        return connect(back);
    }

    Connection connect(int listener) {
        StreamPeer client = client();
        Flow flow = open();
        assertNotNull(flow);
        SpliceConnection state = flow.body();
        serve();
        return new Connection(client, server(listener), flow, state);
    }

    /** Serves events until nothing happens any more. */
    void serve() {
        int quiet = 0;
        long limit = System.nanoTime() + PATIENCE_NS;
        while (quiet < QUIET_ROUNDS) {
            assertTrue(System.nanoTime() < limit, "events without end");
            boolean busy = loop.serve(flows.moreToForward() ? 0 : SETTLE_NS, Clock.monotonicNs());
            quiet = busy || flows.moreToForward() ? 0 : quiet + 1;
        }
    }

    /** Serves one round, with what happened until now. */
    void round() {
        loop.serve(0, Clock.monotonicNs());
    }

    long count(Counter counter) {
        return counters.get(counter);
    }

    long loggedLike(String part) {
        return logged.stream().filter(line -> line.contains(part)).count();
    }

    /** No pipe is held by a connection. */
    void expectNoPipeTaken() {
        assertEquals(0, pipes.takenCount(), "pipes taken");
    }

    @Override
    public void close() {
        peers.forEach(StreamPeer::close);
        long limit = System.nanoTime() + PATIENCE_NS;
        while (table.activeCount() > 0 && System.nanoTime() < limit) serve();
        assertEquals(0, table.activeCount(), "flows left");
        expectNoPipeTaken();
        flows.close();
        assertEquals(0, pipes.count(), "pipes left");
        Files.close(front);
        Files.close(back);
        loop.close();
        assertEquals(0, loop.failures(), logged.toString());
        assertEquals(descriptors, OpenFiles.count(), "descriptors left");
        arena.close();
    }
}
