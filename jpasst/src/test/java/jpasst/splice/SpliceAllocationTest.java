// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.Allocation;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/** Data of established connections costs no allocation, spliced, copied or stalled. */
@ExtendWith(InSandbox.class)
@Tag("allocation")
class SpliceAllocationTest {
    private static final int LENGTH = 50_000;
    private static final int ROUND = 1_000;

    private static void exchange(SpliceHarness h) {
        var c = h.connect();
        MemorySegment scratch = h.scratch(1 << 20);
        Allocation.assertNone(ROUND, () -> {
            Sockets.send(c.client().fd, scratch, 0, LENGTH, Sockets.MSG_DONTWAIT);
            Sockets.send(c.server().fd, scratch, 0, 10, Sockets.MSG_DONTWAIT);
            h.round();
            drain(c.server(), scratch);
            drain(c.client(), scratch);
        });
        assertTrue(h.count(Counter.TCP_SPLICED_BYTES) > 2L * ROUND * LENGTH / 2);
    }

    private static void drain(StreamPeer peer, MemorySegment scratch) {
        while (Sockets.recv(peer.fd, scratch, 0, 1 << 20, Sockets.MSG_DONTWAIT) > 0) { }
    }

    @Test
    void perExchange() {
        try (var h = new SpliceHarness()) {
            exchange(h);
        }
    }

    @Test
    void perExchangeThatIsCopied() {
        try (var h = new SpliceHarness(1)) {
            Pipe only = h.pipes.take();
            exchange(h);
            h.pipes.giveBack(only);
        }
    }

    @Test
    void perStall() {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            MemorySegment scratch = h.scratch(1 << 20);
            Allocation.assertNone(20, () -> {
                while (Sockets.send(c.client().fd, scratch, 0, 1 << 20,
                        Sockets.MSG_DONTWAIT) > 0) h.round();
                assertTrue(h.pipes.takenCount() == 1);
                for (int i = 0; i < 8; i++) {
                    drain(c.server(), scratch);
                    h.round();
                }
            });
        }
    }
}
