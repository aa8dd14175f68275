// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;

/** One end of a spliced connection: a plain socket that does what it is told. */
final class Peer {
    private static final int SCRATCH = 1 << 20;

    private final SpliceHarness harness;
    private final MemorySegment scratch;
    int fd;

    Peer(SpliceHarness harness, int fd) {
        this.harness = harness;
        this.fd = Errno.check("socket", fd);
        scratch = harness.scratch(SCRATCH);
    }

    /** Sends what there is room for, from an offset on; how much, or -errno but for EAGAIN. */
    int trySend(byte[] bytes, int from) {
        int length = Math.min(SCRATCH, bytes.length - from);
        MemorySegment.copy(bytes, from, scratch, ValueLayout.JAVA_BYTE, 0, length);
        long n = Sockets.send(fd, scratch, 0, length,
                Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL);
        return n == -Errno.EAGAIN ? 0 : (int) n;
    }

    /** Sends all of it, which must find room, and serves our side. */
    Peer send(String text) {
        assertEquals(text.length(), trySend(text.getBytes(), 0));
        harness.serve();
        return this;
    }

    /** Bytes received, 0 at the end of the stream, or -errno. */
    int receive(byte[] into, int from, int most) {
        long n = Sockets.recv(fd, scratch, 0, Math.min(most, SCRATCH), Sockets.MSG_DONTWAIT);
        if (n > 0) MemorySegment.copy(scratch, ValueLayout.JAVA_BYTE, 0, into, from, (int) n);
        return (int) n;
    }

    void expect(String text) {
        var all = new ByteArrayOutputStream();
        byte[] part = new byte[text.length()];
        long limit = System.nanoTime() + SpliceHarness.PATIENCE_NS;
        while (all.size() < text.length()) {
            int n = receive(part, 0, text.length() - all.size());
            if (n > 0) all.write(part, 0, n);
            else if (n != -Errno.EAGAIN) fail("got " + n + " after " + all.size() + " bytes");
            assertTrue(System.nanoTime() < limit, "got " + all.size() + " bytes");
            if (n < 0) harness.serve();
        }
        assertEquals(text, all.toString());
    }

    void expectNothing() {
        harness.serve();
        assertEquals(-Errno.EAGAIN, receive(new byte[1], 0, 1));
    }

    void expectEnd() {
        assertEquals(0, outcome(), "end of the stream");
    }

    void expectReset() {
        assertEquals(-Errno.ECONNRESET, outcome(), "reset");
    }

    private int outcome() {
        long limit = System.nanoTime() + SpliceHarness.PATIENCE_NS;
        byte[] part = new byte[1];
        for (;;) {
            int n = receive(part, 0, 1);
            if (n != -Errno.EAGAIN || System.nanoTime() > limit) return n;
            harness.serve();
        }
    }

    /** Ends its stream. */
    Peer shutdown() {
        Errno.check("shutdown", Sockets.shutdown(fd, Sockets.SHUT_WR));
        harness.serve();
        return this;
    }

    /** Closes with a reset. */
    void reset() {
        Sockets.setLinger(fd, true, 0);
        close();
    }

    /** Closes its socket, and serves our side. */
    void close() {
        if (fd >= 0) Files.close(fd);
        fd = -1;
        harness.serve();
    }
}
