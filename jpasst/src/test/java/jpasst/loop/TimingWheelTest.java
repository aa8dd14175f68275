// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TimingWheelTest {
    private static final long MS = 1_000_000;
    private static final long S = 1000 * MS;
    private static final long HOUR = 3600 * S;

    private final List<Integer> fired = new ArrayList<>();

    private int expire(TimingWheel wheel, long nowNs) {
        fired.clear();
        return wheel.expire(nowNs, (id, now) -> fired.add(id));
    }

    /** A time span of any order of magnitude up to days. */
    private static long span(Random random) {
        return random.nextLong(1L << random.nextInt(5, 48));
    }

    @Property(tries = 300)
    void agreesWithAMapOfDeadlines(@ForAll long seed) {
        var random = new Random(seed);
        long now = random.nextLong(-HOUR, 1000 * HOUR);
        var wheel = new TimingWheel(random.nextInt(8), now);
        Map<Integer, Long> model = new TreeMap<>();
        for (int step = 0; step < 400; step++) {
            int id = random.nextInt(64);
            switch (random.nextInt(7)) {
                case 0, 1, 2 -> {
                    long deadline = now + span(random) - (random.nextInt(8) == 0 ? S : 0);
                    wheel.arm(id, deadline);
                    model.put(id, deadline);
                }
                case 3 -> {
                    wheel.disarm(id);
                    model.remove(id);
                }
                case 4 -> {
                    now += span(random);
                    expireBoth(wheel, model, now);
                }
                case 5 -> wheel.trim();
                default -> {
                    long next = wheel.nextDeadlineNs();
                    if (next != Long.MAX_VALUE) {
                        now = Math.max(now, next);
                        expireBoth(wheel, model, now);
                    }
                }
            }
            compare(wheel, model, id, now);
        }
    }

    private void expireBoth(TimingWheel wheel, Map<Integer, Long> model, long now) {
        assertEquals(expire(wheel, now), fired.size());
        for (int id : fired) {
            Long deadline = model.remove(id);
            assertTrue(deadline != null, "fired twice, or disarmed");
            assertTrue(deadline <= now, "early");
        }
        for (long deadline : model.values()) {
            assertTrue(deadline > now - TimingWheel.TICK_NS, "late");
        }
        assertTrue(wheel.nextDeadlineNs() > now, "would not sleep");
    }

    private static void compare(TimingWheel wheel, Map<Integer, Long> model, int id,
            long now) {
        assertEquals(model.size(), wheel.armedCount());
        assertEquals(model.getOrDefault(id, Long.MAX_VALUE), wheel.deadlineNs(id));
        long earliest = Long.MAX_VALUE;
        for (long deadline : model.values()) {
            earliest = Math.min(earliest, deadline);
        }
        if (earliest == Long.MAX_VALUE) {
            assertEquals(Long.MAX_VALUE, wheel.nextDeadlineNs());
        } else {
            assertTrue(wheel.nextDeadlineNs() < Math.max(earliest, now) + TimingWheel.TICK_NS,
                    "sleeps too long");
        }
    }

    @Property(tries = 100)
    void copesWithHandlersThatArmAndDisarm(@ForAll long seed) {
        var random = new Random(seed);
        var wheel = new TimingWheel(0, 0);
        Map<Integer, Long> model = new TreeMap<>();
        long[] clock = {0};
        TimerHandler handler = (id, now) -> {
            assertTrue(model.remove(id) <= now);
            int other = random.nextInt(32);
            if (random.nextBoolean()) {
                wheel.disarm(other);
                model.remove(other);
            } else {
                long deadline = now - 10 * MS + random.nextLong(40 * MS);
                wheel.arm(other, deadline);
                model.put(other, deadline);
            }
        };
        for (int round = 0; round < 200; round++) {
            int id = random.nextInt(32);
            long deadline = clock[0] + random.nextLong(50 * MS);
            wheel.arm(id, deadline);
            model.put(id, deadline);
            clock[0] += random.nextLong(30 * MS);
            wheel.expire(clock[0], handler);
            assertEquals(model.size(), wheel.armedCount());
            model.forEach((timer, at) -> assertEquals(at, wheel.deadlineNs(timer)));
        }
        int last = expire(wheel, clock[0] + S);
        assertEquals(model.size(), last);
    }

    @Example
    void wakesRarelyForATimerHoursAway() {
        for (long span = 1; span < 1000 * HOUR; span = span * 3 + 1) {
            var wheel = new TimingWheel(1, 12345);
            wheel.arm(0, 12345 + span);
            int wakes = 0;
            while (wheel.armedCount() > 0) {
                assertTrue(wakes++ < 1, "one timer, one wake-up");
                expire(wheel, wheel.nextDeadlineNs());
            }
        }
    }

    @Example
    void wakesAFewTimesForManyTimersHoursAway() {
        var wheel = new TimingWheel(1000, 0);
        for (int id = 0; id < 1000; id++) {
            wheel.arm(id, 2 * HOUR);
        }
        int wakes = 0;
        while (wheel.armedCount() > 0) {
            wakes++;
            expire(wheel, wheel.nextDeadlineNs());
        }
        assertEquals(1000, fired.size());
        assertTrue(wakes <= 8, "woke " + wakes + " times");
    }

    @Example
    void givesBackMemoryOfTimersAboveTheHighestThatIsArmed() {
        var wheel = new TimingWheel(4, 0);
        for (int id = 0; id < 1000; id++) {
            wheel.arm(id, S);
        }
        assertEquals(1024, wheel.size());
        wheel.trim();
        assertEquals(1024, wheel.size());
        for (int id = 8; id < 1000; id++) {
            wheel.disarm(id);
        }
        wheel.trim();
        assertEquals(8, wheel.size());
        wheel.arm(700, 2 * S);
        assertEquals(9, expire(wheel, 3 * S));
        wheel.trim();
        assertEquals(4, wheel.size());
    }

    @Example
    void firesInTheOrderOfTicks() {
        var wheel = new TimingWheel(4, 0);
        wheel.arm(3, 5 * S);
        wheel.arm(1, 2 * HOUR);
        wheel.arm(2, 3 * MS);
        wheel.arm(0, HOUR);
        expire(wheel, 3 * HOUR);
        assertEquals(List.of(2, 3, 0, 1), fired);
    }

    @Example
    void movesATimerThatIsArmedAgain() {
        var wheel = new TimingWheel(1, 0);
        wheel.arm(0, S);
        wheel.arm(0, 3 * S);
        assertEquals(0, expire(wheel, 2 * S));
        assertEquals(1, expire(wheel, 3 * S + MS));
        wheel.arm(0, 5 * S);
        wheel.arm(0, Long.MAX_VALUE);
        assertEquals(0, wheel.armedCount());
    }

    @Example
    void doesNotSpinOnATimerArmedInThePastByItsHandler() {
        var wheel = new TimingWheel(1, 0);
        wheel.arm(0, 0);
        assertEquals(1, wheel.expire(S, (id, now) -> wheel.arm(id, 0)));
        assertTrue(wheel.nextDeadlineNs() <= S);
        assertEquals(1, expire(wheel, S));
    }

    @Example
    void tellsTheRestAfterAHandlerThrew() {
        var wheel = new TimingWheel(3, 0);
        for (int id = 0; id < 3; id++) {
            wheel.arm(id, S);
        }
        assertThrows(IllegalStateException.class, () -> wheel.expire(2 * S, (id, now) -> {
            throw new IllegalStateException();
        }));
        assertFalse(wheel.nextDeadlineNs() > 2 * S);
        assertEquals(2, expire(wheel, 2 * S));
    }

    @Example
    void survivesDeadlinesBeyondItsRange() {
        var wheel = new TimingWheel(1, 0);
        wheel.arm(0, Long.MAX_VALUE - 1);
        assertTrue(wheel.nextDeadlineNs() > 100 * 365 * 24 * HOUR);
        assertEquals(0, expire(wheel, 1000 * HOUR));
        wheel.disarm(0);
        assertEquals(Long.MAX_VALUE, wheel.nextDeadlineNs());
    }
}
