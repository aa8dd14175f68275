// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/**
 * A destination that outlives the start, and a terminal (or who else reads standard error) for
 * as long as somebody looks at it.
 *
 * @param kept gets every message
 * @param terminal gets those that its level shows
 * @param shown the level of the terminal
 */
public record WithTerminal(LogDestination kept, LogDestination terminal, Level shown)
        implements LogDestination {
    @Override
    public void write(Level level, long sinceStartNs, String message) {
        if (shown.shows(level)) {
            terminal.write(level, sinceStartNs, message);
        }
        kept.write(level, sinceStartNs, message);
    }
}
