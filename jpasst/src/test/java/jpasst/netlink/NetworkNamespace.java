// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Processes;

/** A named network namespace of its own for a test, which must run as root; gone at the end. */
public final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name =
            "jpasst-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();

    /** A new namespace with {@code lo} down. */
    public NetworkNamespace() {
        run("ip", "netns", "add", name);
    }

    public String name() {
        return name;
    }

    public String path() {
        return "/run/netns/" + name;
    }

    /** Runs ip(8) inside, with words separated by single blanks; its output. */
    public String ip(String words) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        Collections.addAll(command, words.split(" "));
        return run(command.toArray(new String[0]));
    }

    /** Writes a setting of the namespace's, below {@code /proc/sys/net}. */
    public void set(String setting, String value) {
        try {
            inside(() -> {
                try (FileOutputStream out = new FileOutputStream("/proc/sys/net/" + setting)) {
                    out.write(value.getBytes(StandardCharsets.US_ASCII));
                }
                return null;
            });
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** An interface that is up and has a carrier: one end of a pair. No IPv6 detection. */
    public void addInterface(String device) {
        ip("link add " + device + " type veth peer name " + device + "-peer");
        set("ipv6/conf/" + device + "/accept_dad", "0");
        ip("link set " + device + " up");
        ip("link set " + device + "-peer up");
        waitForLinkLocal(device);
    }

    /** The kernel adds it shortly after the carrier is there. */
    private void waitForLinkLocal(String device) {
        for (int i = 0; i < 500; i++) {
            String addresses = ip("-6 address show dev " + device);
            if (addresses.contains("fe80::") && !addresses.contains("tentative")) {
                return;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException unexpected) {
                throw new IllegalStateException(unexpected);
            }
        }
        throw new IllegalStateException("no link-local address");
    }

    /** Index of an interface. */
    public int index(String device) {
        String line = ip("-o link show dev " + device);
        return Integer.parseInt(line.substring(0, line.indexOf(':')));
    }

    /** Does something on a thread inside. */
    public <T> T inside(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            int fd = Errno.check("open", Files.open(path(), Files.O_CLOEXEC, 0));
            Errno.check("setns", Processes.setns(fd, Processes.CLONE_NEWNET));
            Files.close(fd);
            return work.call();
        });
        Thread.ofPlatform().start(task);
        try {
            return task.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception cause ? cause : failed;
        }
    }

    /** Runs a command that must succeed; its output and errors. */
    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(),
                    StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        run("ip", "netns", "del", name);
    }
}
