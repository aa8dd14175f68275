// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/** What {@code --help}, {@code --version} and a malformed command line print. */
public final class HelpText {
    private static final int WIDTH = 79;
    /** Column where the explanation of an option begins. */
    private static final int HELP_COLUMN = 37;

    private static final String PORT_SPECIFIER = """

              SPEC is "none", or items with commas between:
                22, 22-23, 22:80, 22-23:80-81   ports, perhaps to other ones
                22:ADDR, 22:ADDR/80             ports to an address
                ~22, ~22-23                     but not these
                all, all:ADDR                   all, but ephemeral ones
                auto                            while bound on the other side (default)
              After -t and -u, it may begin with where to listen: [ADDR][%INTERFACE]/
            """;

    private HelpText() {
    }

    /**
     * The synopsis that follows the message about a malformed command line.
     *
     * @return a few lines, each ended by a newline
     */
    public static String usage() {
        return """
                Usage: pasta [OPTION]... [COMMAND [ARG]...]
                       pasta [OPTION]... PID
                       pasta [OPTION]... --netns [PATH|NAME]
                'pasta --help' lists the options.
                """;
    }

    /**
     * The name, the version and the licence.
     *
     * @return a few lines, each ended by a newline
     */
    public static String version() {
        return "pasta " + Version.NUMBER + " (jpasst)\n" + """
                Copyright the jpasst authors.
                Licensed under the Apache License, Version 2.0
                <https://www.apache.org/licenses/LICENSE-2.0>.
                There is no warranty, to the extent permitted by law.
                """;
    }

    /** All options, by group, at most 79 columns wide; and what is not supported yet. */
    static String help() {
        var text = new StringBuilder(6000);
        text.append("""
                Usage: pasta [OPTION]... [COMMAND [ARG]...]
                       pasta [OPTION]... PID
                       pasta [OPTION]... --netns [PATH|NAME]

                Connects a network namespace to the network, without privileges. Runs COMMAND
                (or a login shell, without one) in a new namespace, or connects the namespace
                of process PID, or the one at PATH.
                """);
        for (var group : OptionGroup.values()) {
            appendGroup(text, group);
            if (group == OptionGroup.FORWARDING) {
                text.append(PORT_SPECIFIER);
            }
        }
        appendUnsupported(text);
        return text.toString();
    }

    private static void appendGroup(StringBuilder text, OptionGroup group) {
        boolean empty = true;
        for (var option : Option.values()) {
            if (option.group() == group && option.support() != OptionSupport.NOT_YET) {
                if (empty) {
                    text.append('\n').append(group.title()).append(":\n");
                    empty = false;
                }
                appendOption(text, option);
            }
        }
    }

    private static void appendOption(StringBuilder text, Option option) {
        int start = text.length();
        if (option.letter() != 0) {
            text.append("  -").append(option.letter()).append(", ");
        } else {
            text.append("      ");
        }
        text.append("--").append(option.longName());
        if (option.takesValue()) {
            text.append(' ').append(option.placeholder());
        }
        pad(text, start + HELP_COLUMN);
        text.append(option.help()).append('\n');
    }

    private static void appendUnsupported(StringBuilder text) {
        text.append("\nNot supported yet, refused when used:\n ");
        int column = 1;
        for (var option : Option.values()) {
            if (option.support() != OptionSupport.NOT_YET) {
                continue;
            }
            int length = option.longName().length() + 3;
            if (column + length > WIDTH) {
                text.append("\n ");
                column = 1;
            }
            text.append(" --").append(option.longName());
            column += length;
        }
        text.append('\n');
    }

    private static void pad(StringBuilder text, int length) {
        do {
            text.append(' ');
        } while (text.length() < length);
    }
}
