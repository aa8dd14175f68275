// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.io.File;
import java.io.IOException;
import jpasst.linux.Files;

/**
 * Descriptors that a caller left open for us without knowing. In the background we would keep them
 * for days: whoever reads the other end of such a pipe would wait for its end.
 *
 * <p>Below 10 the launcher has closed all, and put its own; from there on, what is not closed by
 * an exec is not ours: {@code jpasst.linux} opens nothing that is kept by it. The JVM does so with
 * a few files, which are recognised by their places.
 */
final class InheritedDescriptors {
    private static final String DIRECTORY = "/proc/self/fd";
    private static final int FIRST = 10;

    private InheritedDescriptors() {
    }

    /**
     * Closes them. To be called before anything else is opened, with one thread running.
     *
     * @param wanted the one that was left open on purpose, or -1
     */
    static void close(int wanted) {
        String[] numbers = new File(DIRECTORY).list();
        if (numbers == null) return;
        for (String number : numbers) {
            int fd = Integer.parseInt(number);
            if (fd < FIRST || fd == wanted || keptByExec(fd) != 1 || isJvms(number)) continue;
            Files.close(fd);
        }
    }

    /** 1 if it is; 0 if not; -errno for the descriptor that the list was read from. */
    private static int keptByExec(int fd) {
        int flags = Files.fcntl(fd, Files.F_GETFD, 0);
        return flags < 0 ? flags : ~flags & Files.FD_CLOEXEC;
    }

    private static boolean isJvms(String number) {
        try {
            String file = new File(DIRECTORY, number).getCanonicalPath();
            return file.startsWith(System.getProperty("java.home"))
                    || file.equals(System.getProperty("jdk.module.path"));
        } catch (IOException e) {
            return true;
        }
    }
}
