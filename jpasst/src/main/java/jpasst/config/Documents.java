// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what is made from the option table for users: manual pages and completions of shells,
 * in the places of a {@code share} directory where they are looked for. Run by the Maven build.
 */
final class Documents {
    private Documents() {
    }

    /**
     * Writes the files.
     *
     * @param arguments path of {@code docs/manual.md}, path of the {@code share} directory
     * @throws IOException if one cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        var share = Path.of(arguments[1]);
        var page = ManualPage.of(Files.readAllLines(Path.of(arguments[0])));
        write(share.resolve("man/man1/passt.1"), page);
        write(share.resolve("man/man1/pasta.1"), ".so man1/passt.1\n");
        for (var mode : Mode.values()) {
            write(share.resolve("bash-completion/completions/" + mode),
                    BashCompletion.script(mode));
        }
        write(share.resolve("zsh/site-functions/_passt"), ZshCompletion.script());
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
