// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * Reads a command line by the grammar of getopt_long(3) with a leading {@code +}: bundled
 * letters, values attached or in the next argument, {@code --name=value}, unique abbreviations,
 * {@code --}, and an end at the first argument that is no option. Messages are those of the C
 * library, which scripts and people know.
 *
 * <p>Used as a cursor: {@link #next()} until null, then {@link #operand()}.
 */
final class OptionReader {
    private static final Option[] OPTIONS = Option.values();

    private final String[] arguments;
    /** The argument read next. */
    private int index;
    /** Position of the next letter within a bundle, or 0 outside of one. */
    private int inBundle;
    private String value;
    private String spelling;

    OptionReader(String[] arguments) {
        this.arguments = arguments;
    }

    /**
     * Steps to the next option.
     *
     * @return the option, or null at the end
     * @throws ConfigurationException if the option does not exist, or its value is missing or
     *         superfluous
     */
    Option next() {
        value = null;
        if (inBundle != 0) {
            return letter(arguments[index]);
        }
        if (index == arguments.length) {
            return null;
        }
        var argument = arguments[index];
        if (argument.length() < 2 || argument.charAt(0) != '-') {
            return null;
        }
        if (argument.charAt(1) != '-') {
            inBundle = 1;
            return letter(argument);
        }
        index++;
        return argument.length() == 2 ? null : longName(argument);
    }

    /** The value of the option read last, or null if it takes none. */
    String value() {
        return value;
    }

    /** The option read last as the user wrote it, with dashes, abbreviations spelled out. */
    String spelling() {
        return spelling;
    }

    /** Index of the first argument that belongs to no option, after {@link #next} gave null. */
    int operand() {
        return index;
    }

    private Option letter(String bundle) {
        char letter = bundle.charAt(inBundle++);
        var option = byLetter(letter);
        if (option == null) {
            throw ConfigurationException.usage("invalid option -- '" + letter + "'");
        }
        spelling = "-" + letter;
        boolean last = inBundle == bundle.length();
        if (option.takesValue() && !last) {
            value = bundle.substring(inBundle);
            last = true;
        } else if (option.takesValue()) {
            if (++index == arguments.length) {
                throw ConfigurationException.usage(
                        "option requires an argument -- '" + letter + "'");
            }
            value = arguments[index];
        }
        if (last) {
            inBundle = 0;
            index++;
        }
        return option;
    }

    private Option longName(String argument) {
        int equals = argument.indexOf('=');
        var name = equals < 0 ? argument.substring(2) : argument.substring(2, equals);
        var option = byName(name, argument);
        spelling = "--" + option.longName();
        if (equals >= 0) {
            if (!option.takesValue()) {
                throw ConfigurationException.usage(
                        "option '" + spelling + "' doesn't allow an argument");
            }
            value = argument.substring(equals + 1);
        } else if (option.takesValue()) {
            if (index == arguments.length) {
                throw ConfigurationException.usage(
                        "option '" + spelling + "' requires an argument");
            }
            value = arguments[index++];
        }
        return option;
    }

    private static Option byLetter(char letter) {
        for (var option : OPTIONS) {
            if (option.letter() == letter && letter != 0) {
                return option;
            }
        }
        return null;
    }

    /**
     * The option of this name, or of the one name that begins so.
     *
     * @param argument the whole argument, for messages
     */
    private static Option byName(String name, String argument) {
        Option abbreviated = null;
        boolean ambiguous = false;
        for (var option : OPTIONS) {
            if (!option.longName().startsWith(name)) {
                continue;
            }
            if (option.longName().length() == name.length()) {
                return option;
            }
            // Two names of one option are not ambiguous.
            ambiguous |= abbreviated != null
                    && !(abbreviated == Option.SOCKET && option == Option.SOCKET_PATH);
            abbreviated = option;
        }
        if (abbreviated == null) {
            throw ConfigurationException.usage("unrecognized option '" + argument + "'");
        }
        if (ambiguous) {
            throw ConfigurationException.usage("option '" + argument
                    + "' is ambiguous; possibilities:" + possibilities(name));
        }
        return abbreviated;
    }

    private static String possibilities(String prefix) {
        var text = new StringBuilder();
        for (var option : OPTIONS) {
            if (option.longName().startsWith(prefix)) {
                text.append(" '--").append(option.longName()).append('\'');
            }
        }
        return text.toString();
    }
}
