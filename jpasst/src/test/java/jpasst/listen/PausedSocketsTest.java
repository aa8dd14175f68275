// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Random;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PausedSocketsTest {
    private record Paused(int fd, long deadlineNs) {
    }

    @Property
    void returnsThemInOrderEachAfterItsPause(@ForAll long seed) {
        var random = new Random(seed);
        var paused = new PausedSockets();
        var model = new ArrayDeque<Paused>();
        long nowNs = 0;
        int next = 3;
        for (int round = 0; round < 200; round++) {
            nowNs += 5_000_000;
            for (int i = random.nextInt(6); i > 0; i--) {
                paused.add(next, ~next);
                model.add(new Paused(next++, nowNs + PausedSockets.PAUSE_NS));
            }
            paused.date(nowNs);
            while (paused.deadlineNs() <= nowNs) {
                var expected = model.remove();
                assertEquals(expected, new Paused(paused.socket(), paused.deadlineNs()));
                assertEquals(~expected.fd(), paused.payload());
                paused.remove();
            }
            assertEquals(model.isEmpty() ? Long.MAX_VALUE : model.peek().deadlineNs(),
                    paused.deadlineNs());
        }
    }
}
