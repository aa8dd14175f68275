// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LauncherDecisionTest {
    private static Settings settings(String... arguments) {
        return CommandLine.parse("pasta", arguments).settings();
    }

    @Test
    void readsWhatTheLauncherDid() {
        var decision = LauncherDecision.read(Map.of("JPASST_NAME", "my-pasta", "JPASST_TARGET",
                "pid", "JPASST_STATUS_FD", "3", "JPASST_PID_FD", "5"));
        assertEquals("my-pasta", decision.programName());
        assertEquals(3, decision.statusDescriptor());
        assertEquals(5, decision.pidFileDescriptor());
        decision.check(settings("1"));
    }

    @Test
    void noticesADisagreement() {
        var decision = LauncherDecision.read(Map.of("JPASST_TARGET", "shell"));
        decision.check(settings());
        assertThrows(IllegalStateException.class, () -> decision.check(settings("ls")));
        var foreground = LauncherDecision.read(Map.of("JPASST_TARGET", "pid"));
        assertThrows(IllegalStateException.class, () -> foreground.check(settings("1")));
    }

    @Test
    void refusesToRunWithoutLauncher() {
        var none = LauncherDecision.read(Map.of());
        assertEquals("pasta", none.programName());
        assertEquals(-1, none.statusDescriptor());
        assertThrows(ConfigurationException.class, () -> none.check(settings()));
    }
}
