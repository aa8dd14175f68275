// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

/**
 * Errors which mean that the system, or this process's share of it, is short of something: nobody
 * at the other end is at fault, and it may pass. Any thread.
 */
public final class Shortage {
    private Shortage() {
    }

    /** Whether an error, a positive errno, means a shortage. ENOSPC is that of epoll_ctl(2). */
    public static boolean is(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS
                || errno == Errno.ENOMEM || errno == Errno.ENOSPC;
    }

    /**
     * What went wrong and why, and what helps if that is known, for the log.
     *
     * @param what the call or the step, as "accept"
     * @param errno any positive errno
     */
    public static String explain(String what, int errno) {
        String text = what + ": " + Errno.message(errno);
        return switch (errno) {
            case Errno.EMFILE -> text + " (raise the limit, see ulimit -n)";
            case Errno.ENFILE -> text + " (raise the limit, see sysctl fs.file-max)";
            default -> text;
        };
    }
}
