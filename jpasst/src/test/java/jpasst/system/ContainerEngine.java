// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a rootless container engine has ready when it calls pasta, made by {@code engine.sh}: a user
 * and a mount namespace, and in a file that is seen only in there a network namespace.
 */
final class ContainerEngine implements AutoCloseable {
    private final Lab lab;
    private final Running engine;
    private final Path file;

    private ContainerEngine(Lab lab, Running engine, Path file) {
        this.lab = lab;
        this.engine = engine;
        this.file = file;
    }

    /** Starts one, with files in a directory of this name. */
    static ContainerEngine start(Lab lab, String name) {
        var directory = lab.directory().resolve(name);
        try {
            Files.createDirectories(directory);
            Tool.run("chmod", "777", directory.toString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        var engine = lab.pasta().startInstead("unshare", "--user", "--map-root-user", "--mount",
                lab.copyOf("engine.sh").toString(), directory.toString());
        engine.awaitLine("ready"::equals);
        return new ContainerEngine(lab, engine, directory.resolve("one"));
    }

    /** The file of the network namespace. */
    Path file() {
        return file;
    }

    /** The network namespace, to be used only while its file is there. */
    NetworkNamespace network() {
        return NetworkNamespace.at("/proc/" + engine.pid() + "/root" + file);
    }

    /** The process whose user and mount namespaces these are. */
    long pid() {
        return engine.pid();
    }

    /** Starts pasta as the engine does: as root of its user namespace, in its namespaces. */
    Running start(String... options) {
        return startInstead(lab.pasta(options).withProgram());
    }

    /** The same to the end, with both pipes read to theirs, as engines do. */
    Outcome call(String... options) {
        return start(options).finishWithPipes();
    }

    /** Starts another program in pasta's place. */
    Running startInstead(List<String> command) {
        var line = new ArrayList<>(List.of("nsenter", "--target", "" + engine.pid(), "--user",
                "--mount", "--preserve-credentials", "--"));
        line.addAll(command);
        return lab.pasta().startInstead(line.toArray(String[]::new));
    }

    /** Takes the namespace's file away, as engines do; returns when it is gone. */
    void removeFile() {
        run("umount -l " + file + " && rm " + file);
    }

    /** Runs one command in the engine's namespaces, and waits for its end; once only. */
    void run(String command) {
        engine.type(command);
        engine.awaitLine("done"::equals);
    }

    @Override
    public void close() {
        engine.close();
    }
}
