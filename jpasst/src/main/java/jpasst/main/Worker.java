// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import jpasst.config.NetworkPlan;
import jpasst.config.ProtocolOptions;
import jpasst.config.Settings;
import jpasst.datapath.CapturedInput;
import jpasst.datapath.FromTap;
import jpasst.datapath.Protocols;
import jpasst.datapath.TracedInput;
import jpasst.datapath.TracedSink;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.forward.NamespaceSockets;
import jpasst.forward.Rules;
import jpasst.forward.SideSockets;
import jpasst.frame.FrameHandler;
import jpasst.frame.FrameSink;
import jpasst.frame.SoftwareOffload;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Processes;
import jpasst.listen.PortForwarding;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.log.StandardError;
import jpasst.loop.AfterBatch;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventStatistics;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.loop.HandlerFailure;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.pcap.Capture;
import jpasst.pcap.PcapSink;
import jpasst.ping.PingFlows;
import jpasst.responder.ArpResponder;
import jpasst.responder.NeighborMirror;
import jpasst.responder.Services;
import jpasst.splice.SpliceFlows;
import jpasst.tap.GuestLink;
import jpasst.tap.TapDevice;
import jpasst.tap.TapInput;
import jpasst.tcp.TcpFlows;
import jpasst.tcp.TcpListening;
import jpasst.udp.UdpFlows;
import jpasst.udp.UdpSettings;
import jpasst.udp.UdpTimeouts;

/**
 * One event loop and all that it owns: flow table, timers, buffers, protocols. Nothing is shared
 * with another worker but what is immutable, so several could stand side by side.
 */
final class Worker {
    private static final int INITIAL_TIMERS = 256;
    private static final int KEY_BYTES = 16;
    private static final long SECOND_NS = 1_000_000_000L;

    private final Counters counters;
    private final Log log;
    private final RateLimit failures;
    private final EventLoop loop;
    private final TimingWheel wheel;
    private final FlowTable table;
    private final Reclaiming reclaiming;
    private final Forwarding forwarding;
    private final GuestLink link;
    private final Capture capture;
    private final TcpFlows tcp;
    private final UdpFlows udp;
    /** Null where there is no namespace whose sockets could be reached. */
    private final SpliceFlows splice;
    private final ArpResponder arp;
    private final Services services;
    private final NeighborMirror mirror;
    private final FrameHandler input;
    /** Null where the guest does not come by itself. */
    private AfterBatch listener;
    /** Null until ports are forwarded. */
    private PortForwarding ports;
    /** Set once the command has ended, with its exit status; null before. */
    private Lingering lingering;
    private int commandStatus;
    /** Why the loop cannot go on; null while it can. */
    private String failure;

    /**
     * Makes all parts and joins them.
     *
     * @param arena for memory that lives as long as the worker
     * @param link to the guest
     * @param namespace makes sockets inside; null if there are none
     * @param capture null if none is wanted
     */
    Worker(Arena arena, Settings settings, NetworkPlan plan, GuestLink link,
            NamespaceSockets namespace, Capture capture, Counters counters, Log log) {
        Addresses addresses = plan.addresses();
        this.link = link;
        this.capture = capture;
        this.counters = counters;
        this.log = log;
        failures = new RateLimit(log, Level.ERROR);
        loop = new EventLoop(new Failures());
        showStatistics(settings.log().statsDelay());
        wheel = new TimingWheel(INITIAL_TIMERS, Clock.monotonicNs());
        forwarding = new Forwarding(addresses, settings.forwarding().splice(), log);
        table = makeTable(forwarding);
        reclaiming = new Reclaiming(table, wheel, new Collection());
        FrameSink made = sink(arena, link, capture);
        FrameSink sink = log.tracing() ? new TracedSink(made, log) : made;
        var sockets = new SideSockets(addresses, namespace, arena);
        tcp = new TcpFlows(arena, HostSysctl.tcp(settings.addresses().mtu()), table, addresses,
                sink, loop, wheel, counters, log);
        udp = new UdpFlows(new UdpSettings(UdpTimeouts.ofHost(), settings.forwarding().freebind()),
                table, loop, addresses, forwarding, sockets, sink, counters, log, arena);
        var ping = new PingFlows(table, loop, addresses, sink, counters, log, arena);
        splice = namespace == null ? null
                : new SpliceFlows(arena, table, loop, sockets, counters, log);
        arp = new ArpResponder(addresses, sink, counters, arena);
        services = new Services(addresses, plan.services(), sink, counters, log, arena);
        mirror = new NeighborMirror(addresses, arp, services, log);
        mirror.start(loop, arena);
        register(FlowType.TCP, tcp, tcp);
        register(FlowType.UDP, udp, udp);
        register(FlowType.PING4, ping, ping);
        register(FlowType.PING6, ping, ping);
        if (splice != null) register(FlowType.TCP_SPLICE, splice, splice);
        ProtocolOptions wanted = settings.protocols();
        var protocols = new Protocols(wanted.tcp() ? tcp : null, wanted.udp() ? udp : null,
                wanted.icmp() ? ping : null, services, counters);
        FrameHandler fromTap = new FromTap(arp, protocols, table, addresses, counters, log);
        FrameHandler traced = log.tracing() ? new TracedInput(fromTap, counters, log) : fromTap;
        input = capture == null ? traced : new CapturedInput(traced, capture);
        loop.afterBatch(new Round());
    }

