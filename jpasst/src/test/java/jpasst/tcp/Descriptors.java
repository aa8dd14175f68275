// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.io.File;

import jpasst.linux.Files;
import jpasst.linux.Sockets;

/** How many sockets and epoll instances the process has open; others' files do not count. */
final class Descriptors {
    private Descriptors() {
    }

    /** Loads what opens files of its own, so that it does not do so in between. */
    static void prepare() {
        Files.close(Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0));
    }

    static int open() {
        int count = 0;
        for (String name : new File("/proc/self/fd").list()) {
            try {
                String target = java.nio.file.Files.readSymbolicLink(
                        java.nio.file.Path.of("/proc/self/fd", name)).toString();
                if (target.startsWith("socket:") || target.contains("eventpoll")) count++;
            } catch (java.io.IOException closedMeanwhile) {
                continue;
            }
        }
        return count;
    }
}
