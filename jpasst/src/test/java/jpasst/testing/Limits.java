// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.io.IOException;

import jpasst.linux.Errno;
import jpasst.linux.Processes;

/** The limit on descriptors of the process, which a test lowers for a moment. */
public final class Limits {
    private static final String PID = String.valueOf(ProcessHandle.current().pid());

    private Limits() {
    }

    /**
     * Lets no descriptor be opened beyond the standard ones, which are taken: whatever others
     * close meanwhile, there is none left.
     */
    public static void lowerDescriptors() {
        prlimit("--nofile=3:");
    }

    /** As many as the hard limit allows, again. */
    public static void raiseDescriptors() {
        Errno.check("setrlimit", Processes.raiseLimit(Processes.RLIMIT_NOFILE));
    }

    private static void prlimit(String... options) {
        var words = new java.util.ArrayList<>(java.util.List.of("prlimit", "--pid", PID));
        words.addAll(java.util.List.of(options));
        try {
            // Without pipes, which would be counted by who looks for what is left open.
            var process = new ProcessBuilder(words).inheritIO().start();
            if (process.waitFor() != 0) throw new IllegalStateException(String.join(" ", words));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
