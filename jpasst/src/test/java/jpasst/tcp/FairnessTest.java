// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;

/** Connections with more data than the link to the guest takes: each gets its share of it. */
@ExtendWith(InSandbox.class)
class FairnessTest {
    private static final int CONNECTIONS = 5;
    private static final int[] EQUAL = {1, 1, 1, 1, 1};
    /** More than all that is sent, so that the link is the only limit. */
    private static final int WINDOW = 65535;
    private static final int DATA = 4 << 20;

    private final TcpHarness h = new TcpHarness();
    private final List<TcpHarness.Connection> connections = new ArrayList<>();

    /** Each with a full socket, and nothing sent yet. */
    private void connect() {
        for (int i = 0; i < CONNECTIONS; i++) {
            connections.add(h.connect(guest -> guest.window = WINDOW));
        }
        h.tap.room(0);
        for (var c : connections) {
            int sent = 0;
            int more;
            while (sent < DATA && (more = c.peer().trySend(new byte[64 << 10], 0)) > 0) {
                sent += more;
                h.serve();
            }
            // Two frames at least.
            assertTrue(sent >= 128 << 10, "only " + sent);
        }
    }

    private static int framesTo(Guest guest, boolean acknowledges) {
        int frames = 0;
        while (!guest.isIdle()) {
            Segment segment = guest.take();
            guest.expected += segment.data().length;
            frames++;
        }
        if (acknowledges && frames > 0) guest.ack();
        return frames;
    }

    /** How many frames each gets while the link takes one a round, in one round for each. */
    private int[] share(boolean acknowledged) {
        var frames = new int[CONNECTIONS];
        for (int round = 0; round < CONNECTIONS; round++) {
            h.tap.room(1);
            h.serve();
            for (int i = 0; i < CONNECTIONS; i++) {
                frames[i] += framesTo(connections.get(i).guest(), acknowledged);
            }
        }
        h.tap.room(Integer.MAX_VALUE);
        return frames;
    }

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    @Test
    void eachGetsItsTurnOnAFullLink() {
        connect();
        assertArrayEquals(EQUAL, share(false));
    }

    /** Who is acknowledged, and could go on at once, goes on when the others had their turn. */
    @Test
    void acknowledgementsMakeNobodyFirst() {
        connect();
        assertArrayEquals(EQUAL, share(true));
    }

    /** Nobody is asked for data that would only be thrown away, but the one who finds it full. */
    @Test
    void aFullLinkCostsOneTryARound() {
        connect();
        long refused = h.count(Counter.DROP_TAP_REFUSED);
        share(false);
        assertEquals(refused + CONNECTIONS, h.count(Counter.DROP_TAP_REFUSED));
    }
}
