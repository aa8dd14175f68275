// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.FakeTap;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import jpasst.testing.OpenFiles;
import jpasst.testing.StreamPeer;

/**
 * TCP alone between scripted guests and real sockets, under a clock which only the test moves. The
 * guest's link knows 10.0.0.2 and fd00::2 as the host's loopback. On closing, nothing may be left.
 */
final class TcpHarness implements AutoCloseable {
    static final String GUEST4 = "10.0.0.5", GUEST6 = "fd00::5";
    static final String HOST4 = "10.0.0.2", HOST6 = "fd00::2";
    static final long SECOND = 1_000_000_000L, MILLISECOND = 1_000_000L;
    /** How long real sockets may take for what they do at once. */
    static final long PATIENCE_NS = 5 * SECOND;

    final Arena arena = Arena.ofShared();
    final List<String> logged = new ArrayList<>();
    final Log log = new Log((level, elapsedNs, text) -> logged.add(level + ": " + text));
    final Counters counters = new Counters();
    final Addresses addresses = new Addresses(log);
    final FakeTap tap = new FakeTap();
    final EventLoop loop;
    final TimingWheel wheel;
    final RuleChooser chooser;
    final FlowTable table;
    final TcpFlows tcp;
    final MemorySegment scratch = arena.allocate(SocketAddress.LENGTH, 8);
    /** Guests by port, told of each frame to theirs as it is sent. */
    private final Map<Integer, Guest> guests = new HashMap<>();
    /** Guests by both ports, which find them first. */
    private final Map<Long, Guest> guestsByPair = new HashMap<>();
    private final List<Runnable> resources = new ArrayList<>();
    private final List<Segment> strays = new ArrayList<>();
    private final int descriptors;
    boolean recording = true;
    /** Thrown by the tap once, if not null. */
    RuntimeException sabotage;
    private AssertionError failure;
    private Server lastServer;
    private boolean fromOutside;
    private Inbound inbound;
    long nowNs = 1_000 * SECOND;
    /** How long to wait for what the kernel may still be doing, in real time. */
    long settleNs = 100_000L;

    TcpHarness() {
        this(TcpSettings.defaults(65520));
    }

    TcpHarness(TcpSettings settings) {
        this(settings, 1000);
    }

    TcpHarness(TcpSettings settings, int capacity) {
        log.level(Level.INFO);
        OpenFiles.withoutPipes();  // The first time, it opens files of its own.
        descriptors = OpenFiles.withoutPipes();
        loop = new EventLoop((type, cause) -> {
            throw new AssertionError("handler of " + type, cause);
        });
        addresses.guestMac(FrameBuilder.GUEST_MAC).ourTapMac(FrameBuilder.OUR_MAC);
        addresses.v4().templateIndex(1).address(IpAddress.parse(GUEST4))
                .mapHostLoopback(IpAddress.parse(HOST4));
        addresses.v6().templateIndex(1).address(IpAddress.parse(GUEST6))
                .mapHostLoopback(IpAddress.parse(HOST6));
        chooser = new RuleChooser(new Forwarding(addresses, log), addresses);
        table = new FlowTable(capacity, 1, 2, chooser, log, counters);
        wheel = new TimingWheel(16, nowNs);
        FrameSink sink = this::toGuest;
        tcp = new TcpFlows(arena, settings, table, addresses, sink, loop, wheel, counters, log);
        table.handler(FlowType.TCP, tcp);
        loop.handler(FlowType.TCP.eventType(), tcp);
        loop.afterBatch(this::afterBatch);
    }

    /** As the worker does. */
    private long afterBatch(long now) {
        if (tap.hasRoom()) tcp.readMore(now);
        wheel.expire(now, tcp);
        tcp.endBatch(now);
        table.runDeferred(now);
        return Long.MAX_VALUE;
    }

