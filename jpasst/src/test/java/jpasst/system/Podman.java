// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Podman itself, rootless, with the pasta under test for its networks: that of Debian, in a tree
 * made by {@code jpasst/src/test/podman/build}. Its one image is a directory with a busybox.
 */
final class Podman implements AutoCloseable {
    private static final String SCRIPT = "jpasst/src/test/podman/build";
    private static final String SETTINGS = """
            [network]
            default_rootless_network_cmd = "pasta"
            [engine]
            helper_binaries_dir = ["%s/bin", "/usr/lib/podman"]
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            [containers]
            cgroups = "disabled"
            log_driver = "none"
            """;
    private static final String STORAGE = """
            [storage]
            driver = "vfs"
            [storage.options]
            ignore_chown_errors = "true"
            """;

    private final Lab lab;
    private final Path tree;

    private Podman(Lab lab, Path tree) {
        this.lab = lab;
        this.tree = tree;
    }

    /** Podman in the lab's "host"; after a download of some seventy megabytes if it is new. */
    static Podman in(Lab lab) {
        var top = treeRoot();
        var built = top.resolve("jpasst/target/podman");
        Tool.run(top.resolve(SCRIPT).toString(), built.toString());
        var podman = new Podman(lab, built.resolve("root"));
        podman.prepare();
        return podman;
    }

    /** Runs {@code podman} with these words to its end. */
    Outcome run(String... words) {
        return start(words).finish();
    }

    /** Starts it. */
    Running start(String... words) {
        var home = System.getProperty("java.home");
        var program = Pasta.program().getParent().getParent();
        var line = new ArrayList<>(List.of(lab.copyOf("podman.sh").toString(), lab.host().name(),
                tree.toString(), program.toString(), home, lab.directory().toString(), Lab.USER,
                lab.directory().resolve("resolv.conf").toString(), "podman"));
        line.addAll(List.of(words));
        var builder = new ProcessBuilder(line);
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("JAVA_HOME", home);
        try {
            return new Running(builder.start());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Where containers begin: {@code --rootfs} of it. */
    String image() {
        return lab.directory().resolve("image").toString();
    }

    /** Ends all that runs in Podman's name. */
    @Override
    public void close() {
        lab.userProcesses().forEach(ProcessHandle::destroyForcibly);
    }

    private void prepare() {
        var directory = lab.directory();
        try {
            var settings = Files.createDirectories(directory.resolve(".config/containers"));
            Files.writeString(settings.resolve("containers.conf"), SETTINGS.formatted(directory));
            Files.writeString(settings.resolve("storage.conf"), STORAGE);
            Files.createSymbolicLink(Files.createDirectories(directory.resolve("bin"))
                    .resolve("pasta"), Pasta.program());
            for (var place : List.of("bin", "dev", "etc", "proc", "run", "sys", "tmp"))
                Files.createDirectories(directory.resolve("image").resolve(place));
            Files.copy(tree.resolve("usr/bin/busybox"), directory.resolve("image/bin/busybox"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Tool.run("chown", "-R", Lab.USER + ":" + Lab.USER, directory.resolve(".config").toString(),
                image());
    }

    private static Path treeRoot() {
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve(SCRIPT))) return at;
        throw new AssertionError("no " + SCRIPT + " here or above");
    }
}
