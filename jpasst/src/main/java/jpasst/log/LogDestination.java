// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/**
 * Where log lines go. It owns the look of a line: the log passes the parts.
 * Called by any thread that logs, several at once.
 */
public interface LogDestination {
    /**
     * Writes one message. A failure is swallowed: logging never stops the program.
     *
     * @param level what the message is; already known to be shown
     * @param sinceStartNs time since the log was made, in nanoseconds, not negative
     * @param message one line of text without line end
     */
    void write(Level level, long sinceStartNs, String message);
}
