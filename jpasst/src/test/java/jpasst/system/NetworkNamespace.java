// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace: a named one, made by {@code ip netns add} and removed at close, or that of
 * a process or file.
 *
 * <p>Code of this JVM gets into it by {@link #call}: a thread of its own joins the namespace
 * (setns(2)), and sockets it opens belong there for good, whichever thread uses them later.
 * The system call is made here and not through {@code jpasst.linux}: these tests see the
 * product only from outside.
 */
final class NetworkNamespace implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final int CLONE_NEWNET = 0x40000000;

    private final String name;
    /** The file by which it is joined. */
    private final String path;
    private final List<String> runInside;
    private final boolean ours;

    /** Makes a namespace with this name. */
    NetworkNamespace(String name) {
        this(name, "/run/netns/" + name, List.of("ip", "netns", "exec", name), true);
        Tool.run("ip", "netns", "add", name);
    }

    private NetworkNamespace(String name, String path, List<String> runInside, boolean ours) {
        this.name = name;
        this.path = path;
        this.runInside = runInside;
        this.ours = ours;
    }

    /** The namespace of a process, to be used only while that lives; close does nothing. */
    static NetworkNamespace of(long pid) {
        return at("/proc/" + pid + "/ns/net");
    }

    /** The namespace that a file stands for, to be used only while that is there. */
    static NetworkNamespace at(String path) {
        return new NetworkNamespace("at " + path, path,
                List.of("nsenter", "--net=" + path, "--"), false);
    }

    String name() {
        return name;
    }

    /** Runs a program in this namespace as root and returns its standard output. */
    String run(String... command) {
        return Tool.run(inside(command));
    }

    /** The command which runs {@code command} in this namespace as root. */
    String[] inside(String... command) {
        var all = new ArrayList<>(runInside);
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** Sets a sysctl of this namespace, named by its path below {@code /proc/sys}. */
    void sysctl(String path, String value) {
        run("sh", "-c", "echo \"$1\" > \"/proc/sys/$0\"", path, value);
    }

    /**
     * Calls {@code action} on a thread which joined this namespace, waiting for it at most 60 s.
     * Threads that the action starts begin there too.
     */
    <T> T call(Callable<T> action) {
        var result = new CompletableFuture<T>();
        Thread.ofPlatform().daemon().name("in " + name).start(() -> {
            try {
                enter();
                result.complete(action.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw new AssertionError("in namespace " + name, failure.getCause());
        } catch (Exception failure) {
            throw new AssertionError("in namespace " + name, failure);
        }
    }

    @Override
    public void close() {
        if (ours) Tool.run("ip", "netns", "del", name);
    }

    /** Moves the calling thread into this namespace; there is no way back. */
    private void enter() throws Throwable {
        var linker = Linker.nativeLinker();
        try (var arena = Arena.ofConfined()) {
            var nameOfFile = arena.allocateFrom(path);
            int file = (int) handle(linker, "open",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT)).invokeExact(nameOfFile, O_RDONLY);
            int joined = (int) handle(linker, "setns",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT)).invokeExact(file, CLONE_NEWNET);
            int closed = (int) handle(linker, "close",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                    .invokeExact(file);
            if (file < 0 || joined != 0 || closed != 0)
                throw new AssertionError("cannot join network namespace " + name);
        }
    }

    private static MethodHandle handle(Linker linker, String function, FunctionDescriptor shape) {
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), shape);
    }
}
