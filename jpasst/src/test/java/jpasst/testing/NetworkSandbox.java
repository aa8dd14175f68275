// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileWriter;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import jpasst.linux.Processes;

/**
 * Runs code in a network namespace of its own, on a thread of its own, with loopback up; the
 * namespace ends with the thread. Needs root, since a JVM cannot make a user namespace; without,
 * tests fail: one that cannot run must not pass for one that has.
 */
public final class NetworkSandbox {
    private static final int CLONE_NEWNET = 0x4000_0000;

    private NetworkSandbox() {
    }

    /** Runs and returns what {@code body} returns; what it throws is thrown here. */
    public static <T> T run(Callable<T> body) throws Exception {
        assertEquals(0, Processes.getuid(), "needs root for a network namespace; user ID");
        var task = new FutureTask<T>(() -> {
            assertEquals(0, Processes.unshare(CLONE_NEWNET), "unshare");
            command("ip", "link", "set", "lo", "up");
            return body.call();
        });
        var thread = new Thread(task, "network sandbox");
        thread.start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        }
    }

    /** Something to run in a sandbox that returns nothing. */
    public interface Body {
        /** Does it. */
        void run() throws Exception;
    }

    /** As {@link #run}, without a result. */
    public static void inside(Body body) throws Exception {
        run(() -> {
            body.run();
            return null;
        });
    }

    /** Runs a command in the calling thread's namespace; it must succeed. */
    public static void command(String... words) throws IOException, InterruptedException {
        var process = new ProcessBuilder(words).inheritIO().start();
        assertEquals(0, process.waitFor(), String.join(" ", words));
    }

    /**
     * Gives an interface that is up an IPv6 address. Its route comes a little later, which is
     * waited for.
     */
    public static void addressV6(String device, String address, int prefixLength)
            throws IOException, InterruptedException {
        command("ip", "address", "add", address + "/" + prefixLength, "dev", device, "nodad");
        command("timeout", "5", "sh", "-c", "until ip -6 route show table local dev \"$1\" |"
                + " grep -qF \"$0 \"; do sleep 0.01; done", address, device);
    }

    /** Sets a network sysctl of the calling thread's namespace, by its path below /proc/sys. */
    public static void sysctl(String path, String value) throws IOException {
        try (var file = new FileWriter("/proc/sys/" + path)) {
            file.write(value);
        }
    }
}
