// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.config.Settings;
import jpasst.datapath.FromTap;
import jpasst.flow.FlowTable;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.frame.FrameSink;
import jpasst.frame.SoftwareOffload;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Processes;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.tap.TapDevice;
import jpasst.tap.TapInput;
import jpasst.tcp.TcpFlows;

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
    private final TcpFlows tcp;

    /** @param arena for memory that lives as long as the worker */
    Worker(Arena arena, Settings settings, Addresses addresses, TapDevice device,
            Counters counters, Log log) {
        this.counters = counters;
        this.log = log;
        failures = new RateLimit(log, Level.ERROR);
        loop = new EventLoop(this::failed);
        wheel = new TimingWheel(INITIAL_TIMERS, Clock.monotonicNs());
        table = makeTable(new Forwarding(addresses, log));
        FrameSink sink = sink(arena, device);
        tcp = new TcpFlows(arena, HostSysctl.tcp(settings.addresses().mtu()), table, addresses,
                sink, loop, wheel, counters, log);
        loop.handler(EventType.TCP, tcp);
        var fromTap = new FromTap(tcp, addresses, counters);
        var input = new TapInput(arena, device, fromTap, counters, this::tapGone);
        loop.handler(EventType.TAP_DEVICE, input);
        Errno.check("epoll_ctl", loop.add(device.fd(), Epoll.EPOLLIN,
                EventTag.of(EventType.TAP_DEVICE, device.fd(), 0)));
        loop.afterBatch(this::afterBatch);
    }

    private FlowTable makeTable(Forwarding forwarding) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(KEY_BYTES, Long.BYTES);
            Errno.check("getrandom", Processes.getrandom(key, 0, KEY_BYTES));
            return new FlowTable(FlowTable.MAX_FLOWS, key.get(ValueLayout.JAVA_LONG, 0),
                    key.get(ValueLayout.JAVA_LONG, Long.BYTES), forwarding, log, counters);
        }
    }

    private static FrameSink sink(Arena arena, TapDevice device) {
        boolean offloads = device.takesPartialChecksums();
        if (offloads && device.takesUdpSegments()) return device;
        return new SoftwareOffload(device, arena, offloads, offloads, offloads,
                device.takesUdpSegments());
    }

    /** The loop, for events of others. */
    EventLoop loop() {
        return loop;
    }

    void start(boolean configured) {
    }

    /** Serves events until somebody stops the loop: the exit status. */
    int run() {
        return loop.run();
    }

    /** What every round ends with; when to come back without any event. */
    private long afterBatch(long nowNs) {
        tcp.readMore(nowNs);
        wheel.expire(nowNs, tcp);
        tcp.endBatch(nowNs);
        table.runDeferred(nowNs);
        if (tcp.moreToRead()) return nowNs;
        return Math.min(wheel.nextDeadlineNs(), table.nextDeadlineNs());
    }

    private void tapGone() {
        log.error("the tap device is gone: was the interface deleted?");
        loop.stop(1);
    }

    /** A bug of ours costs what was being handled, never the program. */
    private void failed(EventType type, Throwable cause) {
        counters.increment(Counter.HANDLER_EXCEPTIONS);
        table.abandonConstruction();
        failures.log(Clock.monotonicNs(), "internal error handling "
                + (type == null ? "deferred work" : type.name()) + ": " + cause);
        if (log.debugging()) cause.printStackTrace();
    }
}
