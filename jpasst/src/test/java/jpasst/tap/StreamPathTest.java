// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamPathTest {
    private static final int RIVALS = 6;

    @TempDir
    private Path directory;

    private static SocketChannel connect(String path) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    @Test
    void listensAtAPath() throws Exception {
        var socket = StreamPath.at(directory.resolve("s").toString());
        connect(socket.path()).close();
        Files.close(socket.fd());
    }

    @Test
    void replacesASocketNobodyListensAt() throws Exception {
        String path = directory.resolve("s").toString();
        Files.close(StreamPath.at(path).fd());
        var socket = StreamPath.at(path);
        connect(path).close();
        Files.close(socket.fd());
    }

    /** Several begin at once where a crash left a socket: it is one's, and the one's remains. */
    @Test
    void aStaleSocketIsReplacedByOneOfMany() throws Exception {
        for (int i = 0; i < 100; i++) {
            String path = directory.resolve("s" + i).toString();
            Files.close(StreamPath.at(path).fd());
            var made = new ConcurrentLinkedQueue<StreamPath>();
            var threads = new ArrayList<Thread>();
            var start = new CyclicBarrier(RIVALS);
            for (int j = 0; j < RIVALS; j++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        start.await();
                        made.add(StreamPath.at(path));
                    } catch (LinuxException lost) {
                        assertEquals(Errno.EADDRINUSE, lost.errno());
                    } catch (Exception impossible) {
                        throw new AssertionError(impossible);
                    }
                }));
            }
            for (var thread : threads) thread.join();
            assertEquals(1, made.size(), "round " + i);
            connect(path).close();
            Files.close(made.remove().fd());
        }
    }

    /** Another user of a shared directory may hold that lock, but not the start up. */
    @Test
    void aLockThatIsNeverReleasedHidesTheStaleSocketOnly() {
        String stale = directory.resolve("stale").toString();
        Files.close(StreamPath.at(stale).fd());
        int lock = Files.open(directory.toString(), Files.O_RDONLY | Files.O_CLOEXEC, 0);
        assertEquals(0, Files.flock(lock, Files.LOCK_EX | Files.LOCK_NB));
        assertThrows(LinuxException.class, () -> StreamPath.at(stale));
        Files.close(StreamPath.at(directory.resolve("other").toString()).fd());
        Files.close(lock);
        Files.close(StreamPath.at(stale).fd());
    }

    /** As its target may be anybody's. */
    @Test
    void neverRemovesASymbolicLink() throws Exception {
        var stale = directory.resolve("stale");
        Files.close(StreamPath.at(stale.toString()).fd());
        for (var target : List.of(stale, directory.resolve("none"))) {
            var link = directory.resolve("link-to-" + target.getFileName());
            java.nio.file.Files.createSymbolicLink(link, target);
            var refused = assertThrows(LinuxException.class, () -> StreamPath.at("" + link));
            assertEquals(Errno.EADDRINUSE, refused.errno());
            assertTrue(java.nio.file.Files.isSymbolicLink(link));
        }
        assertTrue(java.nio.file.Files.exists(stale));
    }

    @Test
    void refusesASocketSomebodyListensAt() {
        var socket = StreamPath.at(directory.resolve("s").toString());
        var refused = assertThrows(LinuxException.class, () -> StreamPath.at(socket.path()));
        assertEquals(Errno.EADDRINUSE, refused.errno());
        Files.close(socket.fd());
    }

    @Test
    void neverRemovesAFileThatIsNoSocket() throws Exception {
        var file = directory.resolve("precious");
        java.nio.file.Files.writeString(file, "data");
        assertThrows(LinuxException.class, () -> StreamPath.at(file.toString()));
        assertEquals("data", java.nio.file.Files.readString(file));
    }

    @Test
    void namesThePathThatCannotBeHad() {
        var refused = assertThrows(LinuxException.class,
                () -> StreamPath.at(directory.resolve("none/s").toString()));
        assertTrue(refused.getMessage().contains("none/s"), refused.getMessage());
    }

    @Test
    void probesForTheFirstFreePath() throws Exception {
        List<StreamPath> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) sockets.add(StreamPath.probe());
        for (int i = 0; i < 3; i++) {
            assertTrue(sockets.get(i).path().matches("/tmp/passt_[0-9]+\\.socket"));
            for (int j = 0; j < i; j++) {
                assertTrue(!sockets.get(j).path().equals(sockets.get(i).path()));
            }
            var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            assertTrue(channel.connect(UnixDomainSocketAddress.of(sockets.get(i).path())));
            channel.close();
        }
        for (var socket : sockets) {
            Files.close(socket.fd());
            Files.unlink(socket.path());
        }
    }
}
