// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTextTest {
    @Test
    void fitsAnOrdinaryTerminal() {
        for (var mode : Mode.values()) {
            var text = HelpText.help(mode) + HelpText.usage(mode.toString())
                    + HelpText.version(mode);
            for (var line : text.split("\n")) {
                assertTrue(line.length() < 80, line);
            }
        }
    }

    @Test
    void namesEveryOption() {
        for (var mode : Mode.values()) {
            var words = List.of(HelpText.help(mode).split("[\\s,]+"));
            for (var option : Option.values()) {
                assertEquals(option.scope().includes(mode),
                        words.contains("--" + option.longName()), mode + " " + option);
            }
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
