// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Processes;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.namespace.InsideThread;

class NamespaceSocketPoolTest {
    private final InsideThread inside = InsideThread.create();
    private final Set<Integer> taken = new HashSet<>();
    private NamespaceSocketPool pool = new NamespaceSocketPool(inside, 4);

    @AfterEach
    void close() {
        pool.close();
        for (int fd : taken) Files.close(fd);
        inside.close();
    }

    private int take(int family, int type) {
        int fd = pool.take(family, type);
        assertTrue(fd >= 0 && taken.add(fd), "descriptor " + fd);
        return fd;
    }

    @Test
    void givesSocketsOfTheKindAskedFor() {
        for (int family : new int[] {Sockets.AF_INET, Sockets.AF_INET6}) {
            for (int type : new int[] {Sockets.SOCK_STREAM, Sockets.SOCK_DGRAM}) {
                int fd = take(family, type);
                assertEquals(family, Sockets.getInt(fd, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN));
                assertEquals(type, Sockets.getInt(fd, Sockets.SOL_SOCKET, Sockets.SO_TYPE));
                assertNotEquals(0, Files.fcntl(fd, Files.F_GETFL, 0) & Files.O_NONBLOCK);
                assertEquals(Files.FD_CLOEXEC, Files.fcntl(fd, Files.F_GETFD, 0));
            }
        }
        assertThrows(IllegalArgumentException.class,
                () -> pool.take(Sockets.AF_UNIX, Sockets.SOCK_STREAM));
    }

    @Test
    void makesABatchAtOnceAndEachSocketOnce() {
        assertEquals(0, pool.waiting());
        take(Sockets.AF_INET, Sockets.SOCK_STREAM);
        assertEquals(3, pool.waiting());
        take(Sockets.AF_INET6, Sockets.SOCK_STREAM);
        assertEquals(6, pool.waiting());
        for (int i = 0; i < 20; i++) take(Sockets.AF_INET, Sockets.SOCK_STREAM);
        assertTrue(pool.waiting() <= 6);
    }

    /** On the host the port is taken by our own listening socket; inside it is free. */
    @Test
    void theSocketsAreInsideWhoeverUsesThem() throws IOException {
        try (var busy = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
                var arena = Arena.ofConfined()) {
            int port = busy.getLocalPort();
            var name = arena.allocate(SocketAddress.LENGTH, 8);
            int length = SocketAddress.put(name, 0, 0, IpAddress.ANY_V4.low(), port, 0);
            int host = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
            assertEquals(-Errno.EADDRINUSE, Sockets.bind(host, name, 0, length));
            Files.close(host);
            int fd = take(Sockets.AF_INET, Sockets.SOCK_STREAM);
            assertEquals(0, Sockets.bind(fd, name, 0, length));
        }
    }

    @Test
    void takesItsShareOfDescriptorsOnly() {
        assertEquals(1, NamespaceSocketPool.batch(0));
        assertEquals(1, NamespaceSocketPool.batch(64));
        assertEquals(16, NamespaceSocketPool.batch(1024));
        assertEquals(32, NamespaceSocketPool.batch(1 << 20));
    }

    /** Lets no descriptor above a number be opened, until {@link #raiseLimit}. */
    private static void lowerLimit(int limit) throws Exception {
        raiseLimit();
        var process = new ProcessBuilder("prlimit", "--pid",
                String.valueOf(ProcessHandle.current().pid()), "--nofile=" + limit + ":");
        assertEquals(0, process.start().waitFor());
    }

    private static void raiseLimit() {
        Errno.check("setrlimit", Processes.raiseLimit(Processes.RLIMIT_NOFILE));
    }

    @Test
    void saysWhyThereIsNoneAndRecovers() throws Exception {
        take(Sockets.AF_INET, Sockets.SOCK_STREAM);
        lowerLimit(3);
        try {
            for (int i = 0; i < 3; i++) take(Sockets.AF_INET, Sockets.SOCK_STREAM);
            assertEquals(-Errno.EMFILE, pool.take(Sockets.AF_INET, Sockets.SOCK_STREAM));
        } finally {
            raiseLimit();
        }
        take(Sockets.AF_INET, Sockets.SOCK_STREAM);
    }

    @Test
    void givesWhatThereIsIfNotAllCouldBeMade() throws Exception {
        take(Sockets.AF_INET, Sockets.SOCK_STREAM);
        pool.close();
        pool = new NamespaceSocketPool(inside, 1000);
        lowerLimit(Collections.max(taken) + 100);
        try {
            take(Sockets.AF_INET, Sockets.SOCK_STREAM);
        } finally {
            raiseLimit();
        }
        int waiting = pool.waiting();
        assertTrue(waiting > 0 && waiting < 999, "made " + waiting);
        pool.close();
        assertEquals(0, pool.waiting());
    }
}
