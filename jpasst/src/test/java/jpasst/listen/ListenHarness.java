// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.forward.ForwardRule;
import jpasst.forward.NamespaceSockets;
import jpasst.forward.RuleTable;
import jpasst.forward.Rules;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.loop.EventType;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/** A {@link PortForwarding} with a loop, whose handlers note events and accept connections. */
final class ListenHarness implements AutoCloseable {
    static final int TCP = Sockets.IPPROTO_TCP;
    static final int UDP = Sockets.IPPROTO_UDP;

    /** What a handler was told. */
    record Event(EventType type, int fd, int payload) {
    }

    final List<String> logged = new ArrayList<>();
    final Log log = new Log((level, elapsedNs, text) -> logged.add(level + ": " + text));
    final Counters counters = new Counters();
    final Addresses addresses = new Addresses(log);
    final EventLoop loop = new EventLoop((type, cause) -> {
        throw new AssertionError("handler of " + type, cause);
    });
    final PortForwarding forwarding;
    final List<Event> events = new ArrayList<>();
    boolean accepting = true;
    long nowNs = 1_000_000_000_000L;

    ListenHarness(boolean freebind, NamespaceSockets namespace, PortScan scan) {
        log.level(Level.INFO);
        addresses.v4().templateIndex(1);
        addresses.v6().templateIndex(1);
        forwarding = new PortForwarding(new ListenSettings(freebind), loop, addresses, namespace,
                scan, counters, log);
        loop.handler(EventType.TCP_LISTEN, (fd, payload, mask, now) -> {
            events.add(new Event(EventType.TCP_LISTEN, fd, payload));
            if (accepting) Files.close(Sockets.accept4(fd, Sockets.SOCK_CLOEXEC));
        });
        loop.handler(EventType.UDP_LISTEN, (fd, payload, mask, now) -> {
            events.add(new Event(EventType.UDP_LISTEN, fd, payload));
            if (accepting) Sockets.discard(fd, 1);
        });
    }

    ListenHarness() {
        this(false, null, null);
    }

    /** A rule whose targets are its ports. */
    static ForwardRule rule(int protocol, String address, String interfaceName, int first,
            int last, boolean weak, boolean scan) {
        return new ForwardRule(protocol, address == null ? null : IpAddress.parse(address),
                interfaceName, first, last, first, null, weak, scan);
    }

    static ForwardRule tcp(String address, int port) {
        return rule(TCP, address, null, port, port, false, false);
    }

    static Rules onHost(ForwardRule... rules) {
        return new Rules(new RuleTable(List.of(rules)), RuleTable.EMPTY);
    }

    void start(ForwardRule... rules) {
        forwarding.start(onHost(rules), nowNs);
    }

    List<String> replace(ForwardRule... rules) {
        return forwarding.rules(onHost(rules), nowNs);
    }

    /** Lets time pass, as far as the forwarding is concerned. */
    long advance(double seconds) {
        nowNs += (long) (seconds * 1e9);
        return forwarding.run(nowNs);
    }

    /** Serves what has happened. */
    List<Event> serve() {
        events.clear();
        while (loop.serve(20_000_000, nowNs)) {
            if (!accepting) break;
        }
        return events;
    }

    /** Whether somebody listens there. The connection waits to be accepted. */
    static boolean connects(String address, int port) throws IOException {
        try (var client = new Socket()) {
            client.connect(new InetSocketAddress(InetAddress.getByName(address), port), 2000);
            return true;
        } catch (java.net.ConnectException refused) {
            return false;
        }
    }

    long count(Counter counter) {
        return counters.get(counter);
    }

    @Override
    public void close() {
        forwarding.close();
        loop.close();
    }
}
