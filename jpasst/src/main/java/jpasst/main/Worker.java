// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.config.ProtocolOptions;
import jpasst.config.Settings;
import jpasst.datapath.CapturedInput;
import jpasst.datapath.FromTap;
import jpasst.datapath.Protocols;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.frame.FrameHandler;
import jpasst.frame.FrameSink;
import jpasst.frame.SoftwareOffload;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Processes;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.AfterBatch;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
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
import jpasst.responder.Services;
import jpasst.responder.ServiceSettings;
import jpasst.tap.TapDevice;
import jpasst.tap.TapInput;
import jpasst.tcp.TcpFlows;
import jpasst.udp.UdpFlows;
import jpasst.udp.UdpTimeouts;

/**
 * One event loop and all that it owns: flow table, timers, buffers, protocols. Nothing is shared
 * with another worker but what is immutable, so several could stand side by side.
 */
final class Worker {
    private static final int INITIAL_TIMERS = 256;
    private static final int KEY_BYTES = 16;

    private final Counters counters;
    private final Log log;
    private final RateLimit failures;
    private final EventLoop loop;
    private final TimingWheel wheel;
    private final FlowTable table;
    private final Capture capture;
    private final TcpFlows tcp;
    private final ArpResponder arp;
    private final Services services;
    /** Set once the command has ended, with its exit status; null before. */
    private Lingering lingering;
    private int commandStatus;

    /**
     * Makes all parts and joins them.
     *
     * @param arena for memory that lives as long as the worker
     * @param capture null if none is wanted
     */
    Worker(Arena arena, Settings settings, Addresses addresses, ServiceSettings offered,
            TapDevice device, Capture capture, Counters counters, Log log) {
        this.capture = capture;
        this.counters = counters;
        this.log = log;
        failures = new RateLimit(log, Level.ERROR);
        loop = new EventLoop(new Failures());
        wheel = new TimingWheel(INITIAL_TIMERS, Clock.monotonicNs());
        var forwarding = new Forwarding(addresses, log);
        table = makeTable(forwarding);
        FrameSink sink = sink(arena, device, capture);
        ProtocolOptions wanted = settings.protocols();
        tcp = new TcpFlows(arena, HostSysctl.tcp(settings.addresses().mtu()), table, addresses,
                sink, loop, wheel, counters, log);
        var udp = new UdpFlows(UdpTimeouts.ofHost(), table, loop, addresses, forwarding, sink,
                counters, log, arena);
        var ping = new PingFlows(table, loop, addresses, sink, counters, log, arena);
        arp = new ArpResponder(addresses, sink, counters, arena);
        services = new Services(addresses, offered, sink, counters, log, arena);
        register(FlowType.TCP, tcp, tcp);
        register(FlowType.UDP, udp, udp);
        register(FlowType.PING4, ping, ping);
        register(FlowType.PING6, ping, ping);
        var protocols = new Protocols(wanted.tcp() ? tcp : null, wanted.udp() ? udp : null,
                wanted.icmp() ? ping : null, services, counters);
        FrameHandler input = new FromTap(arp, protocols, table, addresses, counters, log);
        watchTap(arena, device, capture == null ? input : new CapturedInput(input, capture));
        loop.afterBatch(new Round());
    }

    private void register(FlowType type, FlowHandler handler, EventHandler events) {
        table.handler(type, handler);
        loop.handler(type.eventType(), events);
    }

    private void watchTap(Arena arena, TapDevice device, FrameHandler handler) {
        loop.handler(EventType.TAP_DEVICE,
                new TapInput(arena, device, handler, counters, new TapEnd()));
        Errno.check("epoll_ctl", loop.add(device.fd(), Epoll.EPOLLIN,
                EventTag.of(EventType.TAP_DEVICE, device.fd(), 0)));
    }

    private FlowTable makeTable(Forwarding forwarding) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES, Long.BYTES);
            Errno.check("getrandom", Processes.getrandom(key, 0, KEY_BYTES));
            return new FlowTable(FlowTable.MAX_FLOWS, key.get(ValueLayout.JAVA_LONG, 0),
                    key.get(ValueLayout.JAVA_LONG, Long.BYTES), forwarding, log, counters);
        }
    }

    private static FrameSink sink(Arena arena, TapDevice device, Capture capture) {
        FrameSink sink = capture == null ? device : new PcapSink(device, capture);
        boolean offloads = device.takesPartialChecksums();
        if (offloads && device.takesUdpSegments()) return sink;
        return new SoftwareOffload(sink, arena, offloads, offloads, offloads,
                device.takesUdpSegments());
    }

    /** The loop, for events of others. */
    EventLoop loop() {
        return loop;
    }

    /** Asks for the guest's MAC addresses, so that it can be reached before it ever spoke. */
    void askForGuest() {
        arp.askForGuest();
        services.askForGuest();
    }

    /** Serves events until somebody stops the loop: the exit status. */
    int run() {
        int status = loop.run();
        if (log.debugging()) logCounters();
        return status;
    }

    /** Ends the loop as soon as what the command sent is delivered. Loop thread only. */
    void commandEnded(int status) {
        commandStatus = status;
        lingering = new Lingering(Clock.monotonicNs());
    }

    /** When to look again whether all is delivered. */
    private long linger(long nowNs) {
        long nextNs = lingering.look(nowNs, counters.get(Counter.FRAMES_FROM_TAP),
                counters.get(Counter.TCP_BYTES_TO_SOCKETS), tcp.uploadsPending());
        if (nextNs == Lingering.OVER) loop.stop(commandStatus);
        return nextNs;
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
            tcp.readMore(nowNs);
            wheel.expire(nowNs, tcp);
            tcp.endBatch(nowNs);
            table.runDeferred(nowNs);
            if (capture != null) capture.flush();
            long nextNs = lingering == null ? Long.MAX_VALUE : linger(nowNs);
            if (tcp.moreToRead()) return nowNs;
            nextNs = Math.min(nextNs, services.run(nowNs));
            return Math.min(nextNs, Math.min(wheel.nextDeadlineNs(), table.nextDeadlineNs()));
        }
    }

    private final class TapEnd implements Runnable {
        @Override
        public void run() {
            log.error("the tap device is gone: was the interface deleted?");
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
