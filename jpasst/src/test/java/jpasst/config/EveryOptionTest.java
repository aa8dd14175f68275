// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each option takes and what it refuses; the lines are in a file of their own. */
class EveryOptionTest {
    private static final Pattern REPEATED = Pattern.compile("<(\\d+)\\*(.)>");
    private static final int LONGEST_ARGUMENT = 128 * 1024 - 1;
    /** Values nobody should give. */
    private static final String[] HOSTILE = {"", " ", "-", "--", "-1", "0", "\n", "\u001b[2J",
        "\u0000", "\ufffd", "%s%n", "../../etc", "999999999999999999999", "0x", "1e9",
        "\u0661\u0662", "none,none", "::ffff:0:0", "1.2.3.4/", "[", "]", "[::1", "%", "/", "~", ":",
        "1:", "all:", "*", "*%", "a".repeat(LONGEST_ARGUMENT), "1".repeat(LONGEST_ARGUMENT),
        "1,".repeat(LONGEST_ARGUMENT / 2), "~1,".repeat(LONGEST_ARGUMENT / 3),
        "a.".repeat(LONGEST_ARGUMENT / 2), ":".repeat(LONGEST_ARGUMENT)};

    /** The lines of each section. */
    private static Map<String, List<String>> sections() throws IOException {
        var sections = new HashMap<String, List<String>>();
        List<String> lines = null;
        try (var file = EveryOptionTest.class.getResourceAsStream("command-lines.txt")) {
            for (var line : new String(file.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("[")) {
                    lines = new ArrayList<>();
                    sections.put(line.substring(1, line.length() - 1), lines);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    lines.add(line);
                }
            }
        }
        return sections;
    }

    @TestFactory
    List<DynamicTest> doesAsTheTableSays() throws IOException {
        var tests = new ArrayList<DynamicTest>();
        sections().forEach((name, lines) -> {
            for (var line : lines) {
                tests.add(DynamicTest.dynamicTest(name + ": " + line, () -> check(line)));
            }
        });
        return tests;
    }

    private static void check(String line) {
        int arrow = line.indexOf(" => ");
        var words = (arrow < 0 ? line : line.substring(0, arrow)).split(" ");
        var arguments = new String[words.length - 1];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = expanded(words[i + 1]);
        }
        if (arrow < 0) {
            assertDoesNotThrow(() -> CommandLine.parse(words[0], arguments));
        } else {
            var refused = assertThrows(ConfigurationException.class,
                    () -> CommandLine.parse(words[0], arguments));
            assertEquals(expanded(line.substring(arrow + 4)), refused.getMessage());
        }
    }

    private static String expanded(String text) {
        return REPEATED.matcher(text.replace("<>", ""))
                .replaceAll(part -> part.group(2).repeat(Integer.parseInt(part.group(1))));
    }

    @ParameterizedTest
    @EnumSource
    void everyOptionIsInTheTable(Option option) throws IOException {
        var lines = sections().get(option.longName());
        int accepted = 0;
        for (var line : lines) {
            accepted += line.contains(" => ") ? 0 : 1;
        }
        assertEquals(option.support() == OptionSupport.YES, accepted > 0);
        if (option.takesValue()) {
            assertTrue(lines.size() > accepted, "no refused form of --" + option.longName());
        }
    }

    @Test
    void theTableHasNoOtherOptions() throws IOException {
        assertEquals(Option.values().length, sections().size());
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatIsMissingOrTooManyIsSaid(Option option) {
        var name = "--" + option.longName();
        var given = option.takesValue() ? name : name + "=1";
        var said = assertThrows(ConfigurationException.class,
                () -> CommandLine.parse("pasta", new String[] {given}));
        assertEquals("option '" + name + (option.takesValue() ? "' requires an argument"
                : "' doesn't allow an argument"), said.getMessage());
        assertTrue(said.wantsUsage());
    }

    @ParameterizedTest
    @EnumSource(names = {"SOCKET", "SOCKET_PATH", "FD", "ONE_OFF", "NO_DHCP_DNS", "NO_DHCP_SEARCH"})
    void pastaRefusesWhatIsForPasst(Option option) {
        assertEquals("option --" + option.longName() + " is for passt only",
                inWrongProgram(Mode.PASTA, option).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void passtRefusesWhatIsForPasta(Option option) {
        if (option.scope() == OptionScope.PASTA) {
            assertEquals("option --" + option.longName() + " is for pasta only",
                    inWrongProgram(Mode.PASST, option).getMessage());
        } else {
            assertEquals(option.scope() == OptionScope.BOTH,
                    option.scope().includes(Mode.PASTA));
        }
    }

    private static ConfigurationException inWrongProgram(Mode mode, Option option) {
        var given = "--" + option.longName() + (option.takesValue() ? "=1" : "");
        return assertThrows(ConfigurationException.class,
                () -> CommandLine.parse(mode.toString(), new String[] {given}));
    }

    /** Nothing but an acceptance or one clear line, and soon. */
    @ParameterizedTest
    @EnumSource
    void noValueDoesHarm(Option option) {
        for (var value : HOSTILE) {
            for (var mode : Mode.values()) {
                assertTimeout(Duration.ofSeconds(5), () -> tryValue(mode, option, value));
            }
        }
    }

    private static void tryValue(Mode mode, Option option, String value) {
        try {
            CommandLine.parse(mode.toString(), new String[] {"-f", "--config-net",
                "--" + option.longName() + "=" + value});
        } catch (ConfigurationException e) {
            var line = OneLine.of(e.getMessage());
            assertTrue(line.length() <= 500, () -> line.length() + " characters");
            assertFalse(line.chars().anyMatch(Character::isISOControl), line);
        }
    }
}
