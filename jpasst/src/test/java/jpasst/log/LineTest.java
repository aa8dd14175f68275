// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

class LineTest {
    private static String line(String message) {
        return new String(new Line().literal("> ").message(message).bytes(),
                StandardCharsets.UTF_8);
    }

    @Test
    void hasTheWordsAndAnEnd() {
        assertEquals("> so it is\n", line("so it is"));
        assertEquals("> \n", line(""));
        assertEquals("> übrig \ud83d\ude00\n", line("übrig \ud83d\ude00"));
    }

    @Test
    void staysOneLineWithoutOrdersToATerminal() {
        assertEquals("> a 0.1: ERROR: b  [2J c d e\n",
                line("a\n0.1: ERROR: b\r\u001b[2J\u0000c\u007fd\u009be"));
    }

    @Test
    void isCutWhereItWouldBeTooLong() {
        int room = Line.MAXIMUM_BYTES - "> \n".length();
        assertEquals("> " + "x".repeat(room) + "\n", line("x".repeat(room)));
        String cut = "> " + "x".repeat(room - 3) + "...\n";
        assertEquals(cut, line("x".repeat(room + 1)));
        assertEquals(cut, line("x".repeat(1_000_000)));
    }

    @Test
    void isNotCutWithinACharacter() {
        for (int before = 0; before < 8; before++) {
            String cut = line("x".repeat(before) + "\ud83d\ude00".repeat(Line.MAXIMUM_BYTES));
            assertTrue(cut.matches("> x{" + before + "}(\ud83d\ude00)+\\.\\.\\.\n"), cut);
            int bytes = cut.getBytes(StandardCharsets.UTF_8).length;
            assertTrue(bytes <= Line.MAXIMUM_BYTES && bytes > Line.MAXIMUM_BYTES - 4);
        }
    }
}
