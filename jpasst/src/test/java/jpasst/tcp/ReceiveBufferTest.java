// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Message;
import jpasst.linux.Sockets;

/** The receive buffer beside a naive model: bytes of a known stream, and which of them are held. */
class ReceiveBufferTest {
    private static final int MAX_IOV = ReceiveBuffer.MAX_SPAN / ChunkPool.CHUNK_BYTES + 1;

    /** The byte at a place of the stream. */
    private static byte content(int at) {
        return (byte) (at * 31 + (at >>> 8) * 7 + (at >>> 16));
    }

    /** A buffer and what it should hold. */
    private static final class Model implements AutoCloseable {
        final Arena arena = Arena.ofConfined();
        final ChunkPool pool;
        final ReceiveBuffer buffer;
        final Message message = new Message(arena, MAX_IOV, 0);
        final MemorySegment bytes = arena.allocate(ReceiveBuffer.MAX_SPAN);
        final BitSet held = new BitSet();
        final int from;
        final int to;
        int taken;

        Model(int chunks) {
            pool = new ChunkPool(arena, (long) chunks * ChunkPool.CHUNK_BYTES);
            buffer = new ReceiveBuffer(pool);
            MemorySegment pair = arena.allocate(8, 8);
            Errno.check("socketpair", Sockets.socketpair(Sockets.AF_UNIX,
                    Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0, pair));
            from = pair.get(ValueLayout.JAVA_INT, 0);
            to = pair.get(ValueLayout.JAVA_INT, 4);
        }

        int inOrder() {
            return held.nextClearBit(taken) - taken;
        }

        boolean put(int position, int length) {
            for (int i = 0; i < length; i++) {
                bytes.set(ValueLayout.JAVA_BYTE, i, content(taken + position + i));
            }
            int before = pool.takenCount();
            boolean kept = buffer.put(position, bytes, 0, length);
            if (kept) held.set(taken + position, taken + position + length);
            else if (buffer.isEmpty()) assertEquals(0, pool.takenCount());
            assertTrue(pool.takenCount() >= before || buffer.isEmpty());
            verify();
            return kept;
        }

        /** Writes what is in order to a socket, checks what comes out, and takes a part. */
        void take(Random random) {
            int covered = buffer.gather(message);
            assertEquals(inOrder(), covered);
            if (covered == 0) return;
            int sent = (int) Sockets.sendmsg(from, message, Sockets.MSG_DONTWAIT);
            assertTrue(sent > 0, "sendmsg " + sent);
            for (int got = 0; got < sent;) {
                got += (int) Sockets.recv(to, bytes, got, sent - got, Sockets.MSG_DONTWAIT);
            }
            for (int i = 0; i < sent; i++) {
                if (bytes.get(ValueLayout.JAVA_BYTE, i) != content(taken + i)) {
                    assertEquals(content(taken + i), bytes.get(ValueLayout.JAVA_BYTE, i), "" + i);
                }
            }
            int part = random.nextInt(3) == 0 ? sent : 1 + random.nextInt(sent);
            buffer.taken(part);
            taken += part;
            verify();
        }

        void dropIslands() {
            int inOrder = inOrder();
            buffer.dropIslands();
            held.clear(taken + inOrder, Math.max(taken + inOrder, held.length()));
            verify();
        }

        void verify() {
            assertEquals(inOrder(), buffer.inOrderLength());
            boolean islands = held.length() > taken + inOrder();
            assertEquals(islands, buffer.hasIslands());
            assertEquals(!islands && inOrder() == 0, buffer.isEmpty());
            if (buffer.isEmpty()) assertEquals(0, pool.takenCount(), "chunks of an empty buffer");
        }

        @Override
        public void close() {
            buffer.clear();
            assertEquals(0, pool.takenCount(), "chunks left");
            Files.close(from);
            Files.close(to);
            arena.close();
        }
    }

