// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The end, asked for or by force: at once, and nothing is left behind. */
@Order(Integer.MAX_VALUE - 65)
class TerminationTest {
    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    /** SIGTERM and SIGQUIT are an orderly end; the rest ends it as the signal's default says. */
    @ParameterizedTest
    @CsvSource({"TERM, 0", "QUIT, 0", "INT, 130", "HUP, 129"})
    void aSignalEndsItAtOnceUnderLoad(String signal, int exitCode) {
        try (var sink = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::digest);
                var pasta = lab.pasta("--config-net").start("sh", "-c",
                        "for i in 1 2 3 4; do $0 $1 put $2 $3 100000000000 & done; echo on; wait",
                        "python3", lab.copyOf("tcp.py").toString(), Lab.SERVER_V4,
                        "" + sink.port())) {
            pasta.awaitLine("on");
            pause(700);
            long start = System.nanoTime();
            pasta.signal(signal);
            while (pasta.isAlive() && System.nanoTime() - start < 5_000_000_000L)
                pause(1);
            long took = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertTrue(took < 1000, signal + " took " + took + " ms");
            for (var left : lab.userProcesses())
                left.destroyForcibly();
            assertEquals(exitCode, pasta.finish().exitCode());
        }
    }

    /** As with the C original, the command lives on, but its namespace is no more connected. */
    @Test
    void theCommandOutlivesPastaWithoutNetwork() throws IOException {
        var shown = lab.directory().resolve("links");
        try (var pasta = lab.pasta("--config-net").start("sh", "-c",
                "ip -br link > $0; echo on; sleep 1; ip -br link >> $0; echo over >> $0; sleep 60",
                shown.toString())) {
            pasta.awaitLine("on");
            var command = pasta.descendants();
            pasta.signal("TERM");
            while (pasta.isAlive())
                pause(1);
            long deadline = System.nanoTime() + 5_000_000_000L;
            while (!Files.readString(shown).endsWith("over\n") && System.nanoTime() < deadline)
                pause(10);
            assertTrue(command.getFirst().isAlive());
            command.forEach(ProcessHandle::destroyForcibly);
        }
        var links = Files.readAllLines(shown).stream().map(line -> line.split(" +")[0]).toList();
        assertEquals(List.of("lo", Lab.INTERFACE, "lo", "over"), links);
    }

    @Test
    void nothingIsLeftBehind() {
        var files = filesOfTheUser();
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo);
                var udp = new UdpEcho(lab.world(), Lab.SERVER_V4);
                var pasta = lab.pasta("--config-net").start("sh", "-c",
                        // In the background a shell gives /dev/null, which ends at once.
                        "exec 3<&0; $0 $1 hold $2 $3 50 <&3 & $0 $4 ports $2 $5 50 & wait",
                        "python3", lab.copyOf("tcp.py").toString(), Lab.SERVER_V4,
                        "" + echo.port(), lab.copyOf("udp.py").toString(), "" + udp.port())) {
            pasta.awaitLine("open 50");
            pasta.awaitLine("missing 0");
            var command = pasta.descendants();
            pasta.signal("TERM");
            while (pasta.isAlive())
                pause(1);
            var own = lab.userProcesses().stream().filter(left -> !command.contains(left)).toList();
            assertEquals("[]", own.toString(), "processes");
            // What the kernel still has to send is its own affair: it holds no process.
            assertEquals("", lab.host().run("ss", "-Htunap", "state", "connected",
                    "exclude", "time-wait", "exclude", "fin-wait-1", "exclude", "fin-wait-2",
                    "exclude", "last-ack", "exclude", "closing"), "sockets");
            command.forEach(ProcessHandle::destroyForcibly);
        }
        assertEquals(files, filesOfTheUser(), "files");
    }

    private static String filesOfTheUser() {
        // find complains of files of others that vanish meanwhile.
        var found = Tool.run("sh", "-c", "find /tmp /var/tmp /dev/shm /run -xdev"
                + " -uid " + Lab.USER + " 2>/dev/null || true");
        var lines = found.split("\n");
        Arrays.sort(lines);
        return String.join("\n", lines);
    }

    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
