// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Where messages go: standard error, the system log, a file; before and after the start. */
@Order(Integer.MAX_VALUE - 97)
class LoggingTest {
    private static final String BANNER = "Namespace interface: " + Lab.INTERFACE;
    private static final String TITLE = "pasta [^ ]+: /[^ ]+ \\([0-9]+\\)";
    private static final AtomicInteger FILES = new AtomicInteger();

    private static Lab lab;

    /** A process with user and network namespaces of its own, not connected yet. */
    private Running target;
    private Path socket;
    private Running daemon;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void start() {
        socket = fresh();
        daemon = lab.pasta().startInstead(lab.python("syslog.py", socket));
        daemon.awaitLine("listening");
        target = lab.pasta()
                .startInstead("unshare", "-Urn", "sh", "-c", "echo ready; exec sleep 120");
        target.awaitLine("ready");
    }

    @AfterEach
    void end() {
        target.close();
        daemon.close();
    }

    /** A name in the lab's directory that nobody has used. */
    private static Path fresh() {
        return lab.directory().resolve("log" + FILES.incrementAndGet());
    }

    /** Starts pasta where the daemon's socket is /dev/log. */
    private Running pasta(String... words) {
        var line = new ArrayList<>(List.of(lab.copyOf("devlog.sh").toString(), socket.toString(),
                Lab.USER, Pasta.program().toString()));
        line.addAll(List.of(words));
        return lab.pasta().asRoot().startInstead(line.toArray(String[]::new));
    }

    /** All that came to the system log. */
    private List<String> logged() {
        return daemon.finish().ok().lines().skip(1).toList();
    }

    private static boolean has(List<String> lines, String part) {
        return lines.stream().anyMatch(line -> line.contains(part));
    }

    @Test
    void inTheForegroundItGoesToTheSystemLogAndStandardError() {
        var ready = fresh();
        try (var pasta = pasta("-f", "--config-net", "-P", ready.toString(), "" + target.pid())) {
            Patience.until("it is ready", Duration.ofSeconds(20),
                    () -> Files.exists(ready) && !read(ready).isEmpty());
            target.close();
            pasta.awaitError(line -> line.contains("is gone"));
            var outcome = pasta.finish();
            assertEquals(0, outcome.exitCode(), outcome::toString);
            var logged = logged();
            assertEquals(outcome.err().lines().toList(), logged.stream()
                    .map(line -> line.replaceFirst("^<30>pasta: ", "")).toList());
            assertTrue(has(logged, BANNER), logged::toString);
        }
    }

