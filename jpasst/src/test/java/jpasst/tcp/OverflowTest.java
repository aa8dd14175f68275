// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.TcpHarness.MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.addr.IpAddress;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/** A peer that does not read: the window closes, opens again, and nothing is lost or doubled. */
@ExtendWith(InSandbox.class)
class OverflowTest {
    private static final int SEGMENT = 1460;

    private TcpHarness h = new TcpHarness();
    private Guest guest;
    private StreamPeer peer;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final Random random = new Random(7);

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void connect() {
        var server = new TcpHarness.Server(h, IpAddress.LOOPBACK_V4, 4096);
        guest = h.guest(40000, server.port).open();
        peer = server.accept();
    }

    /** Fills the window, batch by batch, until it is shut and stays so. */
    private void fill() {
        for (int idle = 0; idle < 3; idle++) {
            while (guest.roomGiven() >= SEGMENT) {
                sendBatch(Math.min(40, guest.roomGiven() / SEGMENT));
                idle = 0;
            }
            if (guest.roomGiven() > 0) sendSegment(guest.roomGiven());
            h.advance(5 * MILLISECOND);
        }
        assertTrue(guest.roomGiven() <= 0, "still " + guest.roomGiven());
    }

    private void sendBatch(int count) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) frames.add(nextSegment(SEGMENT));
        guest.send(frames.toArray(byte[][]::new));
        drop();
    }

    private void sendSegment(int length) {
        guest.send(nextSegment(length));
        drop();
    }

    private byte[] nextSegment(int length) {
        byte[] data = new byte[length];
        random.nextBytes(data);
        sent.writeBytes(data);
        byte[] frame = guest.segment(ACK, guest.next, data);
        guest.next += length;
        return frame;
    }

    private Segment drop() {
        Segment last = null;
        while (!guest.isIdle()) last = guest.take();
        return last;
    }

    /** The peer reads everything, while time passes. */
    private byte[] readAll() {
        var all = new ByteArrayOutputStream();
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        while (all.size() < sent.size() && System.nanoTime() < limit) {
            byte[] part = peer.tryRead(1 << 20);
            if (part == null) break;
            all.writeBytes(part);
            h.advance(MILLISECOND);
        }
        return all.toByteArray();
    }

    @Test
    void theWindowShutsAndOpensAgain() {
        connect();
        fill();
        assertTrue(h.state(guest).buffered() > 0);
        byte[] probe = new byte[2000];
        guest.send(guest.segment(ACK, guest.next, probe));
        Segment last = drop();
        assertEquals(0, last.window());
        // Not more than rounding had promised.
        int accepted = last.acknowledgment() - guest.next;
        assertTrue(accepted >= 0 && accepted < TcpConnection.WINDOW_UNIT, accepted + " accepted");
        guest.next += accepted;
        sent.write(probe, 0, accepted);
        assertArrayEquals(sent.toByteArray(), readAll());
        assertTrue(guest.roomGiven() > 0, "the window did not open");
        assertEquals(0, h.tcp.bufferedChunks());
        guest.data("and on");
        peer.expect("and on");
    }

    @Test
    void megabytesThroughASlowReaderArriveInOrder() {
        connect();
        var got = new ByteArrayOutputStream();
        var pace = new Random(3);
        for (int round = 0; round < 400 && sent.size() < 3_000_000; round++) {
            if (guest.roomGiven() >= SEGMENT) {
                sendBatch(1 + pace.nextInt(Math.min(60, guest.roomGiven() / SEGMENT)));
            }
            if (pace.nextInt(3) == 0) got.writeBytes(peer.tryRead(pace.nextInt(60_000) + 1));
            h.advance(pace.nextInt(3) * MILLISECOND);
            drop();
        }
        assertTrue(sent.size() > 300_000, "only " + sent.size());
        while (got.size() < sent.size()) {
            got.writeBytes(peer.read(Math.min(8192, sent.size() - got.size())));
        }
        assertArrayEquals(sent.toByteArray(), got.toByteArray());
    }

    @Test
    void finWaitsForWhatTheSocketHasNotTaken() {
        connect();
        fill();
        guest.fin();
        assertEquals(guest.next, drop().acknowledgment());
        assertEquals(0, h.state(guest).events & TcpConnection.SOCK_FIN_SENT);
        assertArrayEquals(sent.toByteArray(), readAll());
        peer.expectEnd();
    }

    @Test
    void aResetForgetsWhatIsHeld() {
        connect();
        fill();
        assertTrue(h.tcp.bufferedChunks() > 0);
        guest.rst();
        h.assertNothingLeft();
    }

    @Test
    void aPeersResetForgetsWhatIsHeld() {
        connect();
        fill();
        peer.reset();
        guest.expectReset();
        h.assertNothingLeft();
    }

    @Test
    void anUnwantedDirectionDoesNotStopTheOther() {
        connect();
        fill();
        peer.send("backwards");
        guest.expectData("backwards");
        guest.ack();
        assertArrayEquals(sent.toByteArray(), readAll());
    }

    /** More segments than one write takes, in one batch, when there is memory for a few only. */
    @Test
    void whatFindsNoMemoryIsRepeatedByTheGuestAndNotMixedUp() {
        h.close();
        var d = TcpSettings.defaults(65520);
        h = new TcpHarness(new TcpSettings(d.mtu(), d.synRetries(), d.synLinearTimeouts(),
                d.maxRetransmitTimeoutNs(), d.peekOffset(), ChunkPool.CHUNK_BYTES));
        connect();
        guest.lawless = true;
        var got = new ByteArrayOutputStream();
        byte[] all = new byte[4_000_000];
        random.nextBytes(all);
        int start = guest.next;
        int acked = 0;
        boolean refused = false;
        for (int round = 0; round < 3000 && got.size() < all.length; round++) {
            int room = guest.next + guest.roomGiven() - start;
            List<byte[]> frames = new ArrayList<>();
            for (int at = acked; frames.size() < 150 && at < Math.min(room, all.length);) {
                // Behind what one write takes: little enough to find room where others did not.
                int size = frames.size() % 65 == 64 ? 8 : SEGMENT;
                int end = Math.min(Math.min(at + size, all.length), room);
                frames.add(guest.segment(ACK, start + at, Arrays.copyOfRange(all, at, end)));
                at = end;
            }
            int before = acked;
            guest.send(frames.toArray(byte[][]::new));
            h.advance(5 * MILLISECOND);
            while (guest.poll() instanceof Segment s) {
                acked = Math.max(acked, s.acknowledgment() - start);
                guest.next = start + acked;
                guest.learnEdge(s);
            }
            refused |= acked - before < (frames.size() - 1) * SEGMENT;
            if (round % 8 != 0) got.writeBytes(peer.tryRead(200_000));
        }
        assertTrue(refused, "memory was never short");
        assertArrayEquals(all, got.toByteArray());
    }
}
