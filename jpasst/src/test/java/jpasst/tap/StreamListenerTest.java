// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.linux.UnixAddress;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.loop.EventType;
import jpasst.metrics.Counters;
import jpasst.testing.Limits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients at a socket in the file system, too many of them, and too few descriptors. */
class StreamListenerTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    private Path directory;

    private final Arena arena = Arena.ofShared();
    private final List<String> logged = new ArrayList<>();
    private final Log log = new Log((level, elapsedNs, text) -> logged.add(text))
            .level(Level.INFO);
    private final List<String> failures = new ArrayList<>();
    private final EventLoop loop = new EventLoop((type, cause) -> failures.add("" + cause));
    private final StreamTap tap = new StreamTap(arena, new Nobody(), new Counters(), log);
    private final MemorySegment byteRead = arena.allocate(1);
    private StreamPath socket;
    private StreamListener listener;
    private long nowNs = SECOND_NS;

    private static final class Nobody implements StreamClientWatch, FrameHandler {
        @Override
        public void connected() {
        }

        @Override
        public void disconnected() {
        }

        @Override
        public void frame(Frame frame, long nowNs) {
        }

        @Override
        public void endBatch(long nowNs) {
        }
    }

    @BeforeEach
    void listen() {
        socket = StreamPath.at(directory.resolve("socket").toString());
        tap.start(loop, new Nobody());
        listener = new StreamListener(tap, log);
        assertEquals(0, listener.start(loop, socket.fd()));
    }

    @AfterEach
    void close() {
        Limits.raiseDescriptors();
        Files.close(socket.fd());
        loop.close();
        arena.close();
        assertEquals(List.of(), failures);
    }

    private int newSocket() {
        return Errno.check("socket", Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM
                | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0));
    }

    private int connect(int fd) {
        MemorySegment address = arena.allocate(UnixAddress.LENGTH, 8);
        int length = UnixAddress.put(address, socket.path());
        assertEquals(0, Sockets.connect(fd, address, 0, length));
        return fd;
    }

    /** As in the program: events, then what follows each round. */
    private boolean serve() {
        boolean events = loop.serve(0, nowNs);
        listener.run(nowNs);
        return events;
    }

    private boolean isClosed(int client) {
        return Sockets.recv(client, byteRead, 0, 1, Sockets.MSG_DONTWAIT) == 0;
    }

    @Test
    void takesOneClientAndTurnsOthersAway() {
        int first = connect(newSocket());
        serve();
        assertTrue(tap.isConnected());
        int second = connect(newSocket());
        serve();
        assertTrue(isClosed(second));
        assertFalse(isClosed(first));
        Files.close(first);
        Files.close(second);
    }

    /** Not even by who does nothing but connect. */
    @Test
    void theLogIsNotFlooded() {
        int first = connect(newSocket());
        serve();
        for (int i = 0; i < 200; i++) {
            int other = connect(newSocket());
            serve();
            Files.close(other);
        }
        assertTrue(logged.size() <= 10, logged::toString);
        Files.close(first);
    }

    @Test
    void aClientWaitsForADescriptorWithoutTroublingTheLoop() {
        int client = connect(newSocket());
        Limits.lowerDescriptors();
        assertTrue(serve());
        for (int i = 0; i < 20; i++) {
            assertFalse(serve(), "an event though nothing can be done about it");
        }
        assertTrue(listener.run(nowNs) <= nowNs + SECOND_NS);
        nowNs += SECOND_NS;
        serve();
        assertTrue(serve(), "another try");
        assertFalse(serve());
        assertFalse(tap.isConnected());
        Limits.raiseDescriptors();
        nowNs += SECOND_NS;
        serve();
        assertTrue(serve());
        assertTrue(tap.isConnected());
        assertEquals(Long.MAX_VALUE, listener.run(nowNs));
        assertTrue(logged.getFirst().contains("cannot accept a client"), logged::toString);
        Files.close(client);
    }
}
