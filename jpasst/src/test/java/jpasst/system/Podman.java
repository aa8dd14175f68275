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
    /** Its mount namespace has the tree for a root. */
    private final Running machine;

    private Podman(Lab lab, Running machine) {
        this.lab = lab;
        this.machine = machine;
    }

    /** Podman in the lab's "host"; after a download of some seventy megabytes if it is new. */
    static Podman in(Lab lab) {
        var top = treeRoot();
        var built = top.resolve("jpasst/target/podman");
        Tool.run(top.resolve(SCRIPT).toString(), built.toString());
        var tree = built.resolve("root");
        prepare(lab, tree);
        var program = Pasta.program().getParent().getParent();
        var machine = begin(List.of(lab.copyOf("podman.sh").toString(), lab.host().name(),
                tree.toString(), program.toString(), System.getProperty("java.home"),
                lab.directory().toString(), Lab.USER,
                lab.directory().resolve("resolv.conf").toString()));
        machine.awaitLine("ready"::equals);
        return new Podman(lab, machine);
    }

    /** Runs {@code podman} with these words to its end. */
    Outcome run(String... words) {
        var line = new ArrayList<>(List.of("nsenter", "--target", "" + machine.pid(), "--mount",
                "--net", "setpriv", "--reuid", Lab.USER, "--regid", Lab.USER, "--clear-groups",
                "env", "--chdir=" + lab.directory(), "HOME=" + lab.directory(),
                "XDG_RUNTIME_DIR=/run/user/" + Lab.USER, "podman"));
        line.addAll(List.of(words));
        return begin(line).finish();
    }

    private static Running begin(List<String> line) {
        var builder = new ProcessBuilder(line);
        var environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("JAVA_HOME", System.getProperty("java.home"));
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
        machine.close();
    }

    private static void prepare(Lab lab, Path tree) {
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
                directory.resolve("image").toString());
    }

    private static Path treeRoot() {
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve(SCRIPT))) return at;
        throw new AssertionError("no " + SCRIPT + " here or above");
    }
}
