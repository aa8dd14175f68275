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
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamPathTest {
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
