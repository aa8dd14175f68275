// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that change a thread's namespaces: each test spends a thread. */
@Timeout(30)
class NamespaceCallsTest {
    private static final int ALL = Processes.CLONE_NEWNET | Processes.CLONE_NEWUTS
            | Processes.CLONE_NEWNS | Processes.CLONE_NEWIPC;

    /** Runs in new namespaces, which this user must be allowed to make. */
    private static <T> T inside(Callable<T> body) throws Exception {
        var task = new FutureTask<T>(() -> {
            int rc = Processes.unshare(ALL);
            assertTrue(rc != -Errno.EPERM, "may not make namespaces");
            Errno.check("unshare", rc);
            return body.call();
        });
        var thread = new Thread(task);
        thread.start();
        thread.join();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Test
    void findsInterfacesOfItsOwnNamespace() throws Exception {
        inside(() -> {
            assertEquals(1, Interface.index("lo"));
            assertEquals("lo", Interface.name(1));
            assertEquals(-Errno.ENODEV, Interface.index("nonexistent0"));
            assertNull(Interface.name(99999));
            return null;
        });
    }

    @Test
    void setsTheHostNameInsideOnly() throws Exception {
        inside(() -> Errno.check("sethostname", Processes.sethostname("inside")));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(65);
            Native.callInt(Native.function("gethostname"), name.address(), 65);
            assertTrue(!name.getString(0).equals("inside"));
        }
    }

    @Test
    void mountsAndUnmountsInside() throws Exception {
        inside(() -> {
            Errno.check("mount", Mounts.mount("", "/", null,
                    Mounts.MS_SLAVE | Mounts.MS_REC, null));
            Errno.check("mount", Mounts.mount("tmpfs", "/tmp", "tmpfs",
                    Mounts.MS_NOSUID | Mounts.MS_NODEV, "nr_inodes=2,nr_blocks=2"));
            assertEquals(0, Files.mkdir("/tmp/x", 0700));
            assertEquals(-Errno.ENOSPC, Files.mkdir("/tmp/y", 0700));
            return Errno.check("umount2", Mounts.umount2("/tmp", Mounts.MNT_DETACH));
        });
    }

    @Test
    void joinsANamespaceByItsFile() throws Exception {
        int fd = Errno.check("open", Files.open("/proc/self/ns/uts",
                Files.O_RDONLY | Files.O_CLOEXEC, 0));
        inside(() -> Errno.check("setns", Processes.setns(fd, Processes.CLONE_NEWUTS)));
        Files.close(fd);
    }

    @Test
    void makesATapDeviceInside() throws Exception {
        inside(() -> {
            int fd = Files.open(Tun.DEVICE, Files.O_RDWR | Files.O_CLOEXEC | Files.O_NONBLOCK, 0);
            assertTrue(fd >= 0, "no " + Tun.DEVICE);
            try (Arena arena = Arena.ofConfined()) {
                assertTrue((Tun.features(fd) & Tun.IFF_VNET_HDR) != 0);
                MemorySegment request = InterfaceRequest.allocate(arena);
                Errno.check("TUNSETIFF", Tun.create(fd, request, "tap%d",
                        Tun.IFF_TAP | Tun.IFF_NO_PI | Tun.IFF_VNET_HDR));
                assertEquals("tap0", InterfaceRequest.name(request));
                assertTrue(Interface.index("tap0") > 1);
                assertEquals(0, Tun.setHeaderLength(fd, VirtioNetHeader.LENGTH));
                assertEquals(0, Tun.setOffload(fd, Tun.TUN_F_CSUM | Tun.TUN_F_TSO4
                        | Tun.TUN_F_TSO6));
                assertEquals(-Errno.EINVAL, Tun.setOffload(fd, 1 << 30));
                assertEquals(-Errno.EAGAIN, Files.read(fd, request, 0, 40));
            }
            return Files.close(fd);
        });
    }
}
