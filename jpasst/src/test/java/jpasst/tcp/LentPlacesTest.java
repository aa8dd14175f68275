// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.PSH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/**
 * Towards a tap that lends places for runs of segments, data is read to where each segment will be,
 * with and without the kernel's offset for peeking.
 */
@ExtendWith(InSandbox.class)
class LentPlacesTest {
    private static final int MSS = 1460;
    /** What one frame carries that the tap cuts: as many whole segments as fit. */
    private static final int SUPER_FRAME = 44 * MSS;

    private TcpHarness h;
    private Guest guest;
    private StreamPeer peer;

    private void connect(boolean offset, int window) {
        var d = TcpSettings.defaults(65520);
        h = new TcpHarness(new TcpSettings(d.mtu(), d.synRetries(), d.synLinearTimeouts(),
                d.maxRetransmitTimeoutNs(), offset, d.bufferBytes()));
        h.tap.lendIn(h.arena.allocate(1 << 20));
        var c = h.connect(g -> g.window = window);
        guest = c.guest();
        peer = c.peer();
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /** Takes a run, and appends its data. */
    private void takeRun(ByteArrayOutputStream to, int length) {
        int end = to.size() + length;
        while (to.size() < end) {
            Segment s = guest.take();
            assertEquals(0, s.frame().gsoType());
            to.writeBytes(s.data());
            boolean last = to.size() == end;
            assertTrue(last || s.data().length == MSS, "a short segment within a run");
            assertEquals(last ? ACK | PSH : ACK, s.flags());
        }
        assertEquals(end, to.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsARunOnceTheSocketProvedToHoldMuch(boolean offset) {
        connect(offset, 4000);
        byte[] all = random(90_000);
        peer.send(all);
        var got = new ByteArrayOutputStream();
        got.writeBytes(guest.take().data());
        assertEquals(SUPER_FRAME, got.size());
        takeRun(got, all.length - SUPER_FRAME);
        assertArrayEquals(all, got.toByteArray());
        assertEquals(1, h.tap.runs());
        guest.expected += all.length;
        guest.ack();
        peer.send(random(100));
        guest.expectData(100);
        assertEquals(1, h.tap.runs());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRunKeepsToTheWindow(boolean offset) {
        connect(offset, 24); // 3072 bytes
        byte[] all = random(9216);
        peer.send(all);
        var got = new ByteArrayOutputStream();
        got.writeBytes(guest.expectData(3072));
        for (int i = 0; i < 2; i++) {
            guest.expectSilence();
            guest.ack();
            takeRun(got, 2 * MSS);
            takeRun(got, 3072 - 2 * MSS);
            guest.expected += 3072;
        }
        assertArrayEquals(all, got.toByteArray());
        assertEquals(2, h.tap.runs());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRunThatWasLostIsSentAgain(boolean offset) {
        connect(offset, 4000);
        byte[] all = random(90_000);
        peer.send(all);
        byte[] first = guest.take().data();
        guest.expected += first.length;
        guest.ack();
        takeRun(new ByteArrayOutputStream(), all.length - first.length);
        h.secondsUntilSent(guest);
        var got = new ByteArrayOutputStream();
        got.writeBytes(first);
        while (got.size() < all.length) {
            got.writeBytes(guest.take().data());
        }
        assertArrayEquals(all, got.toByteArray());
    }
}