    /** Shows numbers of events on standard error, wherever messages go, if that is wanted. */
    private void showStatistics(int delaySeconds) {
        if (delaySeconds == 0) return;
        loop.statistics(new EventStatistics(delaySeconds * SECOND_NS, new StandardError(false)));
    }

    private void register(FlowType type, FlowHandler handler, EventHandler events) {
        table.handler(type, handler);
        loop.handler(type.eventType(), events);
    }

    private FlowTable makeTable(Forwarding forwarding) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES, Long.BYTES);
            Errno.check("getrandom", Processes.getrandom(key, 0, KEY_BYTES));
            return new FlowTable(FlowTable.MAX_FLOWS, key.get(ValueLayout.JAVA_LONG, 0),
                    key.get(ValueLayout.JAVA_LONG, Long.BYTES), forwarding, log, counters);
        }
    }

    private static FrameSink sink(Arena arena, GuestLink link, Capture capture) {
        FrameSink sink = capture == null ? link : new PcapSink(link, capture);
        boolean offloads = link.takesPartialChecksums();
        if (offloads && link.takesUdpSegments()) return sink;
        return new SoftwareOffload(sink, arena, offloads, offloads, offloads,
                link.takesUdpSegments());
    }

    /** Reads the guest's frames from a device from now on. */
    void watch(Arena arena, TapDevice device) {
        loop.handler(EventType.TAP_DEVICE,
                new TapInput(arena, device, input, counters, new TapEnd()));
        Errno.check("epoll_ctl", loop.add(device.fd(), Epoll.EPOLLIN,
                EventTag.of(EventType.TAP_DEVICE, device.fd(), 0)));
    }

    /** Lets who waits for the guest have its turn at the end of each round. */
    void listener(AfterBatch listener) {
        this.listener = listener;
    }

    /** Handles the guest's frames, for links that read them on their own. */
    FrameHandler input() {
        return input;
    }

    /**
     * Listens where the rules say.
     *
     * @param forwarder that makes the sockets
     * @throws jpasst.listen.ListenException if a port cannot be had
     */
    void forward(Arena arena, Rules rules, PortForwarding forwarder) {
        forwarding.rules(rules);
        loop.handler(EventType.TCP_LISTEN,
                new TcpListening(arena, table, tcp, splice, forwarder, counters, log));
        loop.handler(EventType.UDP_LISTEN, udp.listening(forwarder, arena));
        forwarder.start(rules, Clock.monotonicNs());
        ports = forwarder;
    }

    /** The loop, for events of others. */
    EventLoop loop() {
        return loop;
    }

    /** Asks for the guest's MAC addresses, so that it can be reached before it ever spoke. */
    void askForGuest() {
        arp.askForGuest();
        services.askForGuest();
        mirror.announcing(true);
    }

    /**
     * Serves events until somebody stops the loop: the exit status.
     *
     * @throws StartException if there is nothing left to serve
     */
    int run() {
        int status = loop.run();
        // The round in which it was stopped had frames, too.
        if (capture != null) capture.close();
        if (log.debugging()) logCounters();
        if (failure != null) throw new StartException(failure);
        return status;
    }

    /** Ends the loop as soon as what the command sent is delivered. Loop thread only. */
    void commandEnded(int status) {
        commandStatus = status;
        lingering = new Lingering(Clock.monotonicNs());
    }

    /** When to look again whether all is delivered. */
    private long linger(long nowNs) {
        var uploads = new Uploads();
        table.forEachActive(uploads);
        long passedOn = counters.get(Counter.TCP_BYTES_TO_SOCKETS)
                + counters.get(Counter.TCP_SPLICED_BYTES);
        long nextNs = lingering.look(nowNs, counters.get(Counter.FRAMES_FROM_TAP), passedOn,
                uploads.found);
        if (nextNs == Lingering.OVER) loop.stop(commandStatus);
        return nextNs;
    }

    /** The guest is there: it is asked for, and told of the network now and then. */
    void guestCame() {
        askForGuest();
        services.guestCame(Clock.monotonicNs());
    }

    /** The guest is gone, for now. */
    void guestLeft() {
        services.guestLeft();
        mirror.announcing(false);
    }

    private void logCounters() {
        for (Counter counter : Counter.values()) {
            long count = counters.get(counter);
            if (count != 0) log.debug(counter + " " + count);
        }
    }

    // Classes rather than lambdas, which take long to link on the way to the start.

    /** What every round of the loop ends with. */
    private final class Round implements AfterBatch {
        @Override
        public long run(long nowNs) {
            if (link.hasRoom()) tcp.readMore(nowNs);
            if (splice != null) splice.forwardMore(nowNs);
            wheel.expire(nowNs, tcp);
            tcp.endBatch(nowNs);
            table.runDeferred(nowNs);
            long nextNs = ports == null ? Long.MAX_VALUE : ports.run(nowNs);
            nextNs = Math.min(nextNs, services.run(nowNs));
            nextNs = Math.min(nextNs, reclaiming.run(nowNs));
            if (listener != null) nextNs = Math.min(nextNs, listener.run(nowNs));
            link.flush();
            if (capture != null) capture.flush();
            if (lingering != null) nextNs = Math.min(nextNs, linger(nowNs));
            if (isBusy()) return nowNs;
            return Math.min(nextNs, Math.min(wheel.nextDeadlineNs(), table.nextDeadlineNs()));
        }

        /** Whether there is more to do without waiting for anything. */
        private boolean isBusy() {
            return tcp.moreToRead() && link.hasRoom() || splice != null && splice.moreToForward();
        }
    }

    /** Looks for connections by which something is still to come from the namespace. */
    private final class Uploads implements Consumer<Flow> {
        private boolean found;

        @Override
        public void accept(Flow flow) {
            found |= flow.type() == FlowType.TCP && tcp.isUploading(flow)
                    || flow.type() == FlowType.TCP_SPLICE && splice.isUploading(flow);
        }
    }

    /** A whole one, after which the serial collector gives back what is free. */
    private static final class Collection implements Runnable {
        @Override
        public void run() {
            System.gc();
        }
    }

    private final class TapEnd implements Runnable {
        @Override
        public void run() {
            failure = "the tap device is gone: was the interface deleted?";
            loop.stop(1);
        }
    }

    /** A bug of ours costs what was being handled, never the program. */
    private final class Failures implements HandlerFailure {
        @Override
        public void report(EventType type, Throwable cause) {
            counters.increment(Counter.HANDLER_EXCEPTIONS);
            table.abandonConstruction();
            failures.log(Clock.monotonicNs(), "internal error handling "
                    + (type == null ? "deferred work" : type.name()) + ": " + cause);
            if (log.debugging()) cause.printStackTrace();
        }
    }
}
