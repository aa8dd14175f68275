// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import jpasst.linux.Errno;
import jpasst.linux.Interface;
import jpasst.linux.LinuxException;
import jpasst.netlink.NetworkNamespace;
import org.junit.jupiter.api.Test;

class InsideThreadTest {
    private static String namespace(String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/" + kind)).toString();
    }

    @Test
    void livesInNamespacesOfItsOwn() throws IOException {
        try (InsideThread inside = InsideThread.create()) {
            for (String kind : new String[] {"net", "mnt", "ipc", "uts"}) {
                assertNotEquals(namespace(kind), inside.call(() -> namespace(kind)), kind);
            }
            assertEquals(namespace("pid"), inside.call(() -> namespace("pid")));
            assertEquals(1, inside.call(() -> Interface.index("lo")));
        }
    }

    @Test
    void joinsANamespaceByItsFile() throws IOException {
        try (NetworkNamespace target = new NetworkNamespace()) {
            target.ip("link add aa type veth peer name bb");
            try (InsideThread inside = InsideThread.join(target.path())) {
                assertEquals(target.index("aa"), inside.call(() -> Interface.index("aa")));
                assertNotEquals(namespace("net"), inside.call(() -> namespace("net")));
                assertEquals(namespace("mnt"), inside.call(() -> namespace("mnt")));
            }
        }
    }

    @Test
    void saysWhichNamespaceCannotBeEntered() {
        LinuxException missing = assertThrows(LinuxException.class,
                () -> InsideThread.join("/run/netns/jpasst-no-such"));
        assertEquals(Errno.ENOENT, missing.errno());
        assertEquals("network namespace /run/netns/jpasst-no-such: No such file or directory",
                missing.getMessage());
        assertThrows(LinuxException.class, () -> InsideThread.join("/etc/passwd"));
        assertThrows(LinuxException.class, () -> InsideThread.join("/proc/self/ns/uts"));
    }

    @Test
    void passesExceptionsThrough() {
        try (InsideThread inside = InsideThread.create()) {
            IOException checked = new IOException("as it is");
            assertSame(checked, assertThrows(IOException.class, () -> inside.call(() -> {
                throw checked;
            })));
            Error error = new AssertionError("too");
            assertSame(error, assertThrows(AssertionError.class, () -> inside.call(() -> {
                throw error;
            })));
            assertEquals("and goes on", inside.call(() -> "and goes on"));
        }
    }

    @Test
    void servesCallersOneByOne() throws InterruptedException {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        int[] count = new int[1];
        try (InsideThread inside = InsideThread.create()) {
            Thread[] callers = new Thread[8];
            for (int i = 0; i < callers.length; i++) {
                callers[i] = Thread.ofPlatform().start(() -> {
                    for (int n = 0; n < 200; n++) {
                        inside.call(() -> {
                            threads.add(Thread.currentThread().getName());
                            return count[0]++;
                        });
                    }
                });
            }
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertEquals(1600, count[0]);
        assertEquals(Set.of("inside"), threads);
    }

    @Test
    void refusesCallsOnceClosed() {
        InsideThread inside = InsideThread.create();
        inside.close();
        assertThrows(IllegalStateException.class, () -> inside.call(() -> 1));
    }
}
