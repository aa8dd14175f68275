// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;

/** The other end of a connection: a plain socket of the kernel's that does what it is told. */
final class Peer implements AutoCloseable {
    private static final int SCRATCH = 1 << 20;
    private static final int DONTWAIT = Sockets.MSG_DONTWAIT;

    final int fd;
    private final TcpHarness harness;
    private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH);
    private boolean closed;

    Peer(TcpHarness harness, int fd) {
        this.harness = harness;
        this.fd = Errno.check("accept4", fd);
    }

    /** Sends all of it, serving our side while there is no room. */
    Peer send(byte... bytes) {
        int sent = 0;
        while (sent < bytes.length) {
            int n = trySend(bytes, sent);
            sent += n;
            if (n == 0) harness.serve();
        }
        harness.serve();
        return this;
    }

    Peer send(String text) {
        return send(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Sends what there is room for, from an offset on; how much that was. */
    int trySend(byte[] bytes, int from) {
        int length = Math.min(SCRATCH, bytes.length - from);
        MemorySegment.copy(bytes, from, scratch, ValueLayout.JAVA_BYTE, 0, length);
        long n = Sockets.send(fd, scratch, 0, length, DONTWAIT | Sockets.MSG_NOSIGNAL);
        if (n == -Errno.EAGAIN) return 0;
        return Errno.check("send", (int) n);
    }

    /** What there is, nothing if there is nothing; null at the end of the stream. */
    byte[] tryRead(int most) {
        long n = Sockets.recv(fd, scratch, 0, Math.min(most, SCRATCH), DONTWAIT);
        if (n == -Errno.EAGAIN) return new byte[0];
        if (n == 0) return null;
        Errno.check("recv", (int) n);
        return scratch.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Exactly so many bytes, serving our side meanwhile. */
    byte[] read(int count) {
        var all = new java.io.ByteArrayOutputStream();
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        while (all.size() < count) {
            byte[] part = tryRead(count - all.size());
            if (part == null) fail("end of stream after " + all.size() + " bytes");
            all.writeBytes(part);
            if (part.length == 0) {
                assertTrue(System.nanoTime() < limit, "got " + all.size() + " of " + count);
                harness.serve();
            }
        }
        return all.toByteArray();
    }

    void expect(String text) {
        assertEquals(text, new String(read(text.length())));
    }

    void expectNothing() {
        harness.serve();
        byte[] got = tryRead(SCRATCH);
        assertTrue(got != null && got.length == 0, "unexpected data or end");
    }

    void expectEnd() {
        assertEquals(0, result(), "end of the stream");
    }

    void expectReset() {
        assertEquals(-Errno.ECONNRESET, result(), "reset");
    }

    private long result() {
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        for (;;) {
            long n = Sockets.recv(fd, scratch, 0, SCRATCH, DONTWAIT);
            if (n != -Errno.EAGAIN || System.nanoTime() > limit) return n;
            harness.serve();
        }
    }

    /** Ends its direction. */
    Peer shutdown() {
        Errno.check("shutdown", Sockets.shutdown(fd, Sockets.SHUT_WR));
        harness.serve();
        return this;
    }

    /** Closes with a reset. */
    void reset() {
        Sockets.setLinger(fd, true, 0);
        close();
        harness.serve();
    }

    @Override
    public void close() {
        if (!closed) Files.close(fd);
        closed = true;
    }
}
