// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000;

    private final RecordingDestination seen = new RecordingDestination();
    private final Log log = new Log(seen);
    private final RateLimit limit = new RateLimit(log, Level.WARNING);

    private void logAt(long nowNs, int times) {
        for (int i = 0; i < times; i++) {
            limit.log(nowNs, "m");
        }
    }

    @Test
    void permitsFiveASecondThenOneNotice() {
        logAt(SECOND, 100);
        assertEquals(List.of("m", "m", "m", "m", "m",
            "(suppressing further messages like the last one)"), seen.lines());
        logAt(2 * SECOND - 1, 100);
        assertEquals(6, seen.lines().size());
    }

    @Test
    void tellsTheCountOnResuming() {
        logAt(SECOND, 12);
        seen.clear();
        logAt(2 * SECOND, 1);
        assertEquals(List.of("(7 messages like the next one were suppressed)", "m"),
            seen.lines());
        assertEquals(List.of(Level.WARNING, Level.WARNING), seen.levels());
    }

    @Test
    void staysSilentAboutNothingSuppressed() {
        for (int second = 0; second < 10; second++) {
            logAt(second * SECOND, RateLimit.BURST);
        }
        assertEquals(50, seen.lines().size());
        assertTrue(seen.lines().stream().allMatch("m"::equals));
    }

    @Test
    void beginsANewIntervalWithTheNextMessage() {
        logAt(0, 1);
        logAt(SECOND * 3 / 2, 5);
        logAt(SECOND * 2, 1);
        assertEquals(7, seen.lines().size());
        assertEquals("(suppressing further messages like the last one)", seen.lines().getLast());
    }

    @Test
    void countsNothingThatTheLevelHides() {
        log.level(Level.ERROR);
        assertFalse(limit.permits(0));
        logAt(0, 100);
        log.level(Level.INFO);
        assertTrue(limit.permits(0));
        assertEquals(List.of(), seen.lines());
    }

    @Test
    void worksAtNegativeTimes() {
        logAt(Long.MIN_VALUE + SECOND, 6);
        assertEquals(6, seen.lines().size());
    }
}
