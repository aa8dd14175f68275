// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** {@link LogOptions} while they are collected, in the order of the command line. */
final class LogChoices {
    private boolean debug;
    private boolean trace;
    private boolean quiet;
    private String file;
    private int fileSize = LogOptions.DEFAULT_FILE_SIZE;
    private int statsDelay;

    /** Applies an option about logging; false if it is not handled. */
    boolean apply(Option option, String value) {
        switch (option) {
            case DEBUG -> debug();
            case TRACE -> {
                debug();
                trace = true;
            }
            case QUIET -> {
                debug = false;
                trace = false;
                quiet = true;
            }
            case LOG_FILE -> file = OptionValues.path(option, value);
            case LOG_SIZE -> fileSize = OptionValues.logSize(value);
            case STATS -> statsDelay = OptionValues.statsDelay(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void debug() {
        debug = true;
        quiet = false;
    }

    /** The whole. */
    LogOptions toOptions() {
        return new LogOptions(debug, trace, quiet, file, fileSize, statsDelay);
    }
}
