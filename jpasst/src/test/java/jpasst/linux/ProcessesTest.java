// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ProcessesTest {
    private static final String[] NO_ENVIRONMENT = {};

    private static int shell(String script, int... descriptors) {
        return Errno.check("posix_spawnp", Processes.posixSpawn("sh",
                new String[] {"sh", "-c", script}, new String[] {"PATH=/bin:/usr/bin", "X=y"},
                descriptors));
    }

    /** What the script prints. */
    private static String output(String script) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(4096, 8);
            Errno.check("pipe2", Files.pipe2(memory, Files.O_CLOEXEC));
            int reading = memory.get(ValueLayout.JAVA_INT, 0);
            int writing = memory.get(ValueLayout.JAVA_INT, 4);
            int pid = shell(script, writing, 1);
            Files.close(writing);
            long length = 0;
            long rc;
            while ((rc = Files.read(reading, memory, length, 4000 - length)) > 0) {
                length += rc;
            }
            Files.close(reading);
            assertEquals(0, Processes.waitPid(pid, 0));
            memory.set(ValueLayout.JAVA_BYTE, length, (byte) 0);
            return memory.getString(0).strip();
        }
    }

    @Test
    void knowsWhoItIs() {
        assertEquals(ProcessHandle.current().pid(), Processes.getpid());
        assertTrue(Processes.gettid() >= Processes.getpid());
        assertEquals(Processes.getuid(), Processes.geteuid());
        assertEquals(Processes.getgid(), Processes.getegid());
    }

    @Test
    void tellsTheExitStatusOfAChild() {
        assertEquals(7, Processes.waitPid(shell("exit 7"), 0));
        assertEquals(-Errno.ECHILD, Processes.waitPid(Processes.getpid(), 0));
    }

    @Test
    void tellsTheSignalAChildDiedOf() {
        assertEquals(128 + Signals.SIGTERM, Processes.waitPid(shell("kill -TERM $$"), 0));
    }

    @Test
    void watchesAChildByItsPidfd() {
        int pid = shell("exec sleep 20");
        int pidfd = Errno.check("pidfd_open", Processes.pidfdOpen(pid, 0));
        assertEquals(-Errno.EAGAIN, Processes.waitPidfd(pidfd, Processes.WNOHANG));
        assertEquals(0, Files.poll(pidfd, Files.POLLIN, 0));
        assertEquals(0, Processes.pidfdSendSignal(pidfd, Signals.SIGKILL));
        assertEquals(Files.POLLIN, Files.poll(pidfd, Files.POLLIN, 5000));
        assertEquals(128 + Signals.SIGKILL, Processes.waitPidfd(pidfd, Processes.WNOHANG));
        assertEquals(-Errno.ESRCH, Processes.kill(pid, 0));
        Files.close(pidfd);
    }

    @Test
    void saysThatACommandIsNotThere() {
        assertEquals(-Errno.ENOENT, Processes.posixSpawn("nonexistent-command",
                new String[] {"x"}, NO_ENVIRONMENT));
        assertEquals(-Errno.EACCES, Processes.posixSpawn("/etc/passwd",
                new String[] {"x"}, NO_ENVIRONMENT));
    }

    @Test
    void passesArgumentsEnvironmentAndDescriptors() {
        assertEquals("y", output("echo $X"));
    }

    @Test
    void givesTheChildDefaultSignalsNoneBlocked() {
        assertEquals(0, Signals.block(Signals.SIGUSR1, Signals.SIGTERM));
        try {
            String status = output("grep -E '^Sig(Blk|Ign)' /proc/self/status");
            assertEquals("SigBlk: 0000000000000000 SigIgn: 0000000000000000",
                    status.replaceAll("\\s+", " "));
        } finally {
            Signals.unblock(Signals.SIGUSR1, Signals.SIGTERM);
        }
    }

    @Test
    void readsABlockedSignalFromADescriptor() {
        // As the launcher would: the signal is blocked before the program is executed.
        int fd = Errno.check("signalfd", Signals.descriptor(
                Signals.SFD_CLOEXEC | Signals.SFD_NONBLOCK, Signals.SIGUSR1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(Signals.SIGNALFD_INFO_LENGTH, 8);
            assertEquals(-Errno.EAGAIN, Files.read(fd, info, 0, info.byteSize()));
            assertEquals(0, Signals.block(Signals.SIGUSR1));
            assertEquals(0, Native.callInt(Native.function("raise"), Signals.SIGUSR1));
            assertEquals(info.byteSize(), Files.read(fd, info, 0, info.byteSize()));
            assertEquals(Signals.SIGUSR1, info.get(ValueLayout.JAVA_INT, 0));
        } finally {
            Signals.unblock(Signals.SIGUSR1);
            Files.close(fd);
        }
    }

    @Test
    void keepsCapabilitiesPerThread() throws Exception {
        Capabilities before = Capabilities.ofThread();
        var inThread = new Capabilities[1];
        var thread = new Thread(() -> {
            assertEquals(0, new Capabilities(0, 0, 0).apply());
            assertEquals(0, Capabilities.clearAmbient());
            inThread[0] = Capabilities.ofThread();
        });
        thread.start();
        thread.join();
        assertEquals(new Capabilities(0, 0, 0), inThread[0]);
        assertEquals(before, Capabilities.ofThread());
    }

    @Test
    void raisesTheLimitOfDescriptors() {
        int limit = Processes.raiseLimit(Processes.RLIMIT_NOFILE);
        assertTrue(limit >= 256);
        assertEquals(limit, Processes.raiseLimit(Processes.RLIMIT_NOFILE));
    }

    @Test
    void givesRandomBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(32, 8);
            assertEquals(32, Processes.getrandom(memory, 0, 32));
            assertNotEquals(memory.get(ValueLayout.JAVA_LONG, 0),
                    memory.get(ValueLayout.JAVA_LONG, 16));
        }
    }

    @Test
    void readsFlagsByPrctl() {
        assertTrue(Processes.prctl(Processes.PR_GET_DUMPABLE, 0, 0, 0, 0) >= 0);
        assertEquals(-Errno.EINVAL, Processes.prctl(-1, 0, 0, 0, 0));
    }

    @Test
    void seesDeletionsInAWatchedDirectory(@TempDir Path directory) {
        int fd = Errno.check("inotify_init1", Inotify.create());
        Errno.check("inotify_add_watch", Inotify.addWatch(fd, directory.toString(),
                Inotify.IN_DELETE | Inotify.IN_ONLYDIR));
        String path = directory.resolve("netns").toString();
        Files.close(Files.open(path, Files.O_CREAT | Files.O_WRONLY, 0600));
        Files.unlink(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(512, 8);
            long length = Files.read(fd, event, 0, 512);
            assertEquals(Inotify.IN_DELETE, Inotify.mask(event, 0));
            assertEquals("netns", Inotify.name(event, 0));
            assertEquals(length, Inotify.next(event, 0));
        } finally {
            Files.close(fd);
        }
    }
}
