// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
    private static byte[][] entries(String... texts) {
        byte[][] entries = new byte[texts.length][];
        for (int i = 0; i < texts.length; i++) {
            entries[i] = texts[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return entries;
    }

    private static List<String> forCommand(String... texts) {
        List<String> clean = new ArrayList<>();
        for (byte[] entry : Environment.forCommand(entries(texts))) {
            clean.add(new String(entry, StandardCharsets.ISO_8859_1));
        }
        return clean;
    }

    @Test
    void leavesTheLaunchersVariablesOut() {
        assertEquals(List.of("A=1", "B=\u00ff", "XJPASST_C=2"),
                forCommand("A=1", "JPASST_NAME=pasta", "B=\u00ff", "XJPASST_C=2", "JPASST_=x"));
    }

    @Test
    void restoresWhatTheLauncherSaved() {
        assertEquals(List.of("A=1", "JAVA_TOOL_OPTIONS=-Dmine=1", "JDK_JAVA_OPTIONS="),
                forCommand("JAVA_TOOL_OPTIONS=-Xours", "A=1",
                        "JPASST_SAVED_JAVA_TOOL_OPTIONS=-Dmine=1",
                        "JPASST_SAVED_JDK_JAVA_OPTIONS="));
    }

    /** What the launcher has not saved, somebody else has set. */
    @Test
    void restoresNothingElse() {
        assertEquals(List.of("PATH=/bin"),
                forCommand("PATH=/bin", "JPASST_SAVED_PATH=/tmp", "JPASST_SAVED_LD_PRELOAD=x"));
    }

    @Test
    void findsValuesByTheWholeName() {
        byte[][] environment = entries("SHELLS=no", "SHELL=/bin/sh", "EMPTY=");
        assertEquals("/bin/sh", new String(Environment.value(environment, "SHELL"),
                StandardCharsets.US_ASCII));
        assertEquals(0, Environment.value(environment, "EMPTY").length);
        assertNull(Environment.value(environment, "NONE"));
    }
}
