// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Seccomp;

/** A machine's numbering of system calls. */
enum Machine {
    X86_64(Seccomp.AUDIT_ARCH_X86_64),
    AARCH64(Seccomp.AUDIT_ARCH_AARCH64);

    private final int auditArchitecture;

    Machine(int auditArchitecture) {
        this.auditArchitecture = auditArchitecture;
    }

    /** The one we run on. */
    static Machine ofThisProcess() {
        return Seccomp.architecture() == Seccomp.AUDIT_ARCH_X86_64 ? X86_64 : AARCH64;
    }

    /** How the kernel calls it when it asks a filter. */
    int auditArchitecture() {
        return auditArchitecture;
    }
}
