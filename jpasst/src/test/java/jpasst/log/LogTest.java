// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

import org.junit.jupiter.api.Test;

class LogTest {
    private static final class SetClock implements Log.Clock {
        private long nowNs = 7_000_000_000L;

        @Override
        public long nowNs() {
            return nowNs;
        }
    }

    private final SetClock clock = new SetClock();
    private final RecordingDestination seen = new RecordingDestination();
    private final Log log = new Log(seen, clock);

    private void logOnEachLevel() {
        log.error("error");
        log.warn("warning");
        log.info("info");
        log.debug("debug");
        log.trace("trace");
    }

    @Test
    void showsItsLevelAndTheOnesBefore() {
        for (Level level : Level.values()) {
            seen.clear();
            log.level(level);
            logOnEachLevel();
            assertEquals(List.of(Level.values()).subList(0, level.ordinal() + 1), seen.levels());
        }
    }

    @Test
    void startsAtInfo() {
        logOnEachLevel();
        assertEquals(List.of("error", "warning", "info"), seen.lines());
        assertFalse(log.debugging());
        assertFalse(log.tracing());
    }

    @Test
    void tracingIncludesDebugging() {
        log.level(Level.DEBUG);
        assertTrue(log.debugging());
        assertFalse(log.tracing());
        log.level(Level.TRACE);
        assertTrue(log.debugging());
        assertTrue(log.tracing());
    }

    @Test
    void goesToTheDestinationSetLast() {
        var other = new RecordingDestination();
        log.info("first");
        log.destination(other);
        log.info("second");
        assertEquals(List.of("first"), seen.lines());
        assertEquals(List.of("second"), other.lines());
    }

    @Test
    void stampsLinesWithTheTimeSinceStart() {
        var out = new ByteArrayOutputStream();
        log.destination(new StandardError(out, true));
        log.info("a");
        clock.nowNs += 12_003_499_999L;
        log.info("b");
        clock.nowNs += 100_000;
        log.info("c");
        clock.nowNs += 996_500_000;
        log.info("d");
        assertEquals("0.0000: a\n12.0034: b\n12.0035: c\n13.0000: d\n",
            out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void writesALineInOneCall() {
        var calls = new int[1];
        var out = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("single byte");
            }

            @Override
            public void write(byte[] bytes, int at, int length) {
                calls[0]++;
            }
        };
        log.destination(new StandardError(out, false));
        log.warn("x".repeat(3000));
        assertEquals(1, calls[0]);
    }

    @Test
    void ignoresAFailureToWrite() {
        var out = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("disk full");
            }
        };
        log.destination(new StandardError(out, false));
        log.error("lost");
    }
}