    private boolean toGuest(Frame frame) {
        if (sabotage != null) {
            RuntimeException thrown = sabotage;
            sabotage = null;
            throw thrown;
        }
        boolean taken = tap.send(frame);
        if (taken && recording) {
            record();
        }
        return taken;
    }

    private void record() {
        try {
            var segment = Segment.of(tap.take());
            Guest guest = guestsByPair.getOrDefault(
                    pair(segment.targetPort(), segment.sourcePort()),
                    guests.get(segment.targetPort()));
            if (guest == null) strays.add(segment);
            else guest.sent(segment);
        } catch (AssertionError e) {
            if (failure == null) failure = e;
            throw e;
        }
    }

    /** A check which failed while our code was running counts, whoever caught it. */
    private void throwFailure() {
        if (failure != null) throw new AssertionError(failure.getMessage(), failure);
    }

    /** Serves what happened, until nothing happens any more; time stands still. */
    TcpHarness serve() {
        do {
            loop.serve(0, nowNs);
        } while (tcp.moreToRead() && tap.hasRoom() || loop.serve(settleNs, nowNs));
        throwFailure();
        return this;
    }

    /** Lets time pass, timer by timer. */
    TcpHarness advance(long ns) {
        long target = nowNs + ns;
        serve();
        while (wheel.nextDeadlineNs() <= target) {
            nowNs = Math.max(nowNs, wheel.nextDeadlineNs());
            loop.serve(0, nowNs);
        }
        nowNs = target;
        return serve();
    }

    /** Lets time pass until the guest is sent something; how long that took. */
    double secondsUntilSent(Guest guest) {
        long since = nowNs;
        serve();
        while (guest.isIdle() && wheel.nextDeadlineNs() != Long.MAX_VALUE) {
            nowNs = Math.max(nowNs, wheel.nextDeadlineNs());
            loop.serve(0, nowNs);
        }
        serve();
        return (nowNs - since) / (double) SECOND;
    }

    TcpHarness seconds(double seconds) {
        return advance((long) (seconds * SECOND));
    }

    /** Hands over frames as one batch of the tap, and serves what follows from it. */
    void fromTap(byte[]... frames) {
        var kept = new GuestFrame[frames.length];
        for (int i = 0; i < frames.length; i++) {
            kept[i] = new GuestFrame().load(frames[i]);
            assertTrue(kept[i].parse(), "frame does not parse");
            tcp.fromTap(kept[i].frame(), kept[i].packet(), nowNs);
        }
        tcp.endBatch(nowNs);
        serve();
    }

    /** A guest's end of a connection to a port of the host's loopback. */
    Guest guest(int port, int remotePort) {
        return new Guest(this, GUEST4, port, HOST4, remotePort);
    }

    void register(Guest guest) {
        guests.put(guest.port, guest);
        guestsByPair.put(pair(guest.port, guest.remotePort), guest);
    }

    private static long pair(int port, int remotePort) {
        return (long) port << 32 | remotePort;
    }

    /** A frame to nobody in particular, which must be there. */
    Segment stray() {
        assertTrue(!strays.isEmpty(), "no stray frame");
        return strays.remove(0);
    }

    /** Forgets them all. */
    void dropStrays() {
        strays.clear();
    }

    void noStrays() {
        assertEquals(List.of(), strays);
    }

    /** A server on the loopback of IPv4. */
    Server server() {
        lastServer = new Server(this, IpAddress.LOOPBACK_V4, 0);
        return lastServer;
    }

    /** The one which was made last. */
    Server lastServer() {
        return lastServer;
    }

    /** Has something closed at the end, before it is looked whether anything is left. */
    void closeLater(Runnable close) {
        resources.add(close);
    }

    /** Lets {@link #connect} make connections from outside to the guest. */
    TcpHarness fromOutside() {
        fromOutside = true;
        return this;
    }

    /** The listening socket for connections from outside. */
    Inbound inbound() {
        if (inbound == null) inbound = new Inbound(this);
        return inbound;
    }

