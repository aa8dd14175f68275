// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void leavesOrdinaryMessagesAlone() {
        assertEquals("invalid MTU: ü (0 to 65521)", OneLine.of("invalid MTU: ü (0 to 65521)"));
    }

    @Test
    void replacesWhatMovesTheCursor() {
        assertEquals("a?b?[2J?c?d?", OneLine.of("a\nb\u001b[2J\u0000c\u2028d\u0085"));
    }

    @Test
    void keepsTheBeginningAndTheEnd() {
        var line = OneLine.of("invalid MTU: " + "1".repeat(100_000) + " (0 to 65521)");
        assertEquals(500, line.length());
        assertTrue(line.startsWith("invalid MTU: 111"));
        assertTrue(line.contains("1 ... 1"));
        assertTrue(line.endsWith("1 (0 to 65521)"));
    }
}
