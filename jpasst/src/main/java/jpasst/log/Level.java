// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/** How much a message matters; a log shows its own level and all before it. */
public enum Level {
    /** Something asked for cannot be done. */
    ERROR,
    /** Something went on, but not as asked. */
    WARNING,
    /** What an ordinary user wants to know: the default. */
    INFO,
    /** For finding out what goes wrong: {@code -d}. */
    DEBUG,
    /** Single packets: {@code --trace}. Shown as debug messages are. */
    TRACE;

    /** Whether a log of this level shows a message of that one. */
    public boolean shows(Level message) {
        return message.ordinal() <= ordinal();
    }
}