    @Property(tries = 200)
    void behavesAsTheModel(@ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int chunks,
            @ForAll @IntRange(min = 1, max = 100_000) int longest) {
        var random = new Random(seed);
        try (var m = new Model(chunks)) {
            for (int i = 0; i < 60; i++) {
                if (random.nextInt(3) == 0) {
                    m.take(random);
                    continue;
                }
                if (random.nextInt(10) == 0) m.dropIslands();
                int length = 1 + random.nextInt(longest);
                int gap = random.nextBoolean() ? 0 : random.nextInt(2 * longest);
                int position = m.inOrder() + gap;
                boolean fits = position + length <= ReceiveBuffer.MAX_SPAN;
                boolean kept = m.put(position, length);
                if (!fits) assertFalse(kept);
                else if (gap == 0 && chunks > MAX_IOV) assertTrue(kept, "refused in order");
                assertTrue(!kept || m.buffer.holds(position, length));
            }
        }
    }

    @Property(tries = 50)
    void buffersShareAPoolWithoutLosingChunks(@ForAll long seed) {
        var random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            var pool = new ChunkPool(arena, 10 * ChunkPool.CHUNK_BYTES);
            MemorySegment bytes = arena.allocate(200_000);
            var buffers = new ReceiveBuffer[5];
            for (int i = 0; i < buffers.length; i++) buffers[i] = new ReceiveBuffer(pool);
            for (int i = 0; i < 300; i++) {
                var buffer = buffers[random.nextInt(buffers.length)];
                switch (random.nextInt(4)) {
                    case 0 -> {
                        if (buffer.inOrderLength() > 0) {
                            buffer.taken(1 + random.nextInt(buffer.inOrderLength()));
                        }
                    }
                    case 1 -> buffer.put(buffer.inOrderLength() + random.nextInt(300_000), bytes,
                            0, 1 + random.nextInt(200_000));
                    case 2 -> buffer.put(buffer.inOrderLength(), bytes, 0,
                            1 + random.nextInt(200_000));
                    default -> {
                        if (random.nextInt(10) == 0) buffer.clear();
                    }
                }
            }
            for (var buffer : buffers) buffer.clear();
            assertEquals(0, pool.takenCount());
            for (int i = 0; i < 10; i++) assertTrue(pool.take() != ChunkPool.NONE);
            assertEquals(ChunkPool.NONE, pool.take());
        }
    }

    @Test
    void keepsWhatFillsASpanExactly() {
        try (var m = new Model(20)) {
            assertTrue(m.put(0, 1));
            m.take(new Random(0));
            assertTrue(m.put(0, ReceiveBuffer.MAX_SPAN));
            assertFalse(m.put(ReceiveBuffer.MAX_SPAN, 1));
        }
    }

    @Test
    void mergesIslandsWhichTouch() {
        try (var m = new Model(20)) {
            assertTrue(m.put(10, 10));
            assertTrue(m.put(30, 10));
            assertTrue(m.put(15, 20));
            assertTrue(m.buffer.holds(10, 30));
            assertFalse(m.buffer.holds(9, 1));
            assertTrue(m.put(0, 10));
            assertEquals(40, m.buffer.inOrderLength());
        }
    }

    @Test
    void refusesANinthIslandButNotOneThatJoins() {
        try (var m = new Model(20)) {
            for (int i = 1; i <= 8; i++) assertTrue(m.put(100 * i, 10));
            assertFalse(m.put(950, 10));
            assertTrue(m.put(110, 10));
            assertTrue(m.put(0, 10));
        }
    }

    @Test
    void dropsIslandsWithTheMemoryThatOnlyTheyNeed() {
        try (var m = new Model(20)) {
            assertTrue(m.put(0, 10));
            assertTrue(m.put(20, 10));
            assertTrue(m.put(3 * ChunkPool.CHUNK_BYTES, 10));
            assertEquals(2, m.pool.takenCount());
            m.dropIslands();
            assertEquals(10, m.buffer.inOrderLength());
            assertEquals(1, m.pool.takenCount());
        }
    }

    @Test
    void poolSaysWhenItRunsLow() {
        try (Arena arena = Arena.ofConfined()) {
            var pool = new ChunkPool(arena, 8 * ChunkPool.CHUNK_BYTES);
            for (int i = 0; i < 6; i++) {
                assertFalse(pool.isScarce());
                pool.take();
            }
            assertFalse(pool.isScarce());
            int seventh = pool.take();
            assertTrue(pool.isScarce());
            pool.giveBack(seventh);
            assertFalse(pool.isScarce());
            assertEquals(6, pool.takenCount());
        }
    }
}
