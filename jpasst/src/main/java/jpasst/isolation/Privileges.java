// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Capabilities;
import jpasst.linux.Errno;
import jpasst.linux.Processes;

/** Gives up capabilities (capabilities(7)), which each thread has of its own. */
final class Privileges {
    private static final int LAST_POSSIBLE = 63;

    private Privileges() {
    }

    /**
     * Leaves the calling thread with some of the capabilities that it has.
     *
     * @param kept bit n for capability n; those it lacks are not added
     * @throws jpasst.linux.LinuxException if the kernel refuses, which it has no reason to
     */
    static void keep(long kept) {
        dropBounds();
        Capabilities.clearAmbient();
        Capabilities old = Capabilities.ofThread();
        long left = old.permitted() & kept;
        Errno.check("drop capabilities", new Capabilities(left, left, 0).apply());
    }

    /** Leaves the calling thread with all of its capabilities but one, if it has that. */
    static void drop(int capability) {
        Capabilities old = Capabilities.ofThread();
        long kept = ~(1L << capability);
        Errno.check("drop a capability", new Capabilities(old.effective() & kept,
                old.permitted() & kept, old.inheritable() & kept).apply());
    }

    /** What an execution could gain at most; it takes a capability itself to limit that. */
    private static void dropBounds() {
        if (!Capabilities.ofThread().has(Capabilities.CAP_SETPCAP)) return;
        for (int capability = 0; capability <= LAST_POSSIBLE; capability++) {
            int rc = Processes.prctl(Processes.PR_CAPBSET_DROP, capability, 0, 0, 0);
            // Capabilities that this kernel does not know.
            if (rc < 0) return;
        }
    }
}
