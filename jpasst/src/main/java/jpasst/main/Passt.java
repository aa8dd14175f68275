// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.config.Banner;
import jpasst.config.GuestOptions;
import jpasst.config.Settings;
import jpasst.linux.Clock;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
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
    private final Foundation base;
    private final Settings settings;
    private final Log log;
    private Worker worker;

    Passt(Foundation base) {
        this.base = base;
        settings = base.settings();
        log = base.log();
    }

    /** Runs until a signal comes, or the one client that is wanted leaves: the exit status. */
    int run() {
        var socket = settings.guest().fd() == GuestOptions.NO_FD ? listen() : null;
        base.showBanner();
        if (socket != null) Banner.showUse(socket.path(), log);
        var tap = new StreamTap(base.arena(), new Clients(), base.counters(), log);
        worker = base.worker(tap, null);
        tap.start(worker.loop(), worker.input());
        if (!base.rules().isEmpty()) base.forward(worker, null, null);
        EndOnSignal.watch(worker.loop());
        if (socket == null) connect(tap);
        else watch(socket, tap);
        shutIn();
        base.readiness().ready();
        base.messages().started();
        return worker.run();
    }

    private void shutIn() {
        var isolation = base.isolation(false, false, -1);
        isolation.leaveFiles();
        isolation.seal();
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
