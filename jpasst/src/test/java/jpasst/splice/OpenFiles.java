// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import jpasst.linux.Errno;
import jpasst.linux.Processes;

/** The descriptors of this process, and the limit on them. */
final class OpenFiles {
    private static final String PID = String.valueOf(ProcessHandle.current().pid());

    private OpenFiles() {
    }

    /** How many sockets, pipes and epoll instances are open. */
    static int count() {
        return count("socket:") + count("pipe:") + count("anon_inode:[eventpoll]");
    }

    /** How many descriptors name something that begins so. */
    static int count(String kind) {
        int count = 0;
        for (String name : new File("/proc/self/fd").list()) {
            try {
                var target = Files.readSymbolicLink(Path.of("/proc/self/fd", name));
                if (target.toString().startsWith(kind)) count++;
            } catch (IOException closedMeanwhile) {
                continue;
            }
        }
        return count;
    }

    /** Lets nothing be opened any more. */
    static void lowerLimit() throws Exception {
        var process = new ProcessBuilder("prlimit", "--pid", PID, "--nofile=3:").inheritIO()
                .start();
        if (process.waitFor() != 0) throw new IllegalStateException("prlimit");
    }

    /** As many as the hard limit allows, again. */
    static void raiseLimit() {
        Errno.check("setrlimit", Processes.raiseLimit(Processes.RLIMIT_NOFILE));
    }
}
