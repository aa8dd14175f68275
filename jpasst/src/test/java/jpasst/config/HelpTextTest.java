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
}
