// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A program in flight. Closing it kills it and all that it started, each by its process id. */
final class Running implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final Collected out;
    private final Collected err;

    Running(Process process) {
        this.process = process;
        out = new Collected(process.getInputStream());
        err = new Collected(process.getErrorStream());
    }

    /** The process id, pasta's own: every step of the way to it was an exec. */
    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Processes that it started, and theirs. */
    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** Waits until a line of standard output fits, and returns it. */
    String awaitLine(Predicate<String> fits) {
        return awaitLine(PATIENCE, fits);
    }

    /** The same with a limit of its own. */
    String awaitLine(Duration limit, Predicate<String> fits) {
        return out.await(limit, fits, err);
    }

    /** Waits until a line of standard error fits, and returns it. */
    String awaitError(Predicate<String> fits) {
        return err.await(PATIENCE, fits, out);
    }

    /** What it said on standard error so far. */
    String errors() {
        return err.text();
    }

    /** Waits until standard output has a line which begins so, and returns the rest of it. */
    String awaitLine(String start) {
        return awaitLine(line -> line.startsWith(start)).substring(start.length()).strip();
    }

    /** Writes a line to its standard input. */
    void type(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Sends a signal, by name, to the program alone. */
    void signal(String name) {
        Tool.run("kill", "-" + name, Long.toString(pid()));
    }

    /** Waits for its end; standard input is closed first. Kills and fails if time runs out. */
    Outcome finish(Duration limit) {
        try (this) {
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
                fail("does not end within " + limit + "\n-- out:\n" + out.text()
                        + "-- err:\n" + beginning(err.text()));
            out.join();
            err.join();
            return new Outcome(process.exitValue(), out.text(), err.text());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static String beginning(String text) {
        return text.substring(0, Math.min(text.length(), 2000));
    }

    /** As {@link #finish(Duration)} with 20 s. */
    Outcome finish() {
        return finish(PATIENCE);
    }

    /** The same for a caller who reads both pipes to their ends: fails if anybody keeps them. */
    Outcome finishWithPipes() {
        var outcome = finish();
        if (out.isOpen() || err.isOpen())
            throw new AssertionError("a pipe does not end after: " + outcome);
        return outcome;
    }

    /** How many descriptors it has open. */
    int openDescriptors() {
        try (var entries = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
            return (int) entries.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Processor time that it has used, its children's not counted: clock ticks of 10 ms. */
    long cpuTicks() {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
            // Fields 14 and 15 of proc_pid_stat(5); the second, the name, may hold blanks.
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Memory of it that is resident, in KiB. */
    long residentKib() {
        return Long.parseLong(status("VmRSS").split(" ")[0]);
    }

    /** The value of a line of its {@code /proc/PID/status}. */
    String status(String key) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                    .filter(line -> line.startsWith(key + ":")).findFirst().orElseThrow()
                    .substring(key.length() + 1).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        var all = descendants();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** A stream, read as it comes by a thread of its own, so that the program never waits. */
    private static final class Collected {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread reader;

        Collected(InputStream in) {
            reader = Thread.ofPlatform().daemon().start(() -> {
                var buffer = new byte[8192];
                try (in) {
                    for (int n; (n = in.read(buffer)) > 0;)
                        bytes.write(buffer, 0, n);
                } catch (IOException closed) {
                    // Killed: what was said until then is kept.
                }
            });
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        boolean isOpen() {
            return reader.isAlive();
        }

        void join() throws InterruptedException {
            // A process left behind may hold the stream open: its words are not waited for.
            reader.join(Duration.ofSeconds(1));
        }

        String await(Duration limit, Predicate<String> fits, Collected other) {
            long deadline = System.nanoTime() + limit.toNanos();
            while (true) {
                boolean last = !reader.isAlive() || System.nanoTime() > deadline;
                var whole = text();
                var found = whole.substring(0, whole.lastIndexOf('\n') + 1).lines().filter(fits)
                        .findFirst();
                if (found.isPresent()) return found.get();
                if (last)
                    throw new AssertionError("line does not come\n-- here:\n" + whole
                            + "-- the other stream:\n" + other.text());
                pause();
            }
        }

        private static void pause() {
            try {
                Thread.sleep(5);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }
}
