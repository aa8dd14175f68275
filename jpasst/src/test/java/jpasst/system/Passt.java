// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A passt that runs in the foreground and listens on a UNIX socket of the lab's directory. */
record Passt(Running process, Path socket) implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(20);

    /** Starts it on a socket of this name, and waits until it serves. */
    static Passt start(Lab lab, String name, String... options) {
        var socket = lab.directory().resolve(name);
        // The file of its process id is what it writes last; the socket is there before anybody
        // listens on it, and QEMU keeps it to itself if it was refused.
        var ready = lab.directory().resolve(name + ".pid");
        var all = new ArrayList<>(List.of("-f", "-P", ready.toString(), "-s", socket.toString()));
        all.addAll(List.of(options));
        var process = lab.passt(all.toArray(String[]::new)).start();
        try {
            Patience.until("passt is ready", START,
                    () -> isWritten(ready) || !process.isAlive());
            if (!process.isAlive()) throw new AssertionError(process.errors());
            return new Passt(process, socket);
        } catch (AssertionError failure) {
            process.close();
            throw failure;
        }
    }

    /** A passt which begins when somebody connects to the socket, and gets that as {@code -F}. */
    static Running serve(Lab lab, Path socket) {
        var command = new ArrayList<>(List.of(lab.python("serve.py", socket)));
        command.addAll(lab.passt("-f", "-F", "5").withProgram());
        var started = lab.passt().startInstead(command.toArray(String[]::new));
        started.awaitLine("listening"::equals);
        return started;
    }

    private static boolean isWritten(Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
