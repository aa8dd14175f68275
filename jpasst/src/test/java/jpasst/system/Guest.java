// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A running pasta whose command does nothing, and the namespace which it made. Servers and clients
 * of this JVM act in there whenever a test wants them to. Closing it kills pasta and the command.
 */
final class Guest implements AutoCloseable {
    /** The command: by the time it speaks, all ports that are given by number are open. */
    static final String[] WAIT = {"sh", "-c", "echo ready; read go"};

    private final Running pasta;
    private final NetworkNamespace inside;

    /** Waits until the command {@link #WAIT} of this pasta runs. */
    Guest(Running pasta) {
        this.pasta = pasta;
        try {
            pasta.awaitLine("ready"::equals);
            inside = NetworkNamespace.of(insider());
        } catch (AssertionError failure) {
            pasta.close();
            throw failure;
        }
    }

    /** pasta itself. */
    Running pasta() {
        return pasta;
    }

    /** The namespace of its command. */
    NetworkNamespace inside() {
        return inside;
    }

    @Override
    public void close() {
        pasta.close();
    }

    private long insider() {
        var outside = networkOf(pasta.pid());
        return pasta.descendants().stream().mapToLong(ProcessHandle::pid)
                .filter(pid -> !networkOf(pid).equals(outside)).findFirst().orElseThrow(
                        () -> new AssertionError("no process in a namespace of its own"));
    }

    private static Path networkOf(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
