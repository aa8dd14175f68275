// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.log.Level;

/**
 * What is logged, and where.
 *
 * @param debug debug messages; without a file to standard error only, with time stamps
 * @param trace a message per packet as well; only with {@code debug}
 * @param quiet warnings and errors only, no banner; never with {@code debug}
 * @param file path of the log file ({@code -l}), not empty, or null
 * @param fileSize its largest size in bytes, {@link #MIN_FILE_SIZE} or more
 * @param statsDelay least time between two lines of event counts in seconds ({@code --stats}),
 *        1 or more, or 0 for none
 */
public record LogOptions(boolean debug, boolean trace, boolean quiet, String file, int fileSize,
        int statsDelay) {
    /** The least {@link #fileSize} in bytes: what is dropped at once, and kept, is worth it. */
    public static final int MIN_FILE_SIZE = 5 * 8192;
    /** The {@link #fileSize} in bytes without {@code --log-size}: 1 MiB. */
    public static final int DEFAULT_FILE_SIZE = 1 << 20;

    /** The least important level that is logged. */
    public Level level() {
        if (trace) {
            return Level.TRACE;
        }
        if (debug) {
            return Level.DEBUG;
        }
        return quiet ? Level.WARNING : Level.INFO;
    }
}
