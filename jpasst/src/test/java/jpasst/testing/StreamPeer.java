// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;

/**
 * The other end of a TCP connection: a plain socket of the kernel's that does what it is told, and
 * has our side served meanwhile. Used by the thread that serves.
 */
public final class StreamPeer implements AutoCloseable {
    /** Bytes of memory a peer needs; peers of one thread may share it. */
    public static final int SCRATCH = 1 << 20;

    private static final long PATIENCE_NS = 10_000_000_000L;

    /** The socket, for what is not done here. */
    public final int fd;
    private final Runnable serve;
    private final MemorySegment scratch;
    private boolean closed;

    /**
     * A peer with a connected, or connecting, socket, which it will close.
     *
     * @param serve serves our side, until it has nothing to do
     * @param scratch of {@link #SCRATCH} bytes
     * @param fd of the socket, or -errno, which fails
     */
    public StreamPeer(Runnable serve, MemorySegment scratch, int fd) {
        this.serve = serve;
        this.scratch = scratch;
        this.fd = Errno.check("socket", fd);
    }

    /** Sends all of it, serving our side while there is no room. */
    public StreamPeer send(byte... bytes) {
        int sent = 0;
        while (sent < bytes.length) {
            int n = Errno.check("send", trySend(bytes, sent));
            sent += n;
            if (n == 0) serve.run();
        }
        serve.run();
        return this;
    }

    public StreamPeer send(String text) {
        return send(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends what there is room for, from an offset on: how much that was, or -errno. */
    public int trySend(byte[] bytes, int from) {
        int length = Math.min(SCRATCH, bytes.length - from);
        MemorySegment.copy(bytes, from, scratch, ValueLayout.JAVA_BYTE, 0, length);
        long n = Sockets.send(fd, scratch, 0, length,
                Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL);
        return n == -Errno.EAGAIN ? 0 : (int) n;
    }

    /** Bytes received, 0 at the end of the stream, or -errno, also if there are none. */
    public int receive(byte[] into, int from, int most) {
        int n = receive(most);
        if (n > 0) MemorySegment.copy(scratch, ValueLayout.JAVA_BYTE, 0, into, from, n);
        return n;
    }

    private int receive(int most) {
        return (int) Sockets.recv(fd, scratch, 0, Math.min(most, SCRATCH), Sockets.MSG_DONTWAIT);
    }

    /** What there is, nothing if there is nothing; null at the end of the stream. */
    public byte[] tryRead(int most) {
        int n = receive(most);
        if (n == 0) return null;
        int length = n == -Errno.EAGAIN ? 0 : Errno.check("recv", n);
        return scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Exactly so many bytes, serving our side meanwhile. */
    public byte[] read(int count) {
        var all = new ByteArrayOutputStream();
        long limit = System.nanoTime() + PATIENCE_NS;
        while (all.size() < count) {
            byte[] part = tryRead(count - all.size());
            if (part == null) fail("end of stream after " + all.size() + " bytes");
            all.writeBytes(part);
            if (part.length == 0) {
                assertTrue(System.nanoTime() < limit, "got " + all.size() + " of " + count);
                serve.run();
            }
        }
        return all.toByteArray();
    }

    public void expect(String text) {
        assertEquals(text, new String(read(text.length()), StandardCharsets.US_ASCII));
    }

    public void expectNothing() {
        serve.run();
        assertEquals(-Errno.EAGAIN, receive(SCRATCH), "no data, and no end");
    }

    public void expectEnd() {
        assertEquals(0, outcome(), "end of the stream");
    }

    public void expectReset() {
        assertEquals(-Errno.ECONNRESET, outcome(), "reset");
    }

    private int outcome() {
        long limit = System.nanoTime() + PATIENCE_NS;
        for (;;) {
            int n = receive(SCRATCH);
            if (n != -Errno.EAGAIN || System.nanoTime() > limit) return n;
            serve.run();
        }
    }

    /** Ends its direction. */
    public StreamPeer shutdown() {
        Errno.check("shutdown", Sockets.shutdown(fd, Sockets.SHUT_WR));
        serve.run();
        return this;
    }

    /** Closes with a reset, and serves our side. */
    public void reset() {
        Sockets.setLinger(fd, true, 0);
        hangUp();
    }

    /** Closes, and serves our side. */
    public void hangUp() {
        close();
        serve.run();
    }

    /** Closes its socket, if it is not closed yet; our side will see when it is served. */
    @Override
    public void close() {
        if (!closed) Files.close(fd);
        closed = true;
    }
}
