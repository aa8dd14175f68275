// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

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
 * What a socket holds is read into several super-frames by one call, with and without the kernel's
 * offset for peeking; also if the tap takes only some of them.
 */
@ExtendWith(InSandbox.class)
class SuperFrameRunTest {
    private static final int LENGTH = 8 << 20;

    private final Random random = new Random(7);
    private final byte[] all = new byte[LENGTH];
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private TcpHarness h;
    private Guest guest;
    private StreamPeer peer;
    /** Super-frames that were not the last ones read by their call. */
    private int joined;

    private void connect(boolean offset) {
        var d = TcpSettings.defaults(65520);
        h = new TcpHarness(new TcpSettings(d.mtu(), d.synRetries(), d.synLinearTimeouts(),
                d.maxRetransmitTimeoutNs(), offset, d.bufferBytes()));
        var c = h.connect(g -> g.window = 8000);
        guest = c.guest();
        peer = c.peer();
        random.nextBytes(all);
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    /** Fills the socket while the tap is full, lets it take so many frames, and then all. */
    private void transfer(int framesAtFirst) {
        int sent = 0;
        while (got.size() < LENGTH) {
            h.tap.room(0);
            for (int n = 1; n > 0 && sent < LENGTH; sent += n) {
                n = peer.trySend(all, sent);
                assertTrue(n >= 0, "error " + n);
                h.serve();
            }
            h.tap.room(framesAtFirst);
            h.serve();
            take();
            h.tap.room(Integer.MAX_VALUE);
            h.serve();
            take();
            guest.ack();
        }
        assertArrayEquals(all, got.toByteArray());
    }

    /** Takes what the guest was sent: each byte once. */
    private void take() {
        while (!guest.isIdle()) {
            Segment s = guest.take();
            if (s.data().length == 0) continue;
            assertEquals(guest.expected, s.sequence());
            if (!s.has(PSH)) joined++;
            got.writeBytes(s.data());
            guest.expected += s.data().length;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void severalAreReadByOneCall(boolean offset) {
        connect(offset);
        transfer(Integer.MAX_VALUE);
        assertTrue(joined > 0, "each super-frame was read by itself");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnWhereTheTapRefused(boolean offset) {
        connect(offset);
        transfer(1);
        assertTrue(joined > 0, "each super-frame was read by itself");
    }
}
