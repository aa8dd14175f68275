// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import jpasst.log.Level;
import jpasst.log.LogDestination;

/**
 * What {@code --stats} shows: now and then a line with the number of events of each type since
 * the start, in the order of {@link EventType} up to {@link EventType#CONTROL}; before each
 * twentieth the names of the columns. Without events there is no line.
 */
public final class EventStatistics {
    /** Columns: the types that clients of the original know. */
    private static final int COLUMNS = EventType.CONTROL.ordinal() + 1;
    private static final int WIDTH = 6;
    private static final int LINES_PER_HEADER = 20;

    private final LogDestination out;
    private final long delayNs;
    private long nextNs = Long.MIN_VALUE;
    private int lines;

    /**
     * @param delayNs the least time between two lines
     * @param out shows them as they are
     */
    public EventStatistics(long delayNs, LogDestination out) {
        this.delayNs = delayNs;
        this.out = out;
    }

    /**
     * Shows a line if it is time to; else allocates nothing.
     *
     * @param counts per type, since the start
     * @param nowNs CLOCK_MONOTONIC
     */
    void update(long[] counts, long nowNs) {
        if (nowNs < nextNs) {
            return;
        }
        nextNs = nowNs + delayNs;
        if (lines++ % LINES_PER_HEADER == 0) {
            showHeader();
        }
        var line = new StringBuilder(" ");
        for (int i = 0; i < COLUMNS; i++) {
            String count = Long.toString(counts[i]);
            line.repeat(' ', 1 + Math.max(0, WIDTH - count.length())).append(count);
        }
        show(line);
    }

    /** A step down for each column: its name begins above its last digit. */
    private void showHeader() {
        var bars = new StringBuilder(" ").repeat(' ', WIDTH);
        for (int i = 0; i < COLUMNS; i++) {
            int length = bars.length();
            show(bars.append(EventType.of(i).title()));
            bars.setLength(length);
            bars.append('|').repeat(' ', WIDTH);
        }
    }

    private void show(StringBuilder line) {
        out.write(Level.INFO, 0, line.toString());
    }
}
