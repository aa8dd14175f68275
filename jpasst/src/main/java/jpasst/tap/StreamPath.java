// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.linux.Sockets;
import jpasst.linux.UnixAddress;

/**
 * A UNIX stream socket that listens at a path (unix(7)). A socket file that nobody listens at any
 * more, left behind by a process that ended, is replaced.
 *
 * @param fd the listening socket, non-blocking
 * @param path where it is
 */
public record StreamPath(int fd, String path) {
    private static final String PROBED_PREFIX = "/tmp/passt_";
    private static final String PROBED_SUFFIX = ".socket";
    private static final int PROBED = 99;

    /**
     * Listens at a path.
     *
     * @throws LinuxException if it is another's (EADDRINUSE), or cannot be had
     */
    public static StreamPath at(String path) {
        int fd = tryAt(path);
        if (fd < 0) throw new LinuxException("UNIX socket " + path, -fd);
        return new StreamPath(fd, path);
    }

    /**
     * Listens at the first path that is free of {@code /tmp/passt_1.socket} to
     * {@code passt_99.socket}.
     *
     * @throws LinuxException if none can be had
     */
    public static StreamPath probe() {
        int rc = -Errno.EADDRINUSE;
        for (int i = 1; i <= PROBED; i++) {
            String path = PROBED_PREFIX + i + PROBED_SUFFIX;
            rc = tryAt(path);
            if (rc >= 0) return new StreamPath(rc, path);
        }
        throw new LinuxException("UNIX sockets " + PROBED_PREFIX + "1" + PROBED_SUFFIX + " to "
                + PROBED, -rc);
    }

    /** A listening socket or -errno. */
    private static int tryAt(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(UnixAddress.LENGTH, 8);
            int length = UnixAddress.put(address, path);
            int rc = removeStale(path, address, length);
            if (rc < 0) return rc;
            int fd = socket(Sockets.SOCK_STREAM);
            if (fd < 0) return fd;
            rc = Sockets.bind(fd, address, 0, length);
            if (rc == 0) rc = Sockets.listen(fd, 0);
            if (rc == 0) return fd;
            Files.close(fd);
            return rc;
        }
    }

    /**
     * Removes a file nobody listens at: 0, or -EADDRINUSE if somebody does. A datagram socket
     * learns whether somebody is there, and cannot be taken for a client.
     */
    private static int removeStale(String path, MemorySegment address, int length) {
        int fd = socket(Sockets.SOCK_DGRAM);
        if (fd < 0) return fd;
        int rc = Sockets.connect(fd, address, 0, length);
        Files.close(fd);
        return switch (-rc) {
            case Errno.ENOENT -> 0;
            case Errno.ECONNREFUSED, Errno.EACCES -> {
                if (isSocket(path)) Files.unlink(path);
                yield 0;
            }
            case 0, Errno.EPROTOTYPE -> -Errno.EADDRINUSE;
            default -> rc;
        };
    }

    /** Only a socket cannot be opened for this reason (open(2)); other files are not ours. */
    private static boolean isSocket(String path) {
        int fd = Files.open(path, Files.O_RDONLY | Files.O_NONBLOCK | Files.O_NOFOLLOW
                | Files.O_CLOEXEC, 0);
        if (fd >= 0) Files.close(fd);
        return fd == -Errno.ENXIO;
    }

    private static int socket(int type) {
        return Sockets.socket(Sockets.AF_UNIX,
                type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
    }
}
