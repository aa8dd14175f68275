// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.List;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.linux.Clock;
import jpasst.linux.Errno;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;

/**
 * Says what became of a table's ports, once and not every second: what a rule lacks that is not
 * weak, and shortage of descriptors, as warnings; all else to those who debug.
 */
final class ListenReport {
    private final Pif pif;
    private final Log log;
    private final RateLimit losses;
    private boolean shortageTold;

    ListenReport(Pif pif, Log log) {
        this.pif = pif;
        this.log = log;
        losses = new RateLimit(log, Level.WARNING);
    }

    /** Whether a result means that no descriptor is left, for this process or for all. */
    static boolean isShortage(int socket) {
        return socket == -Errno.EMFILE || socket == -Errno.ENFILE;
    }

    /**
     * Says what a rule lacks after all its ports were tried.
     *
     * @param failures gets it instead of the log if the rule may not lack that
     */
    void lacking(RuleSockets sockets, List<String> failures) {
        int failed = sockets.count() - sockets.openCount();
        if (failed == 0) {
            return;
        }
        ForwardRule rule = sockets.rule();
        boolean useless = !rule.scan() && sockets.openCount() == 0;
        int at = firstFailed(sockets);
        String text = ListenFailure.text(pif, rule, sockets.port(at), -sockets.socket(at),
                failed - 1);
        if (!rule.weak() || useless) {
            failures.add(text);
        } else if (isShortage(sockets.socket(at))) {
            shortage(text);
        } else {
            log.debug(text);
        }
    }

    /** The first port that had no descriptor, if there is one: that matters most. */
    private static int firstFailed(RuleSockets sockets) {
        int first = -1;
        for (int at = 0; at < sockets.count(); at++) {
            if (isShortage(sockets.socket(at))) {
                return at;
            }
            if (sockets.socket(at) < 0 && first < 0) {
                first = at;
            }
        }
        return first;
    }

    private void shortage(String text) {
        if (!shortageTold) {
            log.warn(text);
            shortageTold = true;
        }
    }

    /** Descriptors sufficed: the next shortage is worth a word again. */
    void noShortage() {
        shortageTold = false;
    }

    /**
     * Says what became of a port while running.
     *
     * @param before descriptor or -errno, 0 if it was not tried
     * @param now descriptor or -errno
     */
    void change(ForwardRule rule, int port, int before, int now) {
        if (now == before) {
            return;
        }
        if (now >= 0) {
            if (log.debugging()) {
                log.debug(place(": listening on ", rule, port));
            }
            return;
        }
        if (isShortage(now)) {
            shortage(ListenFailure.text(pif, rule, port, -now, 0));
        } else if (!rule.weak()) {
            losses.log(Clock.monotonicNs(), ListenFailure.text(pif, rule, port, -now, 0));
        } else if (log.debugging()) {
            log.debug(ListenFailure.text(pif, rule, port, -now, 0));
        }
    }

    /** Says that a port is not listened on any more, since it is not bound on the other side. */
    void vanished(ForwardRule rule, int port) {
        if (log.debugging()) {
            log.debug(place(": no longer listening on ", rule, port));
        }
    }

    private String place(String what, ForwardRule rule, int port) {
        var text = new StringBuilder().append(pif).append(what);
        return ListenFailure.append(text, rule, port).toString();
    }
}
