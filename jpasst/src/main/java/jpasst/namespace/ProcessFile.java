// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Processes;

/** The file that /proc has for the network namespace of a process. */
final class ProcessFile {
    private static final String PREFIX = "/proc/";
    private static final String SUFFIX = "/ns/net";
    private static final String DESCRIPTORS = "/proc/self/fdinfo/";
    private static final String PROCESS_LINE = "Pid:\t";

    private ProcessFile() {
    }

    /**
     * Opens the process whose file this is.
     *
     * @param path of a network namespace
     * @return a pidfd; -EINVAL for other files; -errno if there is no such process, or the kernel
     *     has no pidfds
     */
    static int pidfd(String path) {
        int pid = pid(path);
        if (pid < 0) return -Errno.EINVAL;
        int fd = Processes.pidfdOpen(pid, 0);
        if (fd < 0 || isSame(fd, pid)) return fd;
        Files.close(fd);
        return -Errno.EINVAL;
    }

    /** The number in {@code /proc/PID/ns/net}, or -1. */
    private static int pid(String path) {
        if (!path.startsWith(PREFIX) || !path.endsWith(SUFFIX)) return -1;
        try {
            return Integer.parseUnsignedInt(path, PREFIX.length(),
                    path.length() - SUFFIX.length(), 10);
        } catch (IndexOutOfBoundsException | NumberFormatException other) {
            return -1;
        }
    }

    /** In a PID namespace with the /proc of another one, numbers in it are not what we call. */
    private static boolean isSame(int pidfd, int pid) {
        try (var lines = new BufferedReader(
                new FileReader(DESCRIPTORS + pidfd, StandardCharsets.US_ASCII))) {
            String line = lines.readLine();
            while (line != null && !line.startsWith(PROCESS_LINE)) line = lines.readLine();
            return line != null && line.substring(PROCESS_LINE.length()).equals("" + pid);
        } catch (IOException unknown) {
            return false;
        }
    }
}