    /** An established connection of a guest to a new server, or of a client to the guest. */
    Connection connect() {
        return connect(guest -> { });
    }

    Connection connect(java.util.function.Consumer<Guest> preparation) {
        if (fromOutside) return inbound().connect(preparation);
        Server server = server();
        Guest guest = guest(40000 + guests.size(), server.port);
        preparation.accept(guest);
        guest.open();
        return new Connection(guest, server.accept());
    }

    /** Both ends of a connection. */
    record Connection(Guest guest, StreamPeer peer) {
    }

    /** The state of a guest's connection, null if it has none. */
    TcpConnection state(Guest guest) {
        Flow flow = flow(guest);
        return flow == null ? null : flow.body();
    }

    /** The flow of a guest's connection, null if it has none or a closed one. */
    Flow flow(Guest guest) {
        var found = new Flow[1];
        table.forEachActive((Flow flow) -> {
            if (flow.type() != FlowType.TCP) return;
            TcpConnection c = flow.body();
            FlowSide side = flow.side(c.tapSide);
            boolean same = side.endpointPort() == guest.port
                    && (c.tapSide == 0 || side.ourPort() == guest.remotePort);
            if (same && !c.isClosed()) found[0] = flow;
        });
        return found[0];
    }

    long count(Counter counter) {
        return counters.get(counter);
    }

    /** Every flow has ended and let go of what it held. */
    void assertNothingLeft() {
        serve();
        assertEquals(0, table.activeCount(), "flows");
        assertEquals(0, wheel.armedCount(), "timers");
        assertEquals(0, tcp.bufferedChunks(), "chunks");
        assertEquals(0, count(Counter.HANDLER_EXCEPTIONS));
    }

    /** Resets what still lives, then looks for what was not let go of. */
    @Override
    public void close() {
        resources.forEach(Runnable::run);
        table.forEachActive(flow -> {
            TcpConnection c = flow.body();
            tcp.abandon(flow, c);
        });
        serve();
        assertNothingLeft();
        loop.close();
        assertEquals(descriptors, OpenFiles.withoutPipes(), "descriptors");
        arena.close();
    }

    /** A listening socket. */
    static final class Server implements AutoCloseable {
        final int port;
        final int fd;
        private final TcpHarness harness;
        private boolean closed;

        Server(TcpHarness harness, IpAddress address, int receiveBuffer) {
            this.harness = harness;
            fd = Errno.check("socket", Sockets.socket(
                    address.isV4() ? Sockets.AF_INET : Sockets.AF_INET6,
                    Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0));
            if (receiveBuffer > 0) {
                Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, receiveBuffer);
            }
            MemorySegment m = harness.scratch;
            Errno.check("bind", Sockets.bind(fd, m, 0, SocketAddress.put(m, 0, address.high(),
                    address.low(), 0, 0)));
            Errno.check("listen", Sockets.listen(fd, 128));
            Errno.check("getsockname", Sockets.getsockname(fd, m, 0));
            port = SocketAddress.port(m, 0);
            harness.closeLater(this::close);
        }

        /** A connection if one waits, or null. */
        StreamPeer tryAccept() {
            int rc = Sockets.accept4(fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC);
            if (rc == -Errno.EAGAIN) return null;
            var scratch = Arena.ofAuto().allocate(StreamPeer.SCRATCH);
            var peer = new StreamPeer(harness::serve, scratch, rc);
            harness.closeLater(peer::close);
            return peer;
        }

        /** The connection which waits. */
        StreamPeer accept() {
            long limit = System.nanoTime() + PATIENCE_NS;
            StreamPeer peer = tryAccept();
            while (peer == null && System.nanoTime() < limit) {
                harness.serve();
                peer = tryAccept();
            }
            assertTrue(peer != null, "nobody connected");
            return peer;
        }

        @Override
        public void close() {
            if (!closed) Files.close(fd);
            closed = true;
        }
    }
}
