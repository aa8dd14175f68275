// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.io.File;
import java.io.IOException;

import jpasst.linux.Errno;
import jpasst.linux.Processes;

/** The limit on descriptors of the process, lowered for a moment. */
final class DescriptorLimit implements AutoCloseable {
    /** Leaves room for some more than there are now. */
    DescriptorLimit(int more) throws IOException, InterruptedException {
        int highest = 0;
        for (String name : new File("/proc/self/fd").list()) {
            highest = Math.max(highest, Integer.parseInt(name));
        }
        String pid = String.valueOf(ProcessHandle.current().pid());
        var process = new ProcessBuilder("prlimit", "--pid", pid,
                "--nofile=" + (highest + 1 + more) + ":").inheritIO().start();
        if (process.waitFor() != 0) throw new IllegalStateException("prlimit failed");
    }

    @Override
    public void close() {
        Errno.check("setrlimit", Processes.raiseLimit(Processes.RLIMIT_NOFILE));
    }
}
