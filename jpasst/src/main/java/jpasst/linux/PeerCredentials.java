// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/** {@code struct ucred}: who is at the other end of a UNIX socket (unix(7), SO_PEERCRED). */
public final class PeerCredentials {
    static final int LENGTH = 12;
    static final int PID = 0;

    private PeerCredentials() {
    }

    /**
     * The process that made the connection.
     *
     * @return its ID; 0 if it is in a PID namespace we cannot see, or -errno
     */
    public static int pid(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            var memory = arena.allocate(LENGTH, 4);
            int rc = Sockets.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_PEERCRED, memory, 0,
                    LENGTH);
            return rc < 0 ? rc : memory.get(ValueLayout.JAVA_INT, PID);
        }
    }
}
