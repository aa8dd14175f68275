// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import jpasst.config.Banner;
import jpasst.config.NamespaceOptions;
import jpasst.config.NetworkPlan;
import jpasst.config.Settings;
import jpasst.forward.Addresses;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Interface;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.linux.Signals;
import jpasst.linux.Tun;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.metrics.Counters;
import jpasst.namespace.Command;
import jpasst.namespace.CommandSettings;
import jpasst.namespace.InsideThread;
import jpasst.namespace.NamespaceWatch;
import jpasst.netlink.NamespaceConfigurator;
import jpasst.netlink.NamespaceState;
import jpasst.pcap.Capture;
import jpasst.tap.TapDevice;

/**
 * pasta: connects a network namespace. Makes the parts in the order in which each needs the one
 * before (spec of start-up: host's network, namespace, tap, loop, command), joins them, and runs
 * the loop on the calling thread.
 */
final class Pasta {
    private final Settings settings;
    private final Readiness readiness;
    private final Log log;
    private final Counters counters = new Counters();

    Pasta(Settings settings, Readiness readiness) {
        this.settings = settings;
        this.readiness = readiness;
        log = new Log().standardError(level());
    }

    private Level level() {
        if (settings.log().trace()) return Level.TRACE;
        if (settings.log().debug()) return Level.DEBUG;
        return settings.log().quiet() ? Level.WARNING : Level.INFO;
    }

    /** Runs until the command ends, the namespace is gone or a signal comes: the exit status. */
    int run() {
        for (String warning : settings.warnings()) log.warn(warning);
        Processes.raiseLimit(Processes.RLIMIT_NOFILE);
        readiness.openPidFile(settings.process().pidFile());
        var plan = NetworkPlan.discover(settings, log);
        var inside = enter();
        Banner.show(plan, log);
        var device = inside.call(() -> openTap(plan.interfaceName()));
        log.debug("tap interface " + device.name() + ", offloads: " + device.offloadNames());
        inside.call(() -> configure(plan, device.name()));
        var arena = Arena.ofShared();
        var capture = settings.captureFile() == null
                ? null : Capture.open(settings.captureFile(), arena, log);
        var worker = new Worker(arena, settings, plan.addresses(), device, capture, counters,
                log);
        watchSignals(worker.loop());
        watchNamespace(worker.loop());
        if (settings.namespace().configure()) worker.askForGuest();
        readiness.ready();
        startCommand(worker.loop(), inside);
        return worker.run();
    }

    private InsideThread enter() {
        NamespaceOptions namespace = settings.namespace();
        if (namespace.target().startsCommand()) return InsideThread.create();
        try {
            return InsideThread.join(namespacePath());
        } catch (LinuxException e) {
            throw new StartException("cannot join network namespace " + namespacePath() + ": "
                    + Errno.message(e.errno()));
        }
    }

    private String namespacePath() {
        NamespaceOptions namespace = settings.namespace();
        return namespace.target() == NamespaceOptions.Target.PROCESS
                ? "/proc/" + namespace.pid() + "/ns/net" : namespace.netnsPath();
    }

    private TapDevice openTap(String name) {
        try {
            return TapDevice.open(name, TapDevice.allOffloads(), counters);
        } catch (LinuxException e) {
            throw new StartException(e.getMessage() + remedy(e.errno()));
        }
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.EACCES -> ": this user may not use it; as root: chmod 0666 " + Tun.DEVICE;
            case Errno.ENOENT, Errno.ENODEV -> ": is the kernel module tun loaded?";
            case Errno.EBUSY -> ": the namespace has an interface of that name; choose another"
                    + " with --ns-ifname";
            default -> "";
        };
    }

    /** Sets the interface up, as far as the user wants; on the inside thread. */
    private Void configure(NetworkPlan plan, String name) {
        int index = Errno.check("interface " + name, Interface.index(name));
        try (var configurator = new NamespaceConfigurator(log)) {
            configurator.loopbackUp();
            long mac = settings.namespace().macAddress();
            if (mac >= 0) configurator.macAddress(index, mac);
            plan.addresses().guestMac(configurator.macAddress(index));
            if (settings.namespace().configure()) {
                apply(plan.addresses(), configurator.configure(index, plan.namespace()));
            }
        }
        return null;
    }

    private static void apply(Addresses addresses, NamespaceState state) {
        if (!state.v4()) addresses.v4().templateIndex(0);
        if (!state.v6()) addresses.v6().templateIndex(0);
        if (state.linkLocal() != null) {
            addresses.learnV6(state.linkLocal().high(), state.linkLocal().low());
        }
    }

    /** SIGTERM and SIGQUIT, which the launcher blocked, end the program without an error. */
    private void watchSignals(EventLoop loop) {
        int fd = Errno.check("signalfd", Signals.descriptor(
                Signals.SFD_NONBLOCK | Signals.SFD_CLOEXEC, Signals.SIGTERM, Signals.SIGQUIT));
        loop.handler(EventType.SIGNAL, (descriptor, payload, events, nowNs) -> loop.stop(0));
        watch(loop, EventType.SIGNAL, fd);
    }

    private void watchNamespace(EventLoop loop) {
        if (settings.namespace().target().startsCommand()) return;
        var watch = NamespaceWatch.of(namespacePath());
        EventType type = watch.timer() ? EventType.NAMESPACE_TIMER : EventType.NAMESPACE_INOTIFY;
        loop.handler(type, (descriptor, payload, events, nowNs) -> {
            if (!watch.gone()) return;
            log.info("namespace " + namespacePath() + " is gone, exiting");
            loop.stop(0);
        });
        watch(loop, type, watch.fd());
    }

    private void startCommand(EventLoop loop, InsideThread inside) {
        NamespaceOptions namespace = settings.namespace();
        if (!namespace.target().startsCommand()) return;
        var words = namespace.command().toArray(String[]::new);
        var command = Command.start(inside,
                CommandSettings.ofThisProcess(words, true, null), log);
        loop.handler(EventType.CHILD, (descriptor, payload, events, nowNs) -> {
            int status = command.reap();
            if (status != -Errno.EAGAIN) loop.stop(status);
        });
        watch(loop, EventType.CHILD, command.pidfd());
    }

    private static void watch(EventLoop loop, EventType type, int fd) {
        Errno.check("epoll_ctl", loop.add(fd, Epoll.EPOLLIN, EventTag.of(type, fd, 0)));
    }
}
