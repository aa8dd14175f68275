// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.log.Level;

/**
 * How much is logged.
 *
 * @param debug debug messages, to standard error only, with time stamps
 * @param trace a message per packet as well; only with {@code debug}
 * @param quiet warnings and errors only, no banner: asked for, or since a command or shell
 *        runs on the same terminal; never with {@code debug}
 */
public record LogOptions(boolean debug, boolean trace, boolean quiet) {
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
