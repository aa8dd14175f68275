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
 * more, for certain, left behind by a process that ended, is replaced.
 *
 * @param fd the listening socket, non-blocking
 * @param path where it is
 */
public record StreamPath(int fd, String path) {
    private static final String PROBED_PREFIX = "/tmp/passt_";
    private static final String PROBED_SUFFIX = ".socket";
    private static final int PROBED = 99;
    /** Anybody may lock /tmp for ever; but who starts with us needs a moment only. */
    private static final int PATIENCE_MS = 1000;

    /**
     * Listens at a path.
     *
     * @throws LinuxException if it is another's (EADDRINUSE), or cannot be had
     */
    public static StreamPath at(String path) {
        int fd = tryAt(path, PATIENCE_MS);
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
            rc = tryAt(path, 0);
            if (rc >= 0) return new StreamPath(rc, path);
        }
        throw new LinuxException("UNIX sockets " + PROBED_PREFIX + "1" + PROBED_SUFFIX + " to "
                + PROBED, -rc);
    }

    /**
     * A listening socket or -errno.
     *
     * @param patienceMs how long to wait for others who replace sockets in the same directory
     */
    private static int tryAt(String path, int patienceMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(UnixAddress.LENGTH, 8);
            int length = UnixAddress.put(address, path);
            int fd = listen(address, length);
            return fd == -Errno.EADDRINUSE ? replace(path, address, length, patienceMs) : fd;
        }
    }

    private static int listen(MemorySegment address, int length) {
        int fd = socket(Sockets.SOCK_STREAM);
        if (fd < 0) return fd;
        int rc = Sockets.bind(fd, address, 0, length);
        if (rc == 0) rc = Sockets.listen(fd, 0);
        if (rc == 0) return fd;
        Files.close(fd);
        return rc;
    }

    /**
     * Takes the place of a socket nobody listens at, else -EADDRINUSE. The directory is locked
     * meanwhile: what another of us has put there since we looked must not be removed.
     */
    private static int replace(String path, MemorySegment address, int length, int patienceMs) {
        if (!isStale(path, address, length)) return -Errno.EADDRINUSE;
        int directory = Files.open(directory(path),
                Files.O_RDONLY | Files.O_DIRECTORY | Files.O_CLOEXEC, 0);
        try {
            if (!lock(directory, patienceMs) || !isStale(path, address, length)) {
                return -Errno.EADDRINUSE;
            }
            Files.unlink(path);
            return listen(address, length);
        } finally {
            if (directory >= 0) Files.close(directory);
        }
    }

    private static String directory(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "." : path.substring(0, slash + 1);
    }

    /** False if others keep it locked; where nothing can be locked, one goes on without. */
    private static boolean lock(int directory, int patienceMs) {
        for (int waited = 0; waited <= patienceMs; waited++) {
            int rc = Files.flock(directory, Files.LOCK_EX | Files.LOCK_NB);
            if (rc != -Errno.EAGAIN) return true;
            Files.poll(directory, 0, 1);
        }
        return false;
    }

    /**
     * Whether there is a socket, and it is certain that nobody listens at it. A datagram socket
     * learns that, and cannot be taken for a client.
     */
    private static boolean isStale(String path, MemorySegment address, int length) {
        int fd = socket(Sockets.SOCK_DGRAM);
        if (fd < 0) return false;
        int rc = Sockets.connect(fd, address, 0, length);
        Files.close(fd);
        return rc == -Errno.ECONNREFUSED && isSocket(path);
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
