// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import jpasst.linux.Errno;
import jpasst.linux.Sockets;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/**
 * Peers that send, read, end and reset as a seed says, against a model: what one received is what
 * the other sent, from the first byte on, up to the last one unless there was a reset.
 */
@ExtendWith(InSandbox.class)
class RandomSchedulesTest {
    private static final int SEEDS = 60;
    private static final int STEPS = 250;
    private static final int MAX_PIECE = 1 << 20;

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    /** One stream: the sequence of bytes depends on a number and the position only. */
    private static final class Stream {
        final int number;
        final StreamPeer from;
        final StreamPeer to;
        long sent;
        long received;
        boolean ended;
        boolean endSeen;

        Stream(int number, StreamPeer from, StreamPeer to) {
            this.number = number;
            this.from = from;
            this.to = to;
        }

        byte at(long position) {
            long x = (position >> 2) * 0x9e37_79b9_7f4a_7c15L + number;
            return (byte) (x >>> 32 ^ position);
        }

        /** Returns a negative number if the socket has been reset. */
        int send(int most) {
            byte[] bytes = new byte[most];
            for (int i = 0; i < most; i++) bytes[i] = at(sent + i);
            int n = from.trySend(bytes, 0);
            if (n > 0) sent += n;
            return n;
        }

        int receive(int most) {
            byte[] bytes = new byte[most];
            int n = to.receive(bytes, 0, most);
            for (int i = 0; i < n; i++) {
                if (bytes[i] != at(received + i)) {
                    fail("stream " + number + " wrong at " + (received + i));
                }
            }
            if (n > 0) received += n;
            assertTrue(received <= sent, "more than was sent");
            if (n == 0) {
                assertTrue(ended, "end of a stream that goes on");
                assertEquals(sent, received, "end before the last byte");
                endSeen = true;
            }
            return n;
        }
    }

    /** A connection, and what its peers know of a reset by one of them. */
    private static final class Pair {
        final Stream[] streams;
        /** The client and the server: whether it has reset or been told of a reset. */
        final boolean[] broken = new boolean[2];
        boolean reset;

        Pair(int number, StreamPeer client, StreamPeer server) {
            streams = new Stream[] {new Stream(2 * number, client, server),
                new Stream(2 * number + 1, server, client)};
        }

        void step(Random random) {
            int i = random.nextInt(2);
            int size = 1 + random.nextInt(1 << 1 + random.nextInt(20));
            int choice = random.nextInt(300);
            if (choice < 135) send(i, Math.min(size, MAX_PIECE));
            else if (choice < 285) receive(1 - i, size);
            else if (choice < 299) end(i);
            else reset(i);
        }

        private void send(int peer, int size) {
            Stream s = streams[peer];
            if (!s.ended && !broken[peer]) check(peer, s.send(size));
        }

        private void receive(int peer, int size) {
            Stream s = streams[1 - peer];
            if (!s.endSeen && !broken[peer]) check(peer, s.receive(size));
        }

        private void end(int peer) {
            Stream s = streams[peer];
            if (s.ended || broken[peer]) return;
            int rc = Sockets.shutdown(s.from.fd, Sockets.SHUT_WR);
            check(peer, rc);
            s.ended = rc == 0;
        }

        private void reset(int peer) {
            if (broken[peer]) return;
            reset = true;
            broken[peer] = true;
            streams[peer].from.reset();
        }

        private void check(int peer, int n) {
            if (n >= 0 || n == -Errno.EAGAIN) return;
            assertTrue(reset, "error without a reset: " + n);
            assertTrue(n == -Errno.ECONNRESET || n == -Errno.EPIPE || n == -Errno.ENOTCONN,
                    "unexpected " + n);
            broken[peer] = true;
        }

        /** Reads on until both peers have seen the end, or a reset. */
        void finish(SpliceHarness h) {
            end(0);
            end(1);
            long limit = System.nanoTime() + SpliceHarness.PATIENCE_NS;
            while (!isOver(0) | !isOver(1)) {
                assertTrue(System.nanoTime() < limit, "no end, reset " + reset);
                h.round();
            }
        }

        private boolean isOver(int peer) {
            receive(peer, MAX_PIECE);
            return broken[peer] || streams[1 - peer].endSeen;
        }
    }

    private static void run(SpliceHarness h, int seed) {
        var random = new Random(seed);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            var c = h.connect();
            pairs.add(new Pair(i, c.client(), c.server()));
        }
        for (int i = 0; i < STEPS; i++) {
            pairs.get(random.nextInt(pairs.size())).step(random);
            if (random.nextInt(3) == 0) h.round();
        }
        for (Pair pair : pairs) pair.finish(h);
        h.serve();
        assertEquals(0, h.table.activeCount());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void deliversWhatWasSent(int seed) {
        try (var h = new SpliceHarness()) {
            run(h, seed);
        }
    }

    /** With one pipe for all: who finds it taken copies. */
    @ParameterizedTest
    @MethodSource("seeds")
    void deliversWhatWasSentWithOnePipe(int seed) {
        try (var h = new SpliceHarness(1)) {
            run(h, seed);
        }
    }
}
