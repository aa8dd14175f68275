// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

/** The kernel said no during set-up. The message reads {@code "bind: Address already in use"}. */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    /**
     * @param what the call or step that failed
     * @param errno the positive error number
     */
    public LinuxException(String what, int errno) {
        super(what + ": " + Errno.message(errno));
        this.errno = errno;
    }

    /** The positive error number. */
    public int errno() {
        return errno;
    }
}
