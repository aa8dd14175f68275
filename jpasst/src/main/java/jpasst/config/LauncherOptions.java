// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what the launcher script must know about options: which exist, and which take a value.
 * Run by the Maven build; the script reads the file at each start, so the two cannot disagree.
 */
final class LauncherOptions {
    private LauncherOptions() {
    }

    /**
     * Writes the file.
     *
     * @param arguments its path
     * @throws IOException if it cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[0]), script());
    }

    /** Two shell functions, and the long names for resolving abbreviations. */
    static String script() {
        var letters = new StringBuilder();
        var names = new StringBuilder();
        var valued = new StringBuilder();
        for (var option : Option.values()) {
            var name = option.longName();
            if (option.letter() != 0) {
                letters.append("        ").append(option.letter()).append(") jp_option=")
                        .append(name).append(" ;;\n");
            }
            names.append(names.isEmpty() ? "" : " ").append(name);
            if (option.takesValue()) {
                valued.append(valued.isEmpty() ? "" : "|").append(name);
            }
        }
        return """
                # Made by jpasst.config.LauncherOptions from the option table. Read by bin/pasta.

                # Sets jp_option to the long name of a letter, or to nothing.
                jp_option_of_letter() {
                    case $1 in
                %s        *) jp_option= ;;
                    esac
                }

                jp_takes_value() {
                    case $1 in
                        %s) return 0 ;;
                    esac
                    return 1
                }

                jp_long_names='%s'
                """.formatted(letters, valued, names);
    }
}
