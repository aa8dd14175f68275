// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.log.Log;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest at the other end of a socket pair, which knows nothing of our code. */
class StreamTapTest {
    private static final int MANY = 20_000;

    private final Arena arena = Arena.ofShared();
    private final Counters counters = new Counters();
    private final List<String> failures = new ArrayList<>();
    private final EventLoop loop = new EventLoop((type, cause) -> failures.add("" + cause));
    private final Watch watch = new Watch();
    private final Handler handler = new Handler();
    private final StreamTap tap = new StreamTap(arena, watch, counters, new Log());
    private final MemorySegment scratch = arena.allocate(1 << 20, 8);
    private int client;

    private static final class Watch implements StreamClientWatch {
        private int connected;
        private int disconnected;

        @Override
        public void connected() {
            connected++;
        }

        @Override
        public void disconnected() {
            disconnected++;
        }
    }

    /** Copies what it is shown when the batch ends, as the frames must stay until then. */
    private static final class Handler implements FrameHandler {
        private final List<byte[]> frames = new ArrayList<>();
        private final List<MemorySegment> memory = new ArrayList<>();
        private final List<Long> at = new ArrayList<>();
        private final List<Integer> length = new ArrayList<>();
        /** How many batches are to fail yet. */
        private int failing;

        @Override
        public void frame(Frame frame, long nowNs) {
            memory.add(frame.memory());
            at.add(frame.at());
            length.add(frame.length());
        }

        @Override
        public void endBatch(long nowNs) {
            for (int i = 0; i < memory.size(); i++) {
                frames.add(memory.get(i).asSlice(at.get(i), length.get(i))
                        .toArray(ValueLayout.JAVA_BYTE));
            }
            memory.clear();
            at.clear();
            length.clear();
            if (failing-- > 0) throw new IllegalStateException("as wanted");
        }
    }

    @BeforeEach
    void connect() {
        tap.start(loop, handler);
        client = newClient();
    }

    private int newClient() {
        MemorySegment pair = arena.allocate(8, 4);
        Errno.check("socketpair", Sockets.socketpair(Sockets.AF_UNIX,
                Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK, 0, pair));
        assertEquals(0, tap.connect(pair.get(ValueLayout.JAVA_INT, 0)));
        return pair.get(ValueLayout.JAVA_INT, 4);
    }

    @AfterEach
    void close() {
        Files.close(client);
        loop.serve(0, 0);
        assertEquals(List.of(), failures);
        loop.close();
        arena.close();
    }

    private void clientSends(byte[]... pieces) {
        for (byte[] piece : pieces) {
            MemorySegment.copy(piece, 0, scratch, ValueLayout.JAVA_BYTE, 0, piece.length);
            assertEquals(piece.length, Sockets.send(client, scratch, 0, piece.length, 0));
        }
    }

    private void serve() {
        while (loop.serve(0, 0)) {
            tap.flush();
        }
        tap.flush();
    }

