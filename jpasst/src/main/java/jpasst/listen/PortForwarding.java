// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.ArrayList;
import java.util.List;

import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.NamespaceSockets;
import jpasst.forward.Rules;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * Listens as the forwarding rules say. The sockets' events go to whoever handles
 * {@link jpasst.loop.EventType#TCP_LISTEN} and {@code UDP_LISTEN}, with a {@link ListenTag}. Loop
 * thread only, also before the loop runs.
 */
public final class PortForwarding implements Pausing, AutoCloseable {
    /** How often to look at what is bound on the other side. */
    static final long FOLLOW_NS = 1_000_000_000;

    private final SocketMaker maker;
    private final BoundPorts scan;
    private final AutoPorts auto;
    private final Counters counters;
    private final Log log;
    private final PifSockets host;
    private final PifSockets splice;
    private final PausedSockets paused = new PausedSockets();
    private long followNs = Long.MAX_VALUE;
    private long scanBytes;

    /**
     * Listens nowhere yet.
     *
     * @param namespace for rules of {@link Rules#splice}, null if there will be none
     * @param scan for rules that scan, null if there will be none
     */
    public PortForwarding(ListenSettings settings, EventLoop loop, Addresses addresses,
            NamespaceSockets namespace, PortScan scan, Counters counters, Log log) {
        this(new ListeningSockets(settings, loop, addresses, namespace), scan, counters, log);
    }

    PortForwarding(SocketMaker maker, BoundPorts scan, Counters counters, Log log) {
        this.maker = maker;
        this.scan = scan;
        this.counters = counters;
        this.log = log;
        auto = scan == null ? null : new AutoPorts(scan);
        host = new PifSockets(Pif.HOST, maker, counters, log);
        splice = new PifSockets(Pif.SPLICE, maker, counters, log);
    }

    /**
     * Looks for the first time at what is bound, and makes all sockets.
     *
     * @param nowNs CLOCK_MONOTONIC time
     * @throws ListenException if a port of a rule that is not weak cannot be had, or none of the
     *     ports of a rule that does not scan; nothing is listened on then
     */
    public void start(Rules rules, long nowNs) {
        List<String> failures = replace(rules, nowNs);
        if (!failures.isEmpty()) {
            close();
            throw new ListenException(failures.get(0));
        }
    }

    /**
     * Replaces the rules. Sockets on which the new ones listen as well stay open and lose no
     * connection, new ones are made before others are closed. The new rules are in force even if
     * ports cannot be had; where that may pass they are tried again each second.
     *
     * @param nowNs CLOCK_MONOTONIC time
     * @return what failed, a line for each rule, as it was logged; empty if all went well
     */
    public List<String> rules(Rules rules, long nowNs) {
        List<String> failures = replace(rules, nowNs);
        for (int i = 0; i < failures.size(); i++) {
            log.warn(failures.get(i));
        }
        return failures;
    }

    private List<String> replace(Rules rules, long nowNs) {
        if (auto == null && rules.scan()) {
            throw new IllegalArgumentException("rules that scan, but nothing to look at");
        }
        host.adopt(rules.host());
        splice.adopt(rules.splice());
        look();
        openAll();
        // Not ||: both must close.
        if (host.closeLeaving() | splice.closeLeaving()) {
            openAll();
        }
        var failures = new ArrayList<String>();
        host.report(failures);
        splice.report(failures);
        followLater(nowNs);
        return failures;
    }

    private void openAll() {
        host.openAll(auto);
        settle();
        splice.openAll(auto);
    }

    private void look() {
        if (auto == null) {
            return;
        }
        auto.look(host, splice);
        long bytes = scan.bytesRead();
        if (bytes != scanBytes) {
            counters.increment(Counter.PORT_SCANS);
            counters.add(Counter.PORT_SCAN_BYTES, bytes - scanBytes);
            scanBytes = bytes;
        }
    }

    private void settle() {
        if (auto != null) {
            auto.settle(host);
        }
    }

    /**
     * Does what is due: follows the ports bound on the other side, tries again what failed, ends
     * pauses. Cheap if nothing is.
     *
     * @param nowNs CLOCK_MONOTONIC time, of the round
     * @return when it must be called again, {@link Long#MAX_VALUE} if only after another call
     */
    public long run(long nowNs) {
        paused.date(nowNs);
        while (paused.deadlineNs() <= nowNs) {
            resume(paused.socket(), paused.payload());
            paused.remove();
        }
        if (nowNs >= followNs) {
            look();
            host.follow(auto);
            settle();
            splice.follow(auto);
            followLater(nowNs);
        }
        return Math.min(followNs, paused.deadlineNs());
    }

    private void followLater(long nowNs) {
        boolean needed = host.needsFollowing() || splice.needsFollowing();
        followNs = needed ? nowNs + FOLLOW_NS : Long.MAX_VALUE;
    }

    @Override
    public void pause(int fd, int payload) {
        maker.pause(fd);
        paused.add(fd, payload);
        counters.increment(Counter.LISTENERS_PAUSED);
    }

    /** A socket that was closed meanwhile is not ours any more, even if its number is in use. */
    private void resume(int fd, int payload) {
        sockets(ListenTag.pif(payload)).resume(fd, ListenTag.port(payload));
    }

    private PifSockets sockets(Pif pif) {
        return pif == Pif.HOST ? host : splice;
    }

    /** Listens nowhere any more. */
    @Override
    public void close() {
        host.close();
        splice.close();
        followNs = Long.MAX_VALUE;
    }
}