    /** The caller sees the beginning, the system log what comes later too. */
    @Test
    void inTheBackgroundItGoesToTheSystemLogOnly() {
        var outcome = pasta("--config-net", "" + target.pid()).finish();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains(BANNER), outcome::toString);
        target.close();
        var gone = daemon.awaitLine(line -> line.contains("is gone"));
        assertTrue(gone.matches("<30>pasta: [Nn]amespace .* is gone, exiting"), gone);
        assertFalse(outcome.err().contains("is gone"), outcome::toString);
        assertTrue(has(logged(), BANNER));
    }

    /** A command has the terminal for itself, unless somebody debugs. */
    @Test
    void aCommandsTerminalIsItsOwn() {
        var outcome = pasta("--config-net", "--", "true").finish();
        assertEquals("", outcome.ok() + outcome.err());
        assertFalse(has(logged(), BANNER));
    }

    @Test
    void theReasonForTheEndIsSaidToTheCommandsUserToo() {
        var outcome = pasta("--config-net", "--", "sh", "-c",
                "ip link del " + Lab.INTERFACE + "; sleep 20").finish();
        var error = outcome.err().strip();
        assertTrue(error.matches("pasta: the tap device is gone: .*"), outcome::toString);
        assertEquals(1, outcome.exitCode());
        assertTrue(has(logged(), "<27>" + error));
    }

    @Test
    void debuggingKeepsItFromTheSystemLog() {
        var outcome = pasta("-d", "--config-net", "--", "true").finish();
        assertTrue(outcome.err().contains(BANNER), outcome::toString);
        assertTrue(outcome.err().lines().allMatch(line -> line.matches("[0-9]+\\.[0-9]{4}: .*")),
                outcome::toString);
        assertEquals(List.of(), logged());
    }

    @Test
    void quietKeepsWarnings() {
        var outcome = pasta("-q", "-m", "1000", "" + target.pid()).finish();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        var warning = outcome.err().strip();
        assertTrue(warning.matches("MTU 1000 .*"), outcome::toString);
        assertEquals(List.of("<28>pasta: " + warning), logged());
    }

    @Test
    void anErrorAtStartIsLoggedToo() {
        var outcome = pasta("-q", "-i", "nosuch0", "--", "true").finish();
        var error = outcome.oneLineError();
        assertEquals(List.of("<27>" + error), logged());
    }

    @Test
    void withoutADaemonNothingIsMissed() {
        daemon.close();
        var outcome = pasta("--config-net", "--", "echo", "on").finish();
        assertEquals("on", outcome.ok());
        assertEquals("", outcome.err());
    }

    @Test
    void aFileTakesThePlaceOfTheSystemLog() throws IOException {
        var file = fresh();
        Files.writeString(file, "of last week\n".repeat(100));
        Tool.run("chown", Lab.USER, file.toString());
        var outcome = pasta("-l", file.toString(), "--config-net", "" + target.pid()).finish();
        assertEquals(0, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains(BANNER), outcome::toString);
        target.close();
        Patience.until("namespace is gone", Duration.ofSeconds(10),
                () -> has(read(file), "is gone"));
        var lines = read(file);
        assertTrue(lines.getFirst().matches(TITLE), lines.getFirst());
        assertTrue(lines.stream().skip(1).allMatch(line ->
                line.matches("[0-9]+\\.[0-9]{4}: info:    .*")), lines::toString);
        assertTrue(has(lines, "info:    " + BANNER), lines::toString);
        assertFalse(has(lines, "of last week"), lines::toString);
        assertEquals(List.of(), logged());
    }

    @Test
    void aFileIsForItsOwnerAloneAndKeepsErrors() {
        var file = fresh();
        var outcome = lab.pasta("--config-net", "-l", file.toString(), "-i", "nosuch0").run("true");
        var error = outcome.oneLineError();
        var lines = read(file);
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.get(1).endsWith(": ERROR:   " + error.replaceFirst("^pasta: ", "")),
                lines::toString);
        assertEquals("600", Tool.run("stat", "-c", "%a", file.toString()).strip());
    }

    @Test
    void aFileThatCannotBeOpenedIsNamed() {
        var error = lab.pasta("-l", "/nosuch/log").run("true").oneLineError();
        assertTrue(error.contains("/nosuch/log"), error);
    }

    /** With messages for each packet the file is full within seconds. */
    @Test
    void aFullFileDropsItsOldestMessages() {
        var file = fresh();
        try (var guest = lab.guest("--trace", "-l", file.toString(), "--log-size", "40960")) {
            guest.inside().run("ping", "-q", "-c", "1000", "-i", "0.002", Lab.SERVER_V4);
            var lines = read(file);
            assertTrue(lines.getFirst().matches(TITLE + " - log truncated at [0-9.]+ *"),
                    lines.getFirst());
            double last = 0;
            for (var line : lines.subList(1, lines.size())) {
                assertTrue(line.matches("[0-9]+\\.[0-9]{4}: (info:   |        ) .*"), line);
                double time = Double.parseDouble(line.substring(0, line.indexOf(':')));
                assertTrue(time >= last, line);
                last = time;
            }
            long size = Long.parseLong(Tool.run("stat", "-c", "%s", file.toString()).strip());
            assertTrue(size <= 40960 && size > 20480, size + " bytes");
        }
    }

    /** Opened before the user is changed: only root may write in that directory. */
    @Test
    void rootsFileIsOpenedByRoot() {
        var directory = lab.directory().resolve("roots");
        Tool.run("mkdir", "-m", "700", directory.toString());
        var file = directory.resolve("log");
        Tool.run("sh", "-c", "yes old | head -c 50000 > " + file);
        var outcome = lab.pasta("--config-net", "-d", "-l", file.toString()).asRoot().run("true");
        assertEquals(0, outcome.exitCode(), outcome::toString);
        var lines = read(file);
        assertTrue(lines.getFirst().matches(TITLE), lines.getFirst());
        assertTrue(has(lines, BANNER), lines::toString);
        assertFalse(lines.contains("old"), lines::toString);
    }

    @Test
    void passtNamesItsSocketFirst() {
        var file = fresh();
        try (var passt = Passt.start(lab, "logged", "-l", file.toString())) {
            var lines = read(file);
            var first = lines.stream().filter(line -> line.contains(": info:")).findFirst();
            assertTrue(first.orElse("").endsWith("info:    UNIX domain socket bound at "
                    + passt.socket()), lines::toString);
            assertTrue(lines.getFirst().matches(TITLE.replace("pasta", "passt")),
                    lines.getFirst());
        }
    }

    /** A line a second at most, each with what was counted since the start. */
    @Test
    void statisticsCountEvents() {
        var outcome = lab.pasta("-f", "--config-net", "--stats", "1")
                .run("ping", "-q", "-c", "12", "-i", "0.2", Lab.SERVER_V4);
        assertEquals(0, outcome.exitCode(), outcome::toString);
        var lines = outcome.err().lines().toList();
        assertEquals(19, lines.stream().filter(line -> line.matches(" {7}[| ]*\\S.*[a-z].*"))
                .count(), outcome::toString);
        var rows = lines.stream().filter(line -> line.matches("[ 0-9]+"))
                .map(line -> line.strip().split(" +")).toList();
        assertTrue(rows.size() >= 3 && rows.size() <= 5, outcome::toString);
        for (int i = 0; i < rows.size(); i++) {
            assertEquals(19, rows.get(i).length, outcome::toString);
            // Columns 7 and 10: ping sockets and the tap device.
            for (int column : new int[] {6, 9}) {
                long before = i == 0 ? 0 : Long.parseLong(rows.get(i - 1)[column]);
                long count = Long.parseLong(rows.get(i)[column]);
                assertTrue(count >= before && count <= 200, outcome::toString);
            }
        }
        assertTrue(Long.parseLong(rows.getLast()[6]) >= 4, outcome::toString);
        assertTrue(Long.parseLong(rows.getLast()[9]) >= 4, outcome::toString);
    }

    private static List<String> read(Path file) {
        return Tool.run("cat", file.toString()).lines().toList();
    }
}
