// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Seccomp;

/** What a filter has the kernel do with a call: the values that its program returns. */
final class Verdict {
    static final int ALLOW = Seccomp.SECCOMP_RET_ALLOW;
    /** Ends the process by SIGSYS. */
    static final int KILL = Seccomp.SECCOMP_RET_KILL_PROCESS;

    private Verdict() {
    }

    /** The call is not made, and fails with an error number. */
    static int fail(int errno) {
        return Seccomp.SECCOMP_RET_ERRNO | errno;
    }
}
