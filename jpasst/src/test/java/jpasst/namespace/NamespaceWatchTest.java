// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jpasst.linux.LinuxException;
import jpasst.loop.EventType;
import jpasst.netlink.NetworkNamespace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamespaceWatchTest {
    @Test
    void tellsTheEndOfANamedNamespace() {
        NetworkNamespace target = new NetworkNamespace();
        try (NamespaceWatch watch = NamespaceWatch.of(target.path())) {
            assertEquals(EventType.NAMESPACE_INOTIFY, watch.type());
            assertFalse(watch.gone());
            new NetworkNamespace().close();
            while (wakes(watch, 0)) {
                assertFalse(watch.gone());
            }
            target.close();
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
        }
    }

    /** Unlike a look each second. */
    @Test
    void tellsTheEndOfAProcessAtOnce() throws Exception {
        Process process = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
        try (NamespaceWatch watch = NamespaceWatch.of("/proc/" + process.pid() + "/ns/net")) {
            assertEquals(EventType.CHILD, watch.type());
            assertFalse(wakes(watch, 100));
            process.destroyForcibly();
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
            process.waitFor();
        }
    }

    /** Files of /proc come and go without notice. */
    @Test
    void looksForOtherFilesOfProc() throws Exception {
        Process process = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
        String path = "/proc/" + process.pid() + "/task/" + process.pid() + "/ns/net";
        try (NamespaceWatch watch = NamespaceWatch.of(path)) {
            assertEquals(EventType.NAMESPACE_TIMER, watch.type());
            assertTrue(wakes(watch, 5000));
            assertFalse(watch.gone());
            process.destroyForcibly();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
        }
    }

    /** The directory stays open in the sandbox, where all else is to be out of sight. */
    @Test
    void theDirectoryOfOtherFilesLeadsNowhere() {
        long pid = ProcessHandle.current().pid();
        String path = "/proc/" + pid + "/task/" + pid + "/ns/net";
        try (NamespaceWatch watch = NamespaceWatch.of(path)) {
            assertEquals(EventType.NAMESPACE_TIMER, watch.type());
            assertTrue(opens(watch, "../net"), "the file itself");
            assertFalse(opens(watch, "../../../../self/exe"));
            assertFalse(opens(watch, "../../../../../etc/passwd"));
        }
    }

    private static boolean opens(NamespaceWatch watch, String path) {
        int fd = jpasst.linux.Files.openat(watch.directory(), path,
                jpasst.linux.Files.O_PATH | jpasst.linux.Files.O_CLOEXEC, 0);
        if (fd >= 0) jpasst.linux.Files.close(fd);
        return fd >= 0;
    }

    @Test
    void tellsTheEndOfTheWholeDirectory(@TempDir Path parent) throws IOException {
        Path directory = Files.createDirectory(parent.resolve("netns"));
        try (NamespaceWatch watch = NamespaceWatch.of(directory + "/one")) {
            Files.delete(directory);
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
        }
    }

    /** A file system that we kept busy could not be unmounted. */
    @Test
    void tellsTheEndOfTheFileSystem(@TempDir Path directory) throws Exception {
        mount("mount", "-t", "tmpfs", "none", directory.toString());
        try (NamespaceWatch watch = NamespaceWatch.of(directory + "/one")) {
            mount("umount", directory.toString());
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
        }
    }

    @Test
    void needsADirectory() {
        LinuxException missing = assertThrows(LinuxException.class,
                () -> NamespaceWatch.of("/no/such/directory/net"));
        assertEquals("watch /no/such/directory/: No such file or directory",
                missing.getMessage());
    }

    private static boolean wakes(NamespaceWatch watch, int timeoutMs) {
        int events = jpasst.linux.Files.poll(watch.fd(), jpasst.linux.Files.POLLIN, timeoutMs);
        // Of a process that was waited for, the kernel tells a hang-up, too.
        return (events & jpasst.linux.Files.POLLIN) != 0;
    }

    private static void mount(String... command) throws Exception {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
    }
}
