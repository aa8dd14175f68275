// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The descriptors of this process. */
public final class OpenFiles {
    private OpenFiles() {
    }

    /** How many sockets, pipes and epoll instances are open. */
    public static int count() {
        return withoutPipes() + count("pipe:");
    }

    /** How many sockets and epoll instances are open: child processes come and go with pipes. */
    public static int withoutPipes() {
        return count("socket:") + count("anon_inode:[eventpoll]");
    }

    /** How many descriptors name something that begins so. */
    public static int count(String kind) {
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
}
