// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import jpasst.config.Banner;
import jpasst.config.ForwardingPlan;
import jpasst.config.NetworkPlan;
import jpasst.config.Settings;
import jpasst.forward.NamespaceSockets;
import jpasst.forward.Rules;
import jpasst.isolation.Isolation;
import jpasst.isolation.IsolationSettings;
import jpasst.linux.Processes;
import jpasst.listen.ListenSettings;
import jpasst.listen.PortForwarding;
import jpasst.listen.PortScan;
import jpasst.log.Log;
import jpasst.metrics.Counters;
import jpasst.pcap.Capture;
import jpasst.tap.GuestLink;

/**
 * What pasta and passt begin with, and the parts that both make of it.
 *
 * @param settings what the user wants
 * @param readiness whom to tell when that is there
 * @param messages where messages go meanwhile
 * @param plan what the network is to look like
 * @param rules which ports are forwarded
 * @param counters what all parts count in
 * @param arena for memory that is needed to the end
 */
record Foundation(Settings settings, Readiness readiness, Messages messages, NetworkPlan plan,
        Rules rules, Counters counters, Arena arena) {

    /**
     * Looks at the host's network, and opens the PID file.
     *
     * @throws StartException if that cannot be written
     */
    static Foundation lay(Settings settings, Readiness readiness, Messages messages) {
        Processes.raiseLimit(Processes.RLIMIT_NOFILE);
        readiness.openPidFile(settings.process().pidFile());
        Log log = messages.log();
        NetworkPlan plan = NetworkPlan.discover(settings, log);
        Rules rules = ForwardingPlan.discover(settings, plan.addresses(), log);
        return new Foundation(settings, readiness, messages, plan, rules, new Counters(),
                Arena.ofShared());
    }

    Log log() {
        return messages.log();
    }

    /** Says what network there is, if that is wanted. */
    void showBanner() {
        if (!messages.wantsBanner()) return;
        Banner.show(plan, log());
        Banner.show(rules, settings.mode(), log());
    }

    /**
     * Makes the worker, which captures frames if asked to.
     *
     * @param link to the guest
     * @param namespace makes sockets inside; null if there are none
     */
    Worker worker(GuestLink link, NamespaceSockets namespace) {
        Capture capture = settings.captureFile() == null
                ? null : Capture.open(settings.captureFile(), arena, log());
        return new Worker(arena, settings, plan, link, namespace, capture, counters, log());
    }

    /**
     * Opens forwarded ports, of which there must be rules.
     *
     * @param namespace as for {@link #worker}
     * @param scan sees what listens; null if no rule wants it
     */
    void forward(Worker worker, NamespaceSockets namespace, PortScan scan) {
        worker.forward(arena, rules, new PortForwarding(
                new ListenSettings(settings.forwarding().freebind()), worker.loop(),
                plan.addresses(), namespace, scan, counters, log()));
    }

    /**
     * Begins to leave what is not needed any more.
     *
     * @param namespace whether sockets are made inside one
     * @param command whether a command is started
     * @param directory in which a file is still looked for, or -1
     * @throws StartException if there is no sandbox
     */
    Isolation isolation(boolean namespace, boolean command, int directory) {
        readiness.checkSandbox();
        if (Training.isOn()) return Training.isolation(log());
        return new Isolation(new IsolationSettings(namespace, command, directory,
                settings.process().chrootFallback()));
    }
}
