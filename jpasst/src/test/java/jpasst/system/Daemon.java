// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A program that went into the background, known by the file of its process id. */
final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ProcessHandle process;

    private Daemon(ProcessHandle process) {
        this.process = process;
    }

    /** The one whose id is in a file, which must be complete, and which must be alive. */
    static Daemon of(Path pidFile) {
        try {
            var text = Files.readString(pidFile);
            if (!text.matches("[1-9][0-9]*\n")) throw new AssertionError("no process id: " + text);
            return new Daemon(ProcessHandle.of(Long.parseLong(text.strip()))
                    .orElseThrow(() -> new AssertionError("no process " + text)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    long pid() {
        return process.pid();
    }

    /**
     * Whether any of its threads runs. One that ended may wait to be reaped: that is not its
     * affair. With the last thread its descriptors are closed.
     */
    boolean isAlive() {
        try {
            var status = status();
            return status.stream().noneMatch(line -> line.startsWith("State:\tZ"))
                    || !status.contains("Threads:\t1");
        } catch (IOException gone) {
            return false;
        }
    }

    /** The value of a line of its {@code /proc/PID/status}. */
    String status(String key) {
        try {
            return status().stream().filter(line -> line.startsWith(key + ":")).findFirst()
                    .orElseThrow().substring(key.length() + 1).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private List<String> status() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status"));
    }

    /** Sends a signal, by name. */
    void signal(String name) {
        Tool.run("kill", "-" + name, Long.toString(pid()));
    }

    /** Waits for its end and says how long that took; fails after some seconds. */
    Duration awaitEnd() {
        return Patience.until("process " + pid() + " ends", PATIENCE, () -> !isAlive());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
