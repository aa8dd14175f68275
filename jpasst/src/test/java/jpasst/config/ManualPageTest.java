// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManualPageTest {
    private static final Path SOURCE = Path.of("../docs/manual.md");

    @TempDir
    private Path directory;

    private static List<String> source() throws IOException {
        return Files.readAllLines(SOURCE);
    }

    private static String output(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String page() throws IOException {
        Documents.main(new String[] {SOURCE.toString(), directory.toString()});
        return directory.resolve("man/man1/passt.1").toString();
    }

    @Test
    void hasNothingForFormattersToComplainOf() throws IOException {
        var page = page();
        assertEquals("", output("mandoc", "-T", "lint", page));
        assertEquals("", output("sh", "-c", "groff -man -Tutf8 -ww \"$0\" >/dev/null", page));
    }

    @Test
    void isUnderBothNames() throws IOException {
        page();
        assertEquals(".so man1/passt.1\n",
                Files.readString(directory.resolve("man/man1/pasta.1")));
    }

    @Test
    void hasTheSectionsOfAManualPage() throws IOException {
        var sections = new ArrayList<String>();
        for (var line : ManualPage.of(source()).split("\n")) {
            if (line.startsWith(".SH ")) {
                sections.add(line.substring(4));
            }
        }
        assertEquals(List.of("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "PORT SPECIFIERS",
                "EXAMPLES", "FILES", "ENVIRONMENT", "SIGNALS", "EXIT STATUS", "SEE ALSO"),
                sections);
    }

    /** As the reader sees it: names and value, and then a text. */
    @Test
    void explainsEveryOptionInTheOrderOfTheTable() throws IOException {
        var lines = output("mandoc", "-T", "utf8", "-O", "width=200", page())
                .replaceAll(".\b", "").lines().map(String::strip).toList();
        int at = lines.indexOf("OPTIONS");
        for (var option : Option.values()) {
            var head = (option.letter() == 0 ? "" : "-" + option.letter() + ", ")
                    + "--" + option.longName()
                    + (option.takesValue() ? " " + option.placeholder() : "");
            int next = at + 1;
            while (next < lines.size() && !lines.get(next).equals(head)
                    && !lines.get(next).startsWith(head + " (")
                    && !lines.get(next).startsWith(head + "  ")) {
                next++;
            }
            assertTrue(next < lines.size(), head + " is not after line " + at);
            at = next;
        }
    }

    /** The groups of the manual are those of the help text. */
    @Test
    void hasTheGroupsOfTheTable() throws IOException {
        var groups = new ArrayList<String>();
        for (var line : source()) {
            if (line.startsWith("### ")) {
                groups.add(line.substring(4));
            }
        }
        var titles = new ArrayList<String>();
        for (var group : OptionGroup.values()) {
            titles.add(group.title());
        }
        assertEquals(titles, groups);
    }

    @Test
    void noticesAnOptionWithoutTextAndATextWithoutOption() throws IOException {
        var lines = new ArrayList<>(source());
        int at = lines.indexOf("#### --mtu");
        lines.set(at, "#### --bogus");
        assertEquals("no option is called --bogus", assertThrows(IllegalArgumentException.class,
                () -> ManualPage.of(lines)).getMessage());
        lines.remove(at);
        assertEquals("no text for --mtu", assertThrows(IllegalArgumentException.class,
                () -> ManualPage.of(lines)).getMessage());
    }

    @Test
    void protectsWhatMeansSomethingToFormatters() {
        assertEquals("\\&.x \\fB\\-\\-a\\(ti\\e\\(aq\\fR a-b \\fIc\\fR\n",
                RoffText.of(".x `--a~\\'` a-b *c*"));
        assertEquals("\\&.a\\-b", RoffText.literal(".a-b"));
        assertThrows(IllegalArgumentException.class, () -> RoffText.of("`x"));
    }
}
