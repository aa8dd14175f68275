// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * The user asked for something that cannot be done. The message is one line, without the name
 * of the program, to be shown on standard error before exiting with status 1. There is no stack
 * trace: it would say nothing about the user's mistake.
 */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whether the command line itself is malformed. */
    private final boolean usage;

    private ConfigurationException(String message, boolean usage) {
        super(message, null, false, false);
        this.usage = usage;
    }

    /**
     * A value, a combination or the host's state is wrong.
     *
     * @param message one line
     */
    public ConfigurationException(String message) {
        this(message, false);
    }

    /** An option that does not exist, or whose value is missing. */
    static ConfigurationException usage(String message) {
        return new ConfigurationException(message, true);
    }

    /**
     * Whether {@link HelpText#usage} should follow the message.
     *
     * @return true if the command line is malformed
     */
    public boolean wantsUsage() {
        return usage;
    }
}
