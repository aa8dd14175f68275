// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.TargetChooser;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * What a protocol's handler needs around it, with a fake tap and a clock the test moves: the guest
 * is 10.0.0.5 and fd00::5, its gateway 10.0.0.1 and fe80::1; 10.0.0.2 and fd00::2 mean the host's
 * loopback. All on the thread that makes it, which should be in a {@link NetworkSandbox}.
 */
public final class FlowHarness implements AutoCloseable {
    /** The guest. */
    public static final String GUEST4 = "10.0.0.5", GUEST6 = "fd00::5";
    /** The guest's gateway, and our own address on the tap. */
    public static final String GATEWAY4 = "10.0.0.1", GATEWAY6 = "fe80::1";
    /** What means the host's loopback to the guest. */
    public static final String HOST4 = "10.0.0.2", HOST6 = "fd00::2";

    public final Arena arena = Arena.ofShared();
    public final List<String> logged = new ArrayList<>();
    public final Log log = new Log((level, elapsedNs, text) -> logged.add(level + ": " + text));
    public final Counters counters = new Counters();
    public final Addresses addresses = new Addresses(log);
    public final Forwarding forwarding = new Forwarding(addresses, log);
    public final FakeTap tap = new FakeTap();
    public final EventLoop loop;
    public final FlowTable table;
    private long nowNs = 1_000_000_000_000L;

    /** A harness with room for so many flows, forwarded as the program does. */
    public FlowHarness(int capacity) {
        this(capacity, null);
    }

    /**
     * A harness with room for so many flows.
     *
     * @param chooser decides where they go; null for {@link #forwarding}
     */
    public FlowHarness(int capacity, TargetChooser chooser) {
        log.level(Level.DEBUG);
        loop = new EventLoop((type, cause) -> {
            throw new AssertionError("handler of " + type, cause);
        });
        addresses.guestMac(FrameBuilder.GUEST_MAC).ourTapMac(FrameBuilder.OUR_MAC);
        addresses.v4().templateIndex(1).address(IpAddress.parse(GUEST4))
                .ourTapAddress(IpAddress.parse(GATEWAY4)).mapHostLoopback(IpAddress.parse(HOST4));
        addresses.v6().templateIndex(1).address(IpAddress.parse(GUEST6))
                .ourTapAddress(IpAddress.parse(GATEWAY6)).mapHostLoopback(IpAddress.parse(HOST6));
        table = new FlowTable(capacity, 1, 2, chooser == null ? forwarding : chooser, log,
                counters);
        loop.afterBatch(now -> {
            table.runDeferred(nowNs);
            return Long.MAX_VALUE;
        });
    }

    /** Makes this the handler of a type of flows and of their sockets' events. */
    public <H extends EventHandler & FlowHandler> void register(FlowType type, H handler) {
        table.handler(type, handler);
        loop.handler(type.eventType(), (fd, sidx, events, now) ->
                handler.onEvent(fd, sidx, events, nowNs));
    }

    /** The time handlers see; only {@link #advance} moves it. */
    public long nowNs() {
        return nowNs;
    }

    /** Lets seconds pass, then runs the deferred and timer pass. */
    public void advance(double seconds) {
        nowNs += (long) (seconds * 1e9);
        table.runDeferred(nowNs);
    }

    /** Serves real events for some milliseconds, with a pass after each round. */
    public void serve(int milliseconds) {
        loop.runUntil(System.nanoTime() + milliseconds * 1_000_000L);
    }

    /** Serves events until the guest was sent something, for two seconds at most. */
    public RecordedFrame await() {
        long limitNs = System.nanoTime() + 2_000_000_000L;
        while (tap.waiting() == 0 && System.nanoTime() < limitNs) {
            serve(5);
        }
        return tap.take();
    }

    /** The value of a counter. */
    public long count(Counter counter) {
        return counters.get(counter);
    }

    /** Whether something like this was logged. */
    public boolean hasLogged(String part) {
        return logged.stream().anyMatch(line -> line.contains(part));
    }

    @Override
    public void close() {
        loop.close();
        arena.close();
    }
}
