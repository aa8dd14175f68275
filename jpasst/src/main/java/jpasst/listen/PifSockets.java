// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.List;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.forward.RuleTable;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/** The listening sockets of one table of rules. Loop thread only. */
final class PifSockets {
    /** Which part of its sockets a rule gives up if it took the last descriptor. */
    private static final int GIVEN_BACK = 8;

    private final Pif pif;
    private final SocketMaker maker;
    private final Counters counters;
    private final ListenReport report;
    private final PortSet tcp = new PortSet();
    private final PortSet udp = new PortSet();
    private RuleSockets[] rules = new RuleSockets[0];
    /** Rules of the table before, with the sockets that no new rule could use. */
    private RuleSockets[] leaving = rules;
    /** Why this pass makes no more sockets: -EMFILE, -ENFILE, or 0. */
    private int shortage;

    PifSockets(Pif pif, SocketMaker maker, Counters counters, Log log) {
        this.pif = pif;
        this.maker = maker;
        this.counters = counters;
        report = new ListenReport(pif, log);
    }

    /** The ports we listen on here. */
    PortSet listening(int protocol) {
        return protocol == Sockets.IPPROTO_TCP ? tcp : udp;
    }

    /** Whether a rule for a protocol wants to know what is bound on the other side. */
    boolean scans(int protocol) {
        for (RuleSockets sockets : rules) {
            if (sockets.rule().scan() && sockets.rule().protocol() == protocol) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@link #follow} has anything to do from time to time. */
    boolean needsFollowing() {
        for (RuleSockets sockets : rules) {
            if (sockets.rule().scan() || firstToRetry(sockets, 0) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Takes over new rules, and the sockets that fit them; the others are left open for now. */
    void adopt(RuleTable table) {
        leaving = rules;
        rules = new RuleSockets[table.size()];
        for (int i = 0; i < rules.length; i++) {
            rules[i] = new RuleSockets(table.rule(i), i);
            for (RuleSockets old : leaving) {
                if (old.fits(rules[i].rule())) {
                    old.handOver(rules[i], pif, maker);
                }
            }
        }
    }

    /** Makes all sockets that are missing, as far as it can. */
    void openAll(AutoPorts auto) {
        shortage = 0;
        for (RuleSockets sockets : rules) {
            if (sockets.rule().scan()) {
                closeVanished(sockets, auto);
                openAppeared(sockets, auto, false);
            } else {
                openPorts(sockets);
            }
        }
    }

    private void openPorts(RuleSockets sockets) {
        ForwardRule rule = sockets.rule();
        for (int port = rule.firstPort(); port <= rule.lastPort(); port++) {
            if (!sockets.isOpen(port)) {
                attempt(sockets, port);
            }
        }
        if (shortage != 0 && rule.weak()) {
            giveBack(sockets);
        }
    }

    /** Ports without descriptors for their connections would be of no use. */
    private void giveBack(RuleSockets sockets) {
        int left = sockets.openCount() - sockets.openCount() / GIVEN_BACK;
        for (int at = sockets.count() - 1; at >= 0 && sockets.openCount() > left; at--) {
            if (sockets.socket(at) >= 0) {
                close(sockets, at);
                sockets.put(sockets.port(at), shortage);
            }
        }
    }

    /** Closes sockets that no rule wants: false if there are none. */
    boolean closeLeaving() {
        boolean closed = false;
        for (RuleSockets old : leaving) {
            closed |= old.openCount() > 0;
            for (int at = old.count() - 1; at >= 0; at--) {
                close(old, at);
                old.remove(at);
            }
        }
        leaving = new RuleSockets[0];
        return closed;
    }

    /** Says which rules lack ports, of those that may not to {@code failures}. */
    void report(List<String> failures) {
        for (RuleSockets sockets : rules) {
            report.lacking(sockets, failures);
        }
    }

    /** Follows what comes and goes: on the other side, and of what kept us from listening. */
    void follow(AutoPorts auto) {
        shortage = 0;
        for (RuleSockets sockets : rules) {
            if (sockets.rule().scan()) {
                closeVanished(sockets, auto);
                openAppeared(sockets, auto, true);
            } else {
                retry(sockets);
            }
        }
        if (shortage == 0) {
            report.noShortage();
        }
    }

    private void closeVanished(RuleSockets sockets, AutoPorts auto) {
        ForwardRule rule = sockets.rule();
        PortSet offered = auto.offered(pif, rule.protocol());
        for (int at = sockets.count() - 1; at >= 0; at--) {
            int port = sockets.port(at);
            if (!offered.contains(rule.targetOf(port))) {
                if (sockets.socket(at) >= 0) {
                    close(sockets, at);
                    report.vanished(rule, port);
                }
                sockets.remove(at);
            }
        }
    }

    private void openAppeared(RuleSockets sockets, AutoPorts auto, boolean tell) {
        ForwardRule rule = sockets.rule();
        PortSet offered = auto.offered(pif, rule.protocol());
        int last = rule.targetOf(rule.lastPort());
        int target = offered.next(rule.targetPort());
        while (target >= 0 && target <= last) {
            int port = rule.firstPort() + target - rule.targetPort();
            if (!sockets.isOpen(port)) {
                openAppeared(sockets, port, auto, tell);
            }
            target = offered.next(target + 1);
        }
    }

    private void openAppeared(RuleSockets sockets, int port, AutoPorts auto, boolean tell) {
        int at = sockets.find(port);
        int before = at < 0 ? 0 : sockets.socket(at);
        if (isShared(sockets.rule()) && auto.isUdpTaken(pif, port)) {
            sockets.put(port, -Errno.EADDRINUSE);
        } else {
            attempt(sockets, port);
        }
        if (tell) {
            report.change(sockets.rule(), port, before, sockets.socket(sockets.find(port)));
        }
    }

    /** Whether the kernel might let us have a UDP port that is another's. */
    private static boolean isShared(ForwardRule rule) {
        return rule.protocol() == Sockets.IPPROTO_UDP
                && (rule.isDualStack() || rule.address().isUnspecified());
    }

    private void retry(RuleSockets sockets) {
        int at = firstToRetry(sockets, 0);
        while (at >= 0 && shortage == 0) {
            int port = sockets.port(at);
            int before = sockets.socket(at);
            attempt(sockets, port);
            report.change(sockets.rule(), port, before, sockets.socket(at));
            if (shortage != 0) {
                // That passes, too: what is wrong with the port is as it was.
                sockets.put(port, before);
            }
            at = firstToRetry(sockets, at + 1);
        }
    }

    /** The first entry from {@code at} on that failed for a reason which may pass, or -1. */
    private static int firstToRetry(RuleSockets sockets, int from) {
        if (sockets.openCount() == sockets.count()) {
            return -1;
        }
        for (int at = from; at < sockets.count(); at++) {
            int socket = sockets.socket(at);
            if (socket == -Errno.EADDRINUSE || socket == -Errno.EADDRNOTAVAIL
                    || socket == -Errno.ENODEV) {
                return at;
            }
        }
        return -1;
    }

    private void attempt(RuleSockets sockets, int port) {
        if (shortage != 0) {
            sockets.put(port, shortage);
            return;
        }
        int socket = maker.open(pif, sockets.index(), sockets.rule(), port);
        sockets.put(port, socket);
        if (socket >= 0) {
            listening(sockets.rule().protocol()).add(port);
            counters.increment(Counter.LISTENERS_OPENED);
        } else {
            counters.increment(Counter.LISTENERS_FAILED);
            shortage = ListenReport.isShortage(socket) ? socket : 0;
        }
    }

    /** Closes the socket of an entry, if it has one. The entry is left to the caller. */
    private void close(RuleSockets sockets, int at) {
        int socket = sockets.socket(at);
        if (socket < 0) {
            return;
        }
        int port = sockets.port(at);
        int protocol = sockets.rule().protocol();
        maker.close(socket);
        sockets.put(port, -Errno.EBADF);
        if (!isOpen(rules, protocol, port) && !isOpen(leaving, protocol, port)) {
            listening(protocol).remove(port);
        }
        counters.increment(Counter.LISTENERS_CLOSED);
    }

    private static boolean isOpen(RuleSockets[] rules, int protocol, int port) {
        for (RuleSockets sockets : rules) {
            if (sockets.rule().protocol() == protocol && sockets.isOpen(port)) {
                return true;
            }
        }
        return false;
    }

    /** Has a paused socket's events delivered again, if it is still one of ours. */
    void resume(int fd, int port) {
        for (RuleSockets sockets : rules) {
            int at = sockets.find(port);
            if (at >= 0 && sockets.socket(at) == fd) {
                maker.resume(fd, pif, sockets.index(), sockets.rule(), port);
                return;
            }
        }
    }

    /** Closes all sockets. */
    void close() {
        leaving = rules;
        rules = new RuleSockets[0];
        closeLeaving();
    }
}
