// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --no-pidns}: the command is a process among others, and so are those it leaves behind. */
@Order(Integer.MAX_VALUE - 98)
class NoPidNamespaceTest {
    private static final String[] OPTIONS = {"--config-net", "--no-pidns"};

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @AfterEach
    void endWhatIsLeft() {
        lab.userProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void theCommandSeesTheProcessesOutside() {
        var shown = lab.pasta(OPTIONS).run("sh", "-c", "echo $$; readlink /proc/$$/ns/pid;"
                + " readlink /proc/$$/ns/net; cat /proc/self/mounts | grep -c ' /proc proc '")
                .ok().lines().toList();
        assertNotEquals("1", shown.get(0));
        assertEquals(Tool.run("readlink", "/proc/self/ns/pid").strip(), shown.get(1));
        assertNotEquals(lab.host().run("readlink", "/proc/self/ns/net").strip(), shown.get(2));
        assertEquals("1", shown.get(3), "mounts of /proc");
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 7, 7", "kill -TERM $$, 143", "kill -INT $$, 130",
        "kill -KILL $$, 137"})
    void itsExitStatusComesBack(String command, int code) {
        assertEquals(code, lab.pasta(OPTIONS).run("sh", "-c", command).exitCode());
    }

    @Test
    void whatItLeavesBehindLivesOn() {
        var outcome = lab.pasta(OPTIONS).run("sh", "-c",
                "sleep 60 >/dev/null 2>&1 </dev/null & echo $!");
        var left = ProcessHandle.of(Long.parseLong(outcome.ok())).orElseThrow();
        assertTrue(left.isAlive());
        // Unlike in a PID namespace, whose processes end with the first one.
        var ended = lab.pasta("--config-net").run("sh", "-c",
                "sleep 61 >/dev/null 2>&1 </dev/null & readlink /proc/self/ns/pid").ok();
        assertTrue(lab.userProcesses().stream().noneMatch(p -> ended.equals(namespaceOf(p))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL"})
    void theCommandOutlivesPasta(String signal) {
        try (var pasta = lab.pasta(OPTIONS).start("sh", "-c", "echo $$; exec sleep 60")) {
            long command = Long.parseLong(pasta.awaitLine(line -> true).strip());
            pasta.signal(signal);
            Patience.until("pasta ends", Duration.ofSeconds(5), () -> !pasta.isAlive());
            assertTrue(ProcessHandle.of(command).orElseThrow().isAlive());
        }
    }

    private static String namespaceOf(ProcessHandle process) {
        return Tool.run("sh", "-c", "readlink /proc/" + process.pid() + "/ns/pid || true").strip();
    }
}
