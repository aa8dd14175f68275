// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.Timers;
import jpasst.log.RecordingDestination;
import org.junit.jupiter.api.Test;

class EventStatisticsTest {
    private static final long SECOND = 1_000_000_000;
    private static final int COLUMNS = 19;

    private final RecordingDestination seen = new RecordingDestination();
    private final EventStatistics statistics = new EventStatistics(2 * SECOND, seen);
    private final long[] counts = new long[EventType.COUNT];

    private static boolean isHeader(String line) {
        return line.matches(".*[a-z].*");
    }

    @Test
    void namesEachColumnAboveItsLastDigit() {
        for (int i = 0; i < counts.length; i++) counts[i] = i + 100;
        statistics.update(counts, -5 * SECOND);
        var lines = seen.lines();
        assertEquals(COLUMNS + 1, lines.size());
        var row = lines.getLast();
        for (int i = 0; i < COLUMNS; i++) {
            int at = 7 + 7 * i;
            assertEquals("  " + (i + 100), row.substring(at - 4, at + 1));
            assertEquals(EventType.of(i).title(), lines.get(i).substring(at));
            for (int above = 0; above < i; above++)
                assertEquals('|', lines.get(i).charAt(7 + 7 * above));
        }
        assertEquals(7 * COLUMNS + 1, row.length());
    }

    @Test
    void keepsColumnsApartWhateverTheNumbers() {
        counts[0] = 1_234_567_890;
        counts[1] = Long.MAX_VALUE;
        counts[2] = 999_999;
        statistics.update(counts, 0);
        assertTrue(seen.lines().getLast().startsWith("  1234567890 9223372036854775807 999999 "),
                seen.lines().getLast());
    }

    @Test
    void showsALineNoMoreOftenThanWanted() {
        for (int tenth = 0; tenth <= 200; tenth++) {
            counts[0]++;
            statistics.update(counts, tenth * SECOND / 10);
        }
        var rows = seen.lines().stream().filter(line -> !isHeader(line)).toList();
        assertEquals(11, rows.size());
        for (int i = 0; i < rows.size(); i++)
            assertTrue(rows.get(i).strip().startsWith(1 + 20 * i + " "), rows.get(i));
    }

    @Test
    void namesTheColumnsEachTwentyLines() {
        for (int i = 0; i < 60; i++) statistics.update(counts, i * 2 * SECOND);
        assertEquals(60 + 3 * COLUMNS, seen.lines().size());
        for (int block = 0; block < 3; block++) {
            var lines = seen.lines().subList(block * (20 + COLUMNS), (block + 1) * (20 + COLUMNS));
            assertTrue(lines.subList(0, COLUMNS).stream().allMatch(EventStatisticsTest::isHeader));
            assertTrue(lines.subList(COLUMNS, lines.size()).stream()
                    .noneMatch(EventStatisticsTest::isHeader));
        }
    }

    /** A loop shows nothing in rounds without events, and counts each event once. */
    @Test
    void aLoopShowsWhatItCounted() {
        try (var loop = new EventLoop((type, cause) -> { })) {
            loop.statistics(new EventStatistics(0, seen));
            loop.handler(EventType.TAP_DEVICE, (fd, payload, events, nowNs) -> { });
            loop.serve(0, Clock.monotonicNs());
            assertEquals(List.of(), seen.lines());
            int fd = Timers.eventfd();
            assertEquals(8, Timers.signal(fd));
            assertEquals(0, loop.add(fd, Epoll.EPOLLIN, EventTag.of(EventType.TAP_DEVICE, fd, 0)));
            for (int i = 0; i < 3; i++) loop.serve(0, Clock.monotonicNs());
            Files.close(fd);
            loop.serve(0, Clock.monotonicNs());
            var rows = seen.lines().stream().filter(line -> !isHeader(line)).toList();
            assertEquals(3, rows.size());
            var expected = " ".repeat(6) + "0";
            assertEquals(" " + expected.repeat(9) + " ".repeat(6) + "3" + expected.repeat(9),
                    rows.getLast());
        }
    }
}
