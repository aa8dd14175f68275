// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In the background: what the caller knows when it is alone again, and what is left of him. Each
 * test of passt, and of pasta for a process and for a file.
 */
@Order(Integer.MAX_VALUE - 84)
class BackgroundTest {
    /** What is connected. */
    enum Mode { PASST, PROCESS, FILE }

    private static Lab lab;

    private ContainerEngine engine;
    private Running target;
    private Path pidFile;
    private Path socket;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void prepare() throws IOException {
        engine = ContainerEngine.start(lab, "engine");
        target = lab.pasta().startInstead("unshare", "-Urn", "sh", "-c",
                "echo ready; exec sleep 120");
        target.awaitLine("ready"::equals);
        pidFile = lab.directory().resolve("background.pid");
        socket = lab.directory().resolve("background.socket");
        Files.deleteIfExists(pidFile);
        Files.deleteIfExists(socket);
    }

    @AfterEach
    void endAll() {
        engine.close();
        target.close();
        lab.userProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    @ParameterizedTest
    @EnumSource
    void whenItsCallerIsAloneAllIsReady(Mode mode) throws Exception {
        assertEquals("", call(mode, "-q", "-t", "8080:80").ok());
        try (var daemon = Daemon.of(pidFile)) {
            assertTrue(daemon.isAlive());
            assertEquals("600", Tool.run("stat", "-c", "%a", pidFile.toString()).strip());
            assertFalse(isFree(8080));
            if (mode == Mode.PASST) assertTrue(Files.exists(socket));
        }
    }

    /** A session of its own, no directory, no terminal, nothing of the caller's open. */
    @ParameterizedTest
    @EnumSource
    void nothingOfItsCallerIsKept(Mode mode) throws Exception {
        call(mode, "-q").ok();
        try (var daemon = Daemon.of(pidFile)) {
            var process = Path.of("/proc/" + daemon.pid());
            var pid = "" + daemon.pid();
            assertEquals(pid + " " + pid + " ?", Tool.run("ps", "-o", "pgid=,sid=,tty=", "-p", pid)
                    .strip().replaceAll(" +", " "));
            for (int fd = 0; fd < 3; fd++)
                assertEquals("/dev/null", "" + Files.readSymbolicLink(process.resolve("fd/" + fd)));
            assertEquals("/", "" + Files.readSymbolicLink(process.resolve("cwd")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrongIsSaidBeforeTheEndOfThePipes(Mode mode) {
        try (var _ = new TcpServer(lab.host(), Lab.HOST_V4, 8080, TcpServer::page)) {
            var error = call(mode, "-q", "-t", "8080").oneLineError();
            assertTrue(error.contains("Address already in use"), error);
            assertTrue(error.contains("8080"), error);
        }
        assertEquals("", Tool.run("sh", "-c", "cat " + pidFile));
    }

    @ParameterizedTest
    @EnumSource
    void signalsEndItAtOnce(Mode mode) throws Exception {
        for (var signal : List.of("TERM", "QUIT", "KILL")) {
            call(mode, "-q", "-t", "8080:80").ok();
            try (var daemon = Daemon.of(pidFile)) {
                daemon.signal(signal);
                var took = daemon.awaitEnd();
                assertTrue(took.toMillis() < 700, signal + " took " + took);
                assertTrue(isFree(8080));
            }
            Files.deleteIfExists(socket);
        }
    }

    /**
     * It is the first process of a PID namespace: the kernel keeps from it what it has no handler
     * for, as from the C original.
     */
    @ParameterizedTest
    @EnumSource
    void otherSignalsDoNotReachIt(Mode mode) {
        call(mode, "-q", "-t", "8080:80").ok();
        try (var daemon = Daemon.of(pidFile)) {
            for (var signal : List.of("INT", "HUP", "PIPE", "USR1")) daemon.signal(signal);
            Patience.pause(200);
            assertTrue(daemon.isAlive());
            assertFalse(isFree(8080));
        }
    }

    /** SIGINT and SIGHUP are left to their defaults; a shell says that as 128 and the number. */
    @ParameterizedTest
    @EnumSource
    void inTheForegroundTheExitStatusTellsTheSignal(Mode mode) throws Exception {
        var signals = List.of("TERM", "QUIT", "INT", "HUP");
        var codes = List.of(0, 0, 128 + 2, 128 + 1);
        for (int i = 0; i < signals.size(); i++) {
            Files.deleteIfExists(pidFile);
            Files.deleteIfExists(socket);
            try (var running = start(mode, "-q", "-f")) {
                awaitPidOf(running);
                running.signal("PIPE");
                running.signal(signals.get(i));
                var outcome = running.finishWithPipes();
                assertEquals(codes.get(i), outcome.exitCode(), signals.get(i) + outcome);
                assertEquals("", outcome.out() + outcome.err());
            }
        }
    }

    /** It goes on when what it is for is gone; its descriptors keep the namespace. */
    @Test
    void itMayStayWhenTheNamespaceGoes() {
        call(Mode.FILE, "-q", "-t", "8080:80", "--no-netns-quit").ok();
        try (var daemon = Daemon.of(pidFile)) {
            engine.removeFile();
            Patience.pause(1200);
            assertTrue(daemon.isAlive());
            assertFalse(isFree(8080));
        }
        call(Mode.PROCESS, "-q", "-t", "8081:80", "--no-netns-quit").ok();
        try (var daemon = Daemon.of(pidFile)) {
            target.signal("KILL");
            Patience.pause(1200);
            assertTrue(daemon.isAlive());
            assertFalse(isFree(8081));
        }
    }

    private Outcome call(Mode mode, String... options) {
        return start(mode, options).finishWithPipes();
    }

    private Running start(Mode mode, String... options) {
        var all = new ArrayList<>(List.of("-P", pidFile.toString()));
        all.addAll(List.of(options));
        switch (mode) {
            // IPv6 without a resolver to tell of would be warned of.
            case PASST -> all.addAll(List.of("-4", "-s", socket.toString()));
            case PROCESS -> all.addAll(List.of("--config-net", "" + target.pid()));
            case FILE -> all.addAll(List.of("--config-net", "--netns", "" + engine.file()));
        }
        var words = all.toArray(String[]::new);
        return switch (mode) {
            case PASST -> lab.passt(words).start();
            case PROCESS -> lab.pasta(words).start();
            case FILE -> engine.start(words);
        };
    }

    /** In the foreground the process id is written just before the loop begins. */
    private void awaitPidOf(Running running) {
        Patience.until("process id", Duration.ofSeconds(10), () -> {
            try {
                return Files.exists(pidFile)
                        && Files.readString(pidFile).equals(running.pid() + "\n");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    private static boolean isFree(int port) {
        return lab.host().run("ss", "-Hltn", "sport", "=", ":" + port).isBlank();
    }
}
