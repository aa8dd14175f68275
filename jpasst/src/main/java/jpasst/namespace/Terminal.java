// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import jpasst.linux.Errno;
import jpasst.linux.Processes;
import jpasst.linux.Signals;

/**
 * Our controlling terminal, and who is in its foreground (credentials(7), tcsetpgrp(3)).
 *
 * <p>A shell in a PID namespace cannot give the terminal back to us when it ends, since our
 * process group has no number there. It would be left to a group that no longer exists, and the
 * script that started us could not read from it. So we take it back ourselves.
 */
final class Terminal {
    private static final int STANDARD_DESCRIPTORS = 3;
    private static final int NONE = -1;

    private final int fd;
    private final boolean foreground;
    /** Ours; asked for at the start, since the sandbox does not allow the question. */
    private final int processGroup;

    private Terminal(int fd, int foregroundGroup) {
        this.fd = fd;
        processGroup = Processes.getpgrp();
        foreground = foregroundGroup == processGroup;
    }

    /** The one that standard input, output or error is, if any. */
    static Terminal ofThisProcess() {
        for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++) {
            int group = Processes.foreground(fd);
            if (group >= 0) {
                return new Terminal(fd, group);
            }
        }
        return new Terminal(NONE, NONE);
    }

    /** Whether there is a terminal and we were in its foreground at the start. */
    boolean foreground() {
        return foreground;
    }

    /** Puts a process group into the foreground. */
    void giveTo(int group) {
        Signals.block(Signals.SIGTTOU);
        Processes.foreground(fd, group);
        Signals.unblock(Signals.SIGTTOU);
    }

    /** Takes the foreground back, if it was ours and is now left to a group that is no more. */
    void takeBack() {
        if (!foreground) {
            return;
        }
        int group = Processes.foreground(fd);
        boolean abandoned = group > 0 && Processes.kill(-group, 0) == -Errno.ESRCH;
        if (abandoned) {
            giveTo(processGroup);
        }
    }
}
