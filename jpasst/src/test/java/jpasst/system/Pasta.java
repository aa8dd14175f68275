// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One way to call a program under test, pasta or passt: its options, its user, its access to the
 * tap device.
 */
final class Pasta {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Lab lab;
    private final Path program;
    private final List<String> options;
    private String user = Lab.USER;
    private String tunMode = "666";

    /** Of programs, those given by {@link #program()} and {@link #passt()} are meant. */
    Pasta(Lab lab, Path program, List<String> options) {
        this.lab = lab;
        this.program = program;
        this.options = options;
    }

    /** The file under test, or the tree's launcher. */
    static Path program() {
        var given = System.getProperty("jpasst.program");
        if (given != null) return Path.of(given).toAbsolutePath();
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve("bin/pasta"))) return at.resolve("bin/pasta");
        throw new AssertionError("no bin/pasta here or above: set -Djpasst.program=FILE");
    }

    /** The passt which belongs to the pasta under test: the file of that name beside it. */
    static Path passt() {
        var passt = program().resolveSibling("passt");
        if (!Files.exists(passt)) throw new AssertionError("no " + passt);
        return passt;
    }

    /** Starts as root, not as the unprivileged user. */
    Pasta asRoot() {
        user = "root";
        return this;
    }

    /** The access mode of {@code /dev/net/tun} as the program sees it; 666 unless said. */
    Pasta tunMode(String octal) {
        tunMode = octal;
        return this;
    }

    /** Runs it with {@code command} as its non-option arguments to the end, at most 60 s. */
    Outcome run(String... command) {
        return start(command).finish(TIMEOUT);
    }

    /** Starts it; the caller closes what is returned. */
    Running start(String... command) {
        return launch(withProgram(command));
    }

    /** Starts another program than pasta, just where and as who pasta would run. */
    Running startInstead(String... command) {
        return launch(List.of(command));
    }

    /** The whole command line that {@link #start} would run in the host, beginning with pasta. */
    List<String> withProgram(String... command) {
        var line = new ArrayList<String>();
        line.add(program.toString());
        line.addAll(options);
        if (command.length > 0) line.add("--");
        line.addAll(List.of(command));
        return line;
    }

    private Running launch(List<String> command) {
        var line = new ArrayList<>(List.of(lab.copyOf("enter.sh").toString(), lab.host().name(),
                tunMode, user, lab.directory().resolve("resolv.conf").toString()));
        line.addAll(command);
        var builder = new ProcessBuilder(line).directory(lab.directory().toFile());
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("HOME", lab.directory().toString());
        environment.put("SHELL", "/bin/bash");
        environment.put("TERM", "dumb");
        environment.put("PYTHONDONTWRITEBYTECODE", "1");
        environment.put("LANG", "C.UTF-8");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        try {
            return new Running(builder.start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
