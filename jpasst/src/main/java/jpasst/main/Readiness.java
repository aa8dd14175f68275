// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jpasst.config.LauncherDecision;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Processes;

/**
 * Tells whoever waits that the network is ready: by the PID file, by the launcher's exit status,
 * and by letting go of the standard descriptors, which a caller may read to their end.
 *
 * <p>That it will not be ready is told by our end, which the launcher sees at its pipe: whoever
 * tries again then finds ports and interface free.
 */
final class Readiness {
    private static final int STANDARD_DESCRIPTORS = 3;

    private final boolean sandbox;
    /** Our number as the caller knows it, who is outside of our PID namespace. */
    private final int processId;
    private int statusPipe;
    private int pidFile;
    /** What takes the place of the standard descriptors. */
    private int nothing = -1;

    Readiness(LauncherDecision decision) {
        statusPipe = decision.statusDescriptor();
        pidFile = decision.pidFileDescriptor();
        sandbox = decision.hasSandbox();
        processId = Processes.pidOutside();
        if (statusPipe >= 0) nothing = Files.open("/dev/null", Files.O_RDWR | Files.O_CLOEXEC, 0);
    }

    /**
     * Checks that there are namespaces to be shut in in.
     *
     * @throws StartException if the launcher was not allowed to make them
     */
    void checkSandbox() {
        if (!sandbox) {
            throw new StartException("cannot make a sandbox: takes CAP_SYS_ADMIN here");
        }
    }

    /**
     * Opens the PID file, before anything else is done: a path that cannot be written is known
     * early.
     *
     * @param path null if none is wanted
     * @throws StartException if it cannot be opened
     */
    void openPidFile(String path) {
        if (path == null || pidFile >= 0) return;
        pidFile = Files.open(path,
                Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC | Files.O_CLOEXEC, 0600);
        if (pidFile < 0) {
            throw new StartException("cannot open PID file " + path + ": "
                    + Errno.message(-pidFile));
        }
    }

    /**
     * Writes the PID file. In the background everything that tells of readiness follows.
     *
     * @throws StartException if nobody wants the network any more, or the PID file cannot be
     *         written
     */
    void ready() {
        if (pidFile >= 0) {
            long rc = write(pidFile, processId + "\n");
            Files.close(pidFile);
            pidFile = -1;
            if (rc < 0) {
                throw new StartException("cannot write PID file: " + Errno.message((int) -rc));
            }
        }
        if (statusPipe >= 0) {
            releaseStandardDescriptors();
            long rc = write(statusPipe, "0\n");
            // Once only: afterwards the descriptor's number may be a connection's.
            Files.close(statusPipe);
            statusPipe = -1;
            if (rc < 0) throw new StartException("the launcher was interrupted");
        }
    }

    private void releaseStandardDescriptors() {
        if (nothing < 0) return;
        for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++) Files.dup3(nothing, fd, 0);
        Files.close(nothing);
    }

    /** Bytes written, or -errno. */
    private static long write(int fd, String text) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(text.length());
            MemorySegment.copy(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)), 0,
                    bytes, 0, text.length());
            return Files.write(fd, bytes, 0, text.length());
        }
    }
}
