// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.util.ArrayList;
import java.util.List;

/** Keeps what was logged, for tests. */
public final class RecordingDestination implements LogDestination {
    private final List<String> lines = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();

    @Override
    public synchronized void write(Level level, long sinceStartNs, String message) {
        levels.add(level);
        lines.add(message);
    }

    /** The messages so far. */
    public List<String> lines() {
        return lines;
    }

    /** Their levels. */
    public List<Level> levels() {
        return levels;
    }

    /** Forgets everything. */
    public void clear() {
        lines.clear();
        levels.clear();
    }
}
