// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.config.NamespaceOptions;
import jpasst.config.NetworkPlan;
import jpasst.config.Settings;
import jpasst.forward.NamespaceSocketPool;
import jpasst.forward.NamespaceSockets;
import jpasst.isolation.Isolation;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.listen.PortScan;
import jpasst.listen.ProcNetFiles;
import jpasst.log.Log;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.namespace.Command;
import jpasst.namespace.CommandSettings;
import jpasst.namespace.InsideTask;
import jpasst.namespace.InsideThread;
import jpasst.namespace.NamespaceWatch;
import jpasst.tap.NoGuest;
import jpasst.tap.TapDevice;

/**
 * pasta: connects a network namespace. Makes the parts in the order in which each needs the one
 * before (spec of start-up: host's network, namespace, tap, loop, command), joins them, and runs
 * the loop on the calling thread.
 */
final class Pasta {
    private final Foundation base;
    private final Settings settings;
    private final Log log;
    /** Of a namespace that is joined; null if that may go without us. */
    private NamespaceWatch watch;

    Pasta(Foundation base) {
        this.base = base;
        settings = base.settings();
        log = base.log();
    }

    /** Runs until the command ends, the namespace is gone or a signal comes: the exit status. */
    int run() {
        var plan = base.plan();
        var inside = enter();
        Isolation.leaveNetworkAlone();
        base.showBanner();
        var device = openTap(plan, inside);
        inside.call(new ConfigureNamespace(device == null ? null : device.name(),
                settings.namespace(), plan, log));
        var sockets = new NamespaceSocketPool(inside);
        var worker = base.worker(device == null ? new NoGuest() : device, sockets);
        if (device != null) worker.watch(base.arena(), device);
        forward(worker, sockets, inside);
        EndOnSignal.watch(worker.loop());
        watchNamespace(worker.loop());
        if (device != null && settings.namespace().configure()) worker.askForGuest();
        shutIn(worker, inside);
        base.messages().started();
        return worker.run();
    }

    /** The tap, or null with {@code --splice-only}. */
    private TapDevice openTap(NetworkPlan plan, InsideThread inside) {
        if (settings.forwarding().splice().spliceOnly()) return null;
        var device = inside.call(new OpenTap(plan.interfaceName(), base.counters()));
        log.debug("tap interface " + device.name() + ", offloads: " + device.offloadNames());
        return device;
    }

    /** The files in /proc are opened before the command has its own /proc mounted. */
    private void forward(Worker worker, NamespaceSockets sockets, InsideThread inside) {
        if (base.rules().isEmpty()) return;
        base.forward(worker, sockets, base.rules().scan()
                ? new PortScan(ProcNetFiles.open(), inside.call(new OpenProcNet())) : null);
    }

    private InsideThread enter() {
        NamespaceOptions namespace = settings.namespace();
        try {
            if (namespace.target().startsCommand()) return InsideThread.create();
            if (namespace.quitWithNamespace()) watch = NamespaceWatch.of(namespacePath());
            return InsideThread.join(namespacePath());
        } catch (LinuxException e) {
            throw new StartException(namespace.target().startsCommand()
                    ? e.getMessage() + remedy(namespace, e.errno())
                    : "cannot join network namespace " + namespacePath() + ": "
                            + Errno.message(e.errno()));
        }
    }

    private static String remedy(NamespaceOptions namespace, int errno) {
        if (errno != Errno.EPERM) return "";
        return namespace.netnsOnly()
                ? ": with --netns-only that takes root" : ": that user namespace is another user's";
    }

    private String namespacePath() {
        NamespaceOptions namespace = settings.namespace();
        return namespace.target() == NamespaceOptions.Target.PROCESS
                ? "/proc/" + namespace.pid() + "/ns/net" : namespace.netnsPath();
    }

    private void watchNamespace(EventLoop loop) {
        if (watch == null) return;
        loop.handler(watch.type(), new EndWithNamespace(loop, watch, namespacePath(), log));
        watch(loop, watch.type(), watch.fd());
    }

    /**
     * Leaves all that is not needed any more. Without a file system we stay a moment before a
     * command is started, since that is the step which may be refused.
     */
    private void shutIn(Worker worker, InsideThread inside) {
        boolean starts = settings.namespace().target().startsCommand();
        var command = starts ? command() : null;
        var isolation = base.isolation(true, starts,
                watch == null ? NamespaceWatch.NONE : watch.directory());
        isolation.leaveFiles();
        if (starts) {
            base.readiness().ready();
            start(command, worker, inside);
        }
        inside.call(new ShutIn(isolation, starts));
        isolation.seal();
        if (!starts) base.readiness().ready();
    }

    private CommandSettings command() {
        NamespaceOptions namespace = settings.namespace();
        return CommandSettings.ofThisProcess(namespace.command().toArray(new String[0]),
                namespace.pidNamespace(), settings.services().hostName());
    }

    private void start(CommandSettings wanted, Worker worker, InsideThread inside) {
        var command = Command.start(inside, wanted, log);
        worker.loop().handler(EventType.CHILD, new EndWithCommand(worker, command));
        watch(worker.loop(), EventType.CHILD, command.pidfd());
    }

    private static void watch(EventLoop loop, EventType type, int fd) {
        Errno.check("epoll_ctl", loop.add(fd, Epoll.EPOLLIN, EventTag.of(type, fd, 0)));
    }

    private static final class OpenProcNet
            implements InsideTask<ProcNetFiles, RuntimeException> {
        @Override
        public ProcNetFiles run() {
            return ProcNetFiles.open();
        }
    }

    /** The inside thread has a file system of its own if there is a command to share it with. */
    private record ShutIn(Isolation isolation, boolean apart)
            implements InsideTask<Void, RuntimeException> {
        @Override
        public Void run() {
            if (apart) isolation.exile();
            else isolation.disarm();
            return null;
        }
    }

    // Not lambdas: the first ones of a program are linked for tens of milliseconds.

    private record EndWithNamespace(EventLoop loop, NamespaceWatch watch, String path, Log log)
            implements EventHandler {
        @Override
        public void onEvent(int fd, int payload, int events, long nowNs) {
            if (!watch.gone()) return;
            log.info("namespace " + path + " is gone, exiting");
            loop.stop(0);
        }
    }

    private record EndWithCommand(Worker worker, Command command) implements EventHandler {
        @Override
        public void onEvent(int fd, int payload, int events, long nowNs) {
            int status = command.reap();
            if (status == -Errno.EAGAIN) return;
            worker.loop().remove(fd);
            worker.commandEnded(status);
        }
    }
}
