// SPDX-License-Identifier: Apache-2.0

package jpasst.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CountersTest {
    private final Counters counters = new Counters();

    @Test
    void startsAtZero() {
        for (Counter counter : Counter.values()) {
            assertEquals(0, counters.get(counter));
        }
    }

    @Test
    void countsEachOnItsOwn() {
        for (Counter counter : Counter.values()) {
            counters.add(counter, 1000L + counter.ordinal());
            counters.increment(counter);
        }
        for (Counter counter : Counter.values()) {
            assertEquals(1001L + counter.ordinal(), counters.get(counter));
        }
    }

    @Test
    void isSeenByAnotherThread() throws InterruptedException {
        var reader = Thread.ofPlatform().start(() -> {
            while (counters.get(Counter.FRAMES_FROM_TAP) < 1000) {
                Thread.onSpinWait();
            }
        });
        for (int i = 0; i < 1000; i++) {
            counters.increment(Counter.FRAMES_FROM_TAP);
        }
        reader.join(10_000);
        assertEquals(Thread.State.TERMINATED, reader.getState());
    }
}
