// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/**
 * Keeps one kind of message from flooding the log: at most five a second, then one notice that
 * further ones are suppressed, and when the next one is due a notice with their number.
 *
 * <p>One object per message site, used by one thread. Ask before building the text:
 * {@code if (limit.permits(nowNs)) log.warn("..." + x);}. Asking allocates nothing but on the
 * two occasions that a notice is written.
 */
public final class RateLimit {
    /** Messages per interval. */
    public static final int BURST = 5;

    /** Length of an interval, which starts with the first message after the last one's end. */
    public static final long INTERVAL_NS = 1_000_000_000;

    private final Log log;
    private final Level level;
    private long intervalEndNs = Long.MIN_VALUE;
    private int permitted;
    private long suppressed;

    /** A limit for messages of one level, which is also the level of its own notices. */
    public RateLimit(Log log, Level level) {
        this.log = log;
        this.level = level;
    }

    /** The level of the messages. */
    public Level level() {
        return level;
    }

    /**
     * Whether a message may be written now; it is then counted as written. False, and nothing is
     * counted, if the log hides the level anyway.
     *
     * @param nowNs the current CLOCK_MONOTONIC time
     */
    public boolean permits(long nowNs) {
        if (!log.shows(level)) {
            return false;
        }
        if (nowNs >= intervalEndNs) {
            startInterval(nowNs);
        }
        if (permitted < BURST) {
            permitted++;
            return true;
        }
        if (suppressed++ == 0) {
            log.log(level, "(suppressing further messages like the last one)");
        }
        return false;
    }

    /** Logs a text that is at hand already, if a message may be written now. */
    public void log(long nowNs, String message) {
        if (permits(nowNs)) {
            log.log(level, message);
        }
    }

    private void startInterval(long nowNs) {
        if (suppressed > 0) {
            log.log(level, "(" + suppressed + " messages like the next one were suppressed)");
        }
        intervalEndNs = nowNs + INTERVAL_NS;
        permitted = 0;
        suppressed = 0;
    }
}
