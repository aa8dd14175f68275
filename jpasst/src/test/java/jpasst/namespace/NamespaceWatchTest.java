// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.netlink.NetworkNamespace;
import org.junit.jupiter.api.Test;

class NamespaceWatchTest {
    private static boolean wakes(NamespaceWatch watch, int timeoutMs) {
        return Files.poll(watch.fd(), Files.POLLIN, timeoutMs) == 1;
    }

    @Test
    void tellsTheEndOfANamedNamespace() {
        NetworkNamespace target = new NetworkNamespace();
        try (NamespaceWatch watch = NamespaceWatch.of(target.path())) {
            assertFalse(watch.timer());
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

    @Test
    void tellsTheEndOfAProcess() throws Exception {
        Process process = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
        try (NamespaceWatch watch = NamespaceWatch.of("/proc/" + process.pid() + "/ns/net")) {
            assertTrue(watch.timer());
            assertTrue(wakes(watch, 5000));
            assertFalse(watch.gone());
            process.destroyForcibly();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertTrue(wakes(watch, 5000));
            assertTrue(watch.gone());
        }
    }

    @Test
    void tellsWhatHappenedBefore() {
        try (NamespaceWatch watch = NamespaceWatch.of("/run/jpasst-no-such-namespace")) {
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
}