    private static byte[] framed(byte[] frame) {
        return ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array();
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Frame frame(byte[] bytes) {
        var frame = new Frame(arena);
        MemorySegment.copy(bytes, 0, frame.memory(), ValueLayout.JAVA_BYTE, frame.at(),
                bytes.length);
        return frame.length(bytes.length);
    }

    /** All that waits for the client. */
    private byte[] clientReads(int most) {
        var all = new ByteArrayOutputStream();
        long count;
        while (all.size() < most && (count = Sockets.recv(client, scratch, 0,
                Math.min(most - all.size(), 1 << 20), Sockets.MSG_DONTWAIT)) > 0) {
            all.writeBytes(scratch.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
        }
        return all.toByteArray();
    }

    @Test
    void showsFramesOfEveryLengthHoweverTheyAreCut() {
        var random = new Random(7);
        var sent = new ArrayList<byte[]>();
        var stream = new ByteArrayOutputStream();
        for (int length : new int[] {14, 15, 60, 1514, 65535, 14, 9000, 65534, 64}) {
            sent.add(bytes(length, length));
            stream.writeBytes(framed(sent.getLast()));
        }
        byte[] all = stream.toByteArray();
        for (int at = 0; at < all.length;) {
            int end = Math.min(all.length, at + 1 + random.nextInt(30_000));
            clientSends(Arrays.copyOfRange(all, at, end));
            at = end;
            if (random.nextBoolean()) serve();
        }
        serve();
        assertEquals(sent.size(), handler.frames.size());
        for (int i = 0; i < sent.size(); i++) assertArrayEquals(sent.get(i), handler.frames.get(i));
        assertEquals(sent.size(), counters.get(Counter.FRAMES_FROM_TAP));
    }

    /** Much at once, so that parts of frames lie near the end of the room for reading. */
    @Test
    void showsFramesThatGoRoundTheBuffer() {
        var random = new Random(11);
        var sent = new ArrayList<byte[]>();
        var stream = new ByteArrayOutputStream();
        for (int i = 0; i < 400; i++) {
            sent.add(bytes(14 + random.nextInt(random.nextBoolean() ? 2000 : 65_522), i));
            stream.writeBytes(framed(sent.getLast()));
        }
        byte[] all = stream.toByteArray();
        for (int at = 0; at < all.length;) {
            for (int i = 0; i < 5 && at < all.length; i++) {
                int end = Math.min(all.length, at + 1 + random.nextInt(40_000));
                clientSends(Arrays.copyOfRange(all, at, end));
                at = end;
            }
            serve();
        }
        assertEquals(sent.size(), handler.frames.size());
        for (int i = 0; i < sent.size(); i++) assertArrayEquals(sent.get(i), handler.frames.get(i));
    }

    @Test
    void showsFramesThatComeByteByByte() {
        byte[] frame = bytes(100, 1);
        for (byte one : framed(frame)) {
            clientSends(new byte[] {one});
            serve();
        }
        assertEquals(1, handler.frames.size());
        assertArrayEquals(frame, handler.frames.getFirst());
    }

    /** Once: its frames do not come again with those that follow. */
    @Test
    void aBatchThatFailsCostsNoOther() {
        handler.failing = 1;
        clientSends(framed(bytes(100, 1)), Arrays.copyOf(framed(bytes(50, 2)), 20));
        serve();
        assertEquals(List.of("java.lang.IllegalStateException: as wanted"), failures);
        failures.clear();
        clientSends(Arrays.copyOfRange(framed(bytes(50, 2)), 20, 54), framed(bytes(60, 3)));
        serve();
        assertEquals(3, handler.frames.size());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(bytes(new int[] {100, 50, 60}[i], i + 1), handler.frames.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 65536, 1 << 24, -1})
    void disconnectsAClientThatNamesAnImpossibleLength(int length) {
        clientSends(framed(bytes(60, 1)),
                ByteBuffer.allocate(8).putInt(length).putInt(0x01020304).array());
        serve();
        assertEquals(1, handler.frames.size());
        assertFalse(tap.isConnected());
        assertEquals(1, watch.disconnected);
        assertEquals(0, Sockets.recv(client, scratch, 0, 1, Sockets.MSG_DONTWAIT));
    }

    @Test
    void sendsFramesInOrderSmallOnesTogether() {
        var expected = new ByteArrayOutputStream();
        for (int length : new int[] {60, 60, 1514, 60000, 60, 8192, 8191, 65535, 61}) {
            byte[] frame = bytes(length, length);
            expected.writeBytes(framed(frame));
            assertTrue(tap.send(frame(frame)));
        }
        tap.flush();
        assertArrayEquals(expected.toByteArray(), clientReads(1 << 20));
        assertEquals(9, counters.get(Counter.FRAMES_TO_TAP));
    }

    /** Also over what was in the buffer before. */
    @Test
    void padsShortFramesWithZeros() {
        assertTrue(tap.send(frame(bytes(1000, 1))));
        tap.flush();
        clientReads(1 << 20);
        var expected = new ByteArrayOutputStream();
        for (int length : new int[] {14, 42, 59, 60}) {
            byte[] frame = bytes(length, length);
            assertEquals(length == 60, tap.lend(new Frame(), length));
            assertTrue(tap.send(frame(frame)));
            expected.writeBytes(framed(Arrays.copyOf(frame, 60)));
        }
        tap.flush();
        assertArrayEquals(expected.toByteArray(), clientReads(1 << 20));
    }

    @Test
    void keepsSmallFramesUntilTheRoundEnds() {
        assertTrue(tap.send(frame(bytes(60, 1))));
        assertEquals(0, clientReads(1 << 20).length);
        tap.flush();
        assertEquals(64, clientReads(1 << 20).length);
    }

    /** What was taken arrives whole and in order, what was refused not at all. */
    @Test
    void aClientThatDoesNotReadHoldsUpNobodyAndLosesNothingThatWasTaken() {
        var random = new Random(3);
        var taken = new ByteArrayOutputStream();
        int refused = 0;
        for (int i = 0; i < MANY; i++) {
            byte[] frame = bytes(60 + random.nextInt(random.nextBoolean() ? 100 : 30_000), i);
            if (tap.send(frame(frame))) taken.writeBytes(framed(frame));
            else refused++;
            if (i % 16 == 0) serve();
            if (refused > 100) break;
        }
        assertTrue(refused > 100);
        assertFalse(tap.hasRoom());
        long rounds = loop.rounds();
        assertFalse(loop.serve(0, 0), "events though nothing can be done");
        assertEquals(rounds + 1, loop.rounds());
        var read = new ByteArrayOutputStream();
        while (read.size() < taken.size()) {
            byte[] part = clientReads(1 + random.nextInt(100_000));
            read.writeBytes(part);
            serve();
        }
        assertArrayEquals(taken.toByteArray(), read.toByteArray());
        assertTrue(tap.hasRoom());
        assertTrue(tap.send(frame(bytes(60, 1))));
    }

    /** The round in which the socket got room sends off what it has, and does not wait. */
    @Test
    void whatIsSentWhenThereIsRoomAgainGoesOutInThatRound() {
        var expected = new ByteArrayOutputStream();
        for (int i = 0; tap.hasRoom(); i++) {
            byte[] frame = bytes(60_000, i);
            if (tap.send(frame(frame))) expected.writeBytes(framed(frame));
        }
        tap.flush();
        // By and by, until what was kept is in the socket and this had its last event for it.
        var read = new ByteArrayOutputStream();
        for (int i = 0; i < MANY && read.size() < expected.size(); i++) {
            read.writeBytes(clientReads(50_000));
            while (loop.serve(0, 0)) {
                byte[] frame = bytes(60, 1);
                if (tap.send(frame(frame))) expected.writeBytes(framed(frame));
                tap.flush();
            }
        }
        assertArrayEquals(expected.toByteArray(), read.toByteArray());
    }

    /** A datagram of IPv6 may be longer than any IPv4 packet, and than a client's buffer. */
    @Test
    void dropsFramesThatAreTooLongForTheOtherEnd() {
        assertTrue(tap.send(frame(bytes(65550, 1))));
        assertTrue(tap.send(frame(bytes(65549, 2))));
        tap.flush();
        assertArrayEquals(framed(bytes(65549, 2)), clientReads(1 << 20));
        assertEquals(1, counters.get(Counter.DROP_TOO_LONG));
        assertEquals(1, counters.get(Counter.FRAMES_TO_TAP));
    }

    /** Nothing is lost in the middle of a run for which there was room. */
    @Test
    void takesTheWholeOfARunForWhichItSaysThereIsRoom() {
        var frame = frame(bytes(1514, 1));
        int refused = 0;
        for (int i = 0; i < MANY && refused < 20; i++) {
            int count = 1 + i % 45;
            if (tap.takesRun(count, count * 1514)) {
                for (int j = 0; j < count; j++) {
                    assertTrue(tap.send(frame), "run of " + count + ", frame " + j);
                }
            } else {
                refused++;
                assertFalse(tap.hasRoom());
                clientReads(refused * 10_000);
                serve();
            }
        }
        assertEquals(20, refused);
    }

    @Test
    void takesARunThatCanNeverFitWhenThereIsNothingElse() {
        assertTrue(tap.takesRun(15_000, 900_000));
        assertTrue(tap.send(frame(bytes(60, 1))));
        assertTrue(tap.takesRun(15_000, 900_000));
        assertEquals(64, clientReads(1 << 20).length);
    }

    @Test
    void takesFramesMadeInThePlaceItLends() {
        var expected = new ByteArrayOutputStream();
        var place = new Frame();
        for (int length : new int[] {60, 1514, 9000, 60, 65535, 61, 1514}) {
            byte[] made = bytes(length, length);
            assertTrue(tap.lend(place, length));
            assertEquals(length, place.length());
            MemorySegment.copy(made, 0, place.memory(), ValueLayout.JAVA_BYTE, place.at(), length);
            assertTrue(tap.send(place));
            byte[] copied = bytes(length, length + 1);
            assertTrue(tap.lend(place, length), "a place that nobody uses");
            assertTrue(tap.send(frame(copied)));
            expected.writeBytes(framed(made));
            expected.writeBytes(framed(copied));
        }
        tap.flush();
        assertArrayEquals(expected.toByteArray(), clientReads(1 << 20));
    }

    @Test
    void takesARunMadeInThePlacesItLends() {
        var expected = new ByteArrayOutputStream();
        var place = new Frame();
        for (int used : new int[] {1, 45, 44, 2}) {
            int distance = tap.lendRun(place, 45, 1514);
            assertTrue(distance >= 1514);
            long first = place.at();
            for (int i = 0; i < used; i++) {
                byte[] made = bytes(i < used - 1 ? 1514 : 700, used);
                place.wrap(place.memory(), first + (long) i * distance, made.length);
                MemorySegment.copy(made, 0, place.memory(), ValueLayout.JAVA_BYTE, place.at(),
                        made.length);
                expected.writeBytes(framed(made));
            }
            for (int i = 0; i < used; i++) {
                place.wrap(place.memory(), first + (long) i * distance, i < used - 1 ? 1514 : 700);
                assertTrue(tap.send(place));
            }
        }
        tap.flush();
        assertArrayEquals(expected.toByteArray(), clientReads(1 << 20));
    }

    @Test
    void lendsNoPlaceWithoutRoomOrClient() {
        while (tap.send(frame(bytes(1514, 1)))) {
            assertTrue(counters.get(Counter.FRAMES_TO_TAP) < MANY);
        }
        var place = new Frame();
        assertFalse(tap.lend(place, 1514));
        assertEquals(0, tap.lendRun(place, 2, 1514));
        assertEquals(0, place.length());
        Files.close(client);
        serve();
        assertFalse(tap.lend(place, 1514));
        assertEquals(0, tap.lendRun(place, 2, 1514));
        assertTrue(tap.takesRun(15_000, 900_000));
        client = newClient();
    }

    @Test
    void withoutAClientFramesGoNowhere() {
        Files.close(client);
        serve();
        assertFalse(tap.isConnected());
        assertTrue(tap.send(frame(bytes(60, 1))));
        assertTrue(tap.send(frame(bytes(60_000, 1))));
        assertTrue(tap.hasRoom());
        assertEquals(2, counters.get(Counter.DROP_NO_CLIENT));
        client = newClient();
        tap.flush();
        assertEquals(0, clientReads(1 << 20).length);
    }

    @Test
    void theNextClientKnowsNothingOfWhatTheLastOneLeftHalfDone() {
        clientSends(Arrays.copyOf(framed(bytes(100, 1)), 50));
        serve();
        while (tap.hasRoom()) {
            tap.send(frame(bytes(60_000, 2)));
        }
        Files.close(client);
        serve();
        assertEquals(1, watch.disconnected);
        client = newClient();
        assertEquals(2, watch.connected);
        byte[] frame = bytes(200, 3);
        clientSends(framed(frame));
        assertTrue(tap.send(frame(frame)));
        serve();
        assertArrayEquals(frame, handler.frames.getFirst());
        assertArrayEquals(framed(frame), clientReads(1 << 20));
    }

    /** Nor does what it sent last keep the next one waiting. */
    @Test
    void aClientThatIsGoneMakesRoomAtOnce() {
        tap.disconnectIfGone();
        assertTrue(tap.isConnected());
        for (int i = 0; i < 50; i++) clientSends(framed(bytes(1000, i)));
        Files.close(client);
        tap.disconnectIfGone();
        assertFalse(tap.isConnected());
        assertEquals(1, watch.disconnected);
        client = newClient();
        serve();
        assertTrue(tap.isConnected());
        assertEquals(List.of(), handler.frames);
    }

    @Test
    void readsWhatAClientSentBeforeItLeft() {
        for (int i = 0; i < 50; i++) clientSends(framed(bytes(1000, i)));
        Files.close(client);
        serve();
        assertEquals(50, handler.frames.size());
        assertFalse(tap.isConnected());
        client = newClient();
    }
}
