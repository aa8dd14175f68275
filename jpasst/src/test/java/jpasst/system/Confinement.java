// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How a running program is confined, as /proc shows it to root. */
record Confinement(long pid) {
    /** Descriptors that may be left: none of a file or directory that could be changed. */
    private static final String HARMLESS = "(socket|pipe):\\[.*|anon_inode:.*|(/dev)?/null|"
            + "((/dev)?/net)?/tun|(/proc)?/\\d+/(task/\\d+/)?net/(tcp|udp)6?|"
            + ".*/lib/modules|.*\\.jar";

    /**
     * No thread can gain a right or make an unusual system call, and none has more capabilities
     * than these.
     *
     * @param most bits of all threads
     * @param loop bits of the thread of the loop, by which it is recognised among the JVM's
     */
    void checkThreads(long most, long loop) {
        boolean looping = false;
        for (var task : list("task")) {
            assertEquals("1", status(task, "NoNewPrivs"), task);
            assertEquals("2", status(task, "Seccomp"), task);
            assertEquals("1", status(task, "Seccomp_filters"), task);
            long permitted = bits(task, "CapPrm");
            assertEquals(permitted, bits(task, "CapEff"), task);
            assertEquals(0, permitted & ~most, () -> "CapPrm of " + task);
            var name = read("task/" + task + "/comm");
            if (name.equals("inside")) assertEquals(0, permitted, "the inside thread");
            if (permitted == loop && !name.equals("inside")) {
                looping = true;
                assertEquals(0, bits(task, "CapInh") | bits(task, "CapAmb"), "the loop");
            }
        }
        assertTrue(looping, "no thread has just " + Long.toHexString(loop));
    }

    /** No thread inherits anything. */
    void checkNothingToInherit() {
        for (var task : list("task")) {
            assertEquals(0, bits(task, "CapInh") | bits(task, "CapAmb"), task);
        }
    }

    /** No thread sees a file. */
    void checkRoot() {
        for (var task : list("task")) {
            assertEquals(List.of(), list("task/" + task + "/root/"), "files of " + task);
            assertEquals(List.of(), list("task/" + task + "/cwd/"), "files of " + task);
            var mounts = read("task/" + task + "/mountinfo").lines().toList();
            assertEquals(1, mounts.size(), mounts::toString);
            assertTrue(mounts.getFirst().matches(
                    ".* / / ro,nosuid,nodev,noexec.* - tmpfs .*"), mounts::toString);
        }
    }

    /** Nothing is open by which a file could be changed. */
    void checkDescriptors() {
        for (var fd : list("fd")) {
            var target = link("fd/" + fd);
            assertTrue(target.matches(HARMLESS) || isAlone(fd), fd + " is " + target);
        }
    }

    /** Whether it is the list of a process's namespaces, from which no way leads up. */
    private boolean isAlone(String fd) {
        return link("fd/" + fd).equals("/") && list("fd/" + fd + "/").contains("net")
                && list("fd/" + fd + "/..").equals(list("fd/" + fd + "/"));
    }

    /** Which namespaces are its own, and which those of another process. */
    void checkNamespaces(List<String> own, List<String> shared, long other) {
        for (var kind : own) {
            assertNotEquals(namespace(other, kind), namespace(pid, kind), kind);
        }
        for (var kind : shared) {
            assertEquals(namespace(other, kind), namespace(pid, kind), kind);
        }
    }

    static String namespace(long pid, String kind) {
        return new Confinement(pid).link("ns/" + kind);
    }

    /** The numbers of the process, from outside to inside. */
    String processIds() {
        return status("" + pid, "NSpid").replaceAll("\\s+", " ");
    }

    String userMap() {
        return read("uid_map").replaceAll(" +", " ").strip();
    }

    String status(String task, String key) {
        return read("task/" + task + "/status").lines()
                .filter(line -> line.startsWith(key + ":")).findFirst().orElseThrow()
                .substring(key.length() + 1).strip();
    }

    private long bits(String task, String key) {
        return Long.parseUnsignedLong(status(task, key), 16);
    }

    private List<String> list(String name) {
        try (var entries = Files.list(Path.of("/proc/" + pid + "/" + name))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String link(String name) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/" + name)).toString();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String read(String name) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + name)).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
