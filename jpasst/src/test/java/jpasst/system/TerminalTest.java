// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** An interactive shell on a terminal: it behaves as if pasta were not there. */
@Order(Integer.MAX_VALUE - 75)
class TerminalTest {
    /** Ctrl-C and Ctrl-Z as terminal.py reads them. */
    private static final String INTERRUPT = "send:\\x03";
    private static final String SUSPEND = "send:\\x1a";

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void theShellHasItsNetworkAndItsExitCodeComesBack() {
        assertEquals(5, session(
                type("ip -br address | grep -c 192.0.2.10"), "expect:1\r\n",
                type("test -t 0 && test -t 1 && test -t 2 && echo termi''nal"), "expect:terminal",
                type("exit 5")));
    }

    @Test
    void theShellIsALoginShell() {
        assertEquals(0, session(type("echo name: $0"), "expect:name: -", type("exit 0")));
    }

    @Test
    void jobControl() {
        assertEquals(0, session(
                type("sleep 100"), "wait:0.3", SUSPEND, "expect:Stopped", "expect:prompt> ",
                type("jobs"), "expect:Stopped", "expect:sleep 100",
                type("fg"), "expect:sleep 100", "wait:0.2", INTERRUPT, "expect:prompt> ",
                type("echo code $?"), "expect:code 130",
                type("sleep 99 &"), "expect:prompt> ",
                type("jobs"), "expect:Running",
                type("kill %1; wait; echo gone"), "expect:gone",
                type("exit 0")));
    }

    @Test
    void anInterruptAtThePromptEndsNothing() {
        // bash loses an interrupt that comes between its prompt and its reading.
        assertEquals(4, session("wait:0.3", INTERRUPT, "expect:prompt> ", "wait:0.3", INTERRUPT,
                "expect:prompt> ", type("ip -br address | grep -c 192.0.2.10"), "expect:1\r\n",
                type("exit 4")));
    }

    @Test
    void endOfFileEndsTheShell() {
        assertEquals(0, session("send:\\x04"));
    }

    @Test
    void theSizeOfTheTerminalFollows() {
        assertEquals(0, session("resize:33x111", type("stty size"), "expect:33 111",
                "resize:44x122", type("stty size"), "expect:44 122", type("exit")));
    }

    /** The shell in its PID namespace cannot give it back, and nobody else but us would. */
    @Test
    void aScriptHasTheTerminalAfterwards() {
        var line = new ArrayList<>(List.of(lab.python("terminal.py")));
        line.addAll(List.of("expect:# ", type("exit 5"), type("hello"), "expect:5 read hello",
                "end:", "--", "sh", "-c", "\"$@\"; s=$?; read -r line; echo $s read $line; exit 6",
                "sh"));
        line.addAll(lab.pasta("--config-net").withProgram());
        var outcome = lab.pasta().startInstead(line.toArray(String[]::new)).finish();
        assertEquals("6", outcome.ok());
    }

    /** Runs a session of the default shell and returns its exit code. */
    private static int session(String... steps) {
        var script = new ArrayList<>(List.of(lab.python("terminal.py")));
        script.add("expect:# ");
        script.add("send:PS1='pro''mpt> '\\n");
        script.add("expect:prompt> ");
        for (var step : steps)
            script.add(step);
        script.add("end:");
        script.add("--");
        script.addAll(lab.pasta("--config-net").withProgram());
        var outcome = lab.pasta().startInstead(script.toArray(String[]::new)).finish();
        return Integer.parseInt(outcome.ok());
    }

    private static String type(String line) {
        return "send:" + line + "\\n";
    }
}
