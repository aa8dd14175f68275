// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import jpasst.config.Banner;
import jpasst.config.ForwardingPlan;
import jpasst.config.GuestOptions;
import jpasst.config.NetworkPlan;
import jpasst.config.Settings;
import jpasst.forward.Rules;
import jpasst.linux.Clock;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.listen.ListenSettings;
import jpasst.listen.PortForwarding;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counters;
import jpasst.pcap.Capture;
import jpasst.tap.StreamClientWatch;
import jpasst.tap.StreamListener;
import jpasst.tap.StreamPath;
import jpasst.tap.StreamTap;

/**
 * passt: connects a virtual machine. Makes the parts in the order in which each needs the one
 * before (host's network, socket, loop, ports), joins them, and runs the loop on the calling
 * thread.
 */
final class Passt {
    private final Settings settings;
    private final Readiness readiness;
    private final Log log;
    private final Counters counters = new Counters();
    private Worker worker;

    Passt(Settings settings, Readiness readiness) {
        this.settings = settings;
        this.readiness = readiness;
        log = new Log().standardError(settings.log().level());
    }

    /** Runs until a signal comes, or the one client that is wanted leaves: the exit status. */
    int run() {
        for (String warning : settings.warnings()) log.warn(warning);
        Processes.raiseLimit(Processes.RLIMIT_NOFILE);
        readiness.openPidFile(settings.process().pidFile());
        var plan = NetworkPlan.discover(settings, log);
        var rules = ForwardingPlan.discover(settings, plan.addresses(), log);
        var socket = settings.guest().fd() == GuestOptions.NO_FD ? listen() : null;
        Banner.show(plan, log);
        Banner.show(rules, settings.mode(), log);
        if (socket != null) Banner.showUse(socket.path(), log);
        var arena = Arena.ofShared();
        var capture = settings.captureFile() == null
                ? null : Capture.open(settings.captureFile(), arena, log);
        var tap = new StreamTap(arena, new Clients(), counters, log);
        worker = new Worker(arena, settings, plan, tap, null, capture, counters, log);
        tap.start(worker.loop(), worker.input());
        forward(arena, rules, plan);
        EndOnSignal.watch(worker.loop());
        if (socket == null) connect(tap);
        else watch(socket, tap);
        readiness.ready();
        return worker.run();
    }

    private StreamPath listen() {
        String path = settings.guest().socketPath();
        try {
            var socket = path == null ? StreamPath.probe() : StreamPath.at(path);
            log.info("UNIX domain socket bound at " + socket.path());
            return socket;
        } catch (LinuxException e) {
            throw new StartException(e.errno() == Errno.EADDRINUSE && path != null
                    ? "UNIX socket " + path + " is already in use" : e.getMessage());
        }
    }

    private void forward(Arena arena, Rules rules, NetworkPlan plan) {
        if (rules.isEmpty()) return;
        worker.forward(arena, rules, new PortForwarding(
                new ListenSettings(settings.forwarding().freebind()), worker.loop(),
                plan.addresses(), null, null, counters, log));
    }

    private void connect(StreamTap tap) {
        int fd = settings.guest().fd();
        int rc = tap.connect(fd);
        if (rc < 0) {
            throw new StartException("cannot use descriptor " + fd + ": " + Errno.message(-rc));
        }
    }

    private void watch(StreamPath socket, StreamTap tap) {
        var listener = new StreamListener(tap, log);
        Errno.check("epoll_ctl", listener.start(worker.loop(), socket.fd()));
        worker.listener(listener);
    }

    private final class Clients implements StreamClientWatch {
        private final RateLimit disconnections = new RateLimit(log, Level.INFO);

        @Override
        public void connected() {
            worker.guestCame();
        }

        @Override
        public void disconnected() {
            disconnections.log(Clock.monotonicNs(), "client disconnected");
            worker.guestLeft();
            if (settings.guest().oneOff()) worker.loop().stop(0);
        }
    }
}
