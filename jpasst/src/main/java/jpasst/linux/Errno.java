// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

/**
 * Error numbers of Linux (errno(3)), equal on x86-64 and aarch64.
 *
 * <p>Every call of this package returns its value, or the negated error number. Hot code compares
 * ({@code rc == -Errno.EAGAIN}); set-up code passes the result through {@link #check}.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int ECHILD = 10;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EXDEV = 18;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int ESPIPE = 29;
    public static final int EROFS = 30;
    public static final int EMLINK = 31;
    public static final int EPIPE = 32;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int ETIME = 62;
    public static final int EPROTO = 71;
    public static final int EBADMSG = 74;
    public static final int EOVERFLOW = 75;
    public static final int ENOTUNIQ = 76;
    public static final int EBADFD = 77;
    public static final int ENOTSOCK = 88;
    public static final int EDESTADDRREQ = 89;
    public static final int EMSGSIZE = 90;
    public static final int EPROTOTYPE = 91;
    public static final int ENOPROTOOPT = 92;
    public static final int EPROTONOSUPPORT = 93;
    public static final int EOPNOTSUPP = 95;
    public static final int EPFNOSUPPORT = 96;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ENETRESET = 102;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int EISCONN = 106;
    public static final int ENOTCONN = 107;
    public static final int ESHUTDOWN = 108;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTDOWN = 112;
    public static final int EHOSTUNREACH = 113;
    public static final int EALREADY = 114;
    public static final int EINPROGRESS = 115;
    public static final int ESTALE = 116;
    public static final int EDQUOT = 122;
    public static final int ECANCELED = 125;

    private Errno() {
    }

    /** The symbolic name of an error number ("EAGAIN"), or the number as text if it has none. */
    public static String name(int errno) {
        String name = ErrorText.name(errno);
        return name != null ? name : Integer.toString(errno);
    }

    /** The message of an error number, as {@code strerror(3)} says it in the C locale. */
    public static String message(int errno) {
        String message = ErrorText.message(errno);
        return message != null ? message : "Unknown error " + errno;
    }

    /**
     * Passes the result of a call on, if it is not an error.
     *
     * @param what the call or the step, for the message: "bind"
     * @param rc a result, negative if an error number
     * @return {@code rc}, not negative
     * @throws LinuxException if {@code rc} is negative
     */
    public static int check(String what, int rc) {
        if (rc < 0) {
            throw new LinuxException(what, -rc);
        }
        return rc;
    }

    /** {@link #check(String, int)} for calls that return lengths. */
    public static long check(String what, long rc) {
        if (rc < 0) {
            throw new LinuxException(what, (int) -rc);
        }
        return rc;
    }
}
