// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HelpTextTest {
    @Test
    void fitsAnOrdinaryTerminal() {
        for (var line : (HelpText.help(Mode.PASTA) + HelpText.usage("pasta") + HelpText.version(Mode.PASTA)).split("\n")) {
            assertTrue(line.length() < 80, line);
        }
    }

    @Test
    void namesEveryOption() {
        var words = HelpText.help(Mode.PASTA);
        for (var option : Option.values()) {
            assertTrue(words.contains("--" + option.longName()), option.longName());
        }
    }

    @Test
    void hasTheVersionOfTheBuild() throws Exception {
        var pom = Files.readString(Path.of("pom.xml"));
        assertTrue(pom.contains("<version>" + Version.NUMBER + "</version>"));
    }

    @Test
    void compatibilityTableHasEveryOptionAsItIs() throws Exception {
        var table = Files.readString(Path.of("../docs/compatibility.md"));
        for (var option : Option.values()) {
            var state = switch (option.support()) {
                case YES -> "yes";
                case NOT_YET -> "not yet";
            };
            assertEquals(state, stateIn(table, option), option.longName());
        }
    }

    /** The second column of the option's row. */
    private static String stateIn(String table, Option option) {
        for (var line : table.split("\n")) {
            var cells = line.split("\\|");
            if (cells.length > 2 && cells[1].contains("`--" + option.longName() + "`")) {
                return cells[2].strip();
            }
        }
        return "missing";
    }
}
