// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of options in docs/compatibility.md says what is. */
class CompatibilityTableTest {
    private static final Path TESTS = Path.of("src/test/java");

    /** Cells: option, supported, program, test, remarks. */
    private static String[] row(Option option) throws IOException {
        for (var line : Files.readAllLines(Path.of("../docs/compatibility.md"))) {
            var cells = line.split("\\|");
            if (cells.length > 5 && cells[1].contains("`--" + option.longName() + "`")) {
                return new String[] {cells[1].strip(), cells[2].strip(), cells[3].strip(),
                    cells[4].strip()};
            }
        }
        return null;
    }

    @ParameterizedTest
    @EnumSource
    void hasEveryOptionAsItIs(Option option) throws IOException {
        var row = row(option);
        assertNotNull(row, "no row for --" + option.longName());
        assertEquals((option.letter() == 0 ? "" : "`-" + option.letter() + "`, ") + "`--"
                + option.longName() + "`", row[0]);
        assertEquals(option.support() == OptionSupport.YES ? "yes" : "not yet", row[1]);
        assertEquals(switch (option.scope()) {
            case BOTH -> "both";
            case PASST -> "passt";
            case PASTA -> "pasta";
            case VHOST_USER -> "vhost-user";
        }, row[2]);
    }

    @ParameterizedTest
    @EnumSource
    void namesATestThatExists(Option option) throws IOException {
        for (var name : row(option)[3].split(", ")) {
            assertTrue(name.matches("`\\w+(\\.\\w+)?`"), name);
            var parts = name.substring(1, name.length() - 1).split("\\.");
            var file = sourceOf(parts[0]);
            assertNotNull(file, "no test class " + parts[0]);
            if (parts.length == 2) {
                assertTrue(Files.readString(file).contains(" void " + parts[1] + "("),
                        "no method " + parts[1] + " in " + file);
            }
        }
    }

    private static Path sourceOf(String testClass) throws IOException {
        try (var files = Files.walk(TESTS)) {
            return files.filter(file -> file.endsWith(testClass + ".java")).findFirst()
                    .orElse(null);
        }
    }
}
