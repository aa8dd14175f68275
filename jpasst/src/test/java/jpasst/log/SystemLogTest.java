// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.linux.UnixAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SystemLogTest {
    @TempDir
    private Path directory;
    private final Arena arena = Arena.ofAuto();
    private SystemLog log;
    private int daemon = -1;

    @AfterEach
    void close() {
        if (log != null) log.close();
        stopDaemon();
    }

    private String path() {
        return directory.resolve("log").toString();
    }

    private void startDaemon() {
        daemon = Errno.check("socket", Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_DGRAM, 0));
        MemorySegment address = arena.allocate(UnixAddress.LENGTH, 8);
        int length = UnixAddress.put(address, path());
        Errno.check("bind", Sockets.bind(daemon, address, 0, length));
    }

    private void stopDaemon() {
        if (daemon < 0) return;
        Files.close(daemon);
        Files.unlink(path());
        daemon = -1;
    }

    /** The next datagram, or null if there is none. */
    private String received() {
        MemorySegment bytes = arena.allocate(65536);
        long length = Sockets.recv(daemon, bytes, 0, bytes.byteSize(), Sockets.MSG_DONTWAIT);
        if (length == -Errno.EAGAIN) return null;
        Errno.check("recv", length);
        return new String(bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.UTF_8);
    }

    private void logTo() {
        log = new SystemLog(path(), "pasta");
    }

    /** syslog.h: facility daemon is 3; err, warning, info and debug are 3, 4, 6 and 7. */
    @Test
    void sendsPriorityNameAndMessage() {
        startDaemon();
        logTo();
        log.write(Level.ERROR, 1, "e");
        log.write(Level.WARNING, 2, "w");
        log.write(Level.INFO, 3, "    of two\nlines");
        log.write(Level.DEBUG, 4, "d");
        log.write(Level.TRACE, 5, "t");
        assertEquals("<27>pasta: e", received());
        assertEquals("<28>pasta: w", received());
        assertEquals("<30>pasta:     of two lines", received());
        assertEquals("<31>pasta: d", received());
        assertEquals("<31>pasta: t", received());
        assertEquals(null, received());
    }

    @Test
    void saysNothingWithoutADaemon() {
        logTo();
        log.write(Level.ERROR, 1, "lost");
        startDaemon();
        assertEquals(null, received());
    }

    @Test
    void findsADaemonThatComesLater() {
        logTo();
        log.write(Level.INFO, 1, "lost");
        startDaemon();
        log.write(Level.INFO, 2, "found");
        assertEquals("<30>pasta: found", received());
    }

    @Test
    void findsADaemonThatWasRestarted() {
        startDaemon();
        logTo();
        stopDaemon();
        log.write(Level.INFO, 1, "lost");
        startDaemon();
        log.write(Level.INFO, 2, "found");
        assertEquals("<30>pasta: found", received());
    }

    /** Its path has gone, as in the sandbox; the connection has not. */
    @Test
    void needsThePathOnlyAtStart() {
        startDaemon();
        logTo();
        Files.unlink(path());
        log.write(Level.INFO, 1, "still");
        assertEquals("<30>pasta: still", received());
    }

    @Test
    void cutsWhatNoDaemonTakes() {
        startDaemon();
        logTo();
        log.write(Level.INFO, 1, "x".repeat(1_000_000));
        assertTrue(received().matches("<30>pasta: x{8000,8192}\\.\\.\\."));
    }

    @Test
    @Timeout(20)
    void neverWaitsOnceTheLoopRuns() {
        startDaemon();
        logTo();
        log.neverWait();
        long start = System.nanoTime();
        for (int i = 0; i < 20_000; i++) log.write(Level.INFO, i, "message " + i);
        long taken = System.nanoTime() - start;
        assertTrue(taken < Duration.ofSeconds(10).toNanos(), taken + " ns");
        assertEquals("<30>pasta: message 0", received());
    }

    /** One that does not read at all is waited for once. */
    @Test
    @Timeout(20)
    void waitsAtStartForADaemonThatReads() throws InterruptedException {
        startDaemon();
        logTo();
        var reader = new Thread(() -> {
            for (int i = 0; i < 1000;) {
                var message = received();
                if (message != null) assertEquals("<30>pasta: message " + i++, message);
            }
        });
        reader.start();
        for (int i = 0; i < 1000; i++) log.write(Level.INFO, i, "message " + i);
        reader.join(Duration.ofSeconds(5));
        assertTrue(!reader.isAlive(), "messages were lost");
        long start = System.nanoTime();
        for (int i = 0; i < 2000; i++) log.write(Level.INFO, i, "nobody reads");
        long taken = System.nanoTime() - start;
        assertTrue(taken < Duration.ofSeconds(2).toNanos(), taken + " ns");
    }
}
