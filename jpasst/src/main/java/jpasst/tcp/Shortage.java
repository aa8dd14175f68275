// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import jpasst.linux.Errno;

/** Errors which mean that the system is short of something, whoever asked for a socket. */
final class Shortage {
    private Shortage() {
    }

    /** Whether an error means that the system, not the other end, is at fault. */
    static boolean is(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS
                || errno == Errno.ENOMEM;
    }

    /** What went wrong, and what helps if that is known, for the log. */
    static String explain(String call, int errno) {
        String text = call + ": " + Errno.message(errno);
        return switch (errno) {
            case Errno.EMFILE -> text + " (see ulimit -n)";
            case Errno.ENFILE -> text + " (see sysctl fs.file-max)";
            default -> text;
        };
    }
}
