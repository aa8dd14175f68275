// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script in each of the shells that sh may be; those which are not installed are left out. */
class FirstProcessTest {
    private record Outcome(int status, String output) {
    }

    private static Outcome run(String shell, String script, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(shell.split(" ")));
        assertTrue(new File("/bin/" + command.getFirst()).exists());
        Collections.addAll(command, "-c", script, "pasta");
        Collections.addAll(command, words);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void becomesTheCommand(String shell) throws Exception {
        String script = FirstProcess.script(false, false, false);
        assertEquals(new Outcome(0, "a  b|c|"),
                run(shell, script, "printf", "%s|", "a  b", "c"));
        for (int status : new int[] {1, 9, 126, 127}) {
            assertEquals(new Outcome(status, ""),
                    run(shell, script, "sh", "-c", "exit " + status));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void endsWith1IfItCannot(String shell) throws Exception {
        String script = FirstProcess.script(false, false, false);
        assertEquals(1, run(shell, script, "/no/such/file").status());
        assertEquals(1, run(shell, script, "/etc/passwd").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "busybox sh"})
    void becomesALoginShell(String shell) throws Exception {
        String script = "HOME=/; export HOME\n" + FirstProcess.script(false, true, false);
        assertEquals(0, run(shell, script, "/bin/sh").status());
    }
}
