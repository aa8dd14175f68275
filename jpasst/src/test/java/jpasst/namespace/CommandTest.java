// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.linux.Processes;
import jpasst.log.Log;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTest {
    private static final int TIMEOUT_MS = 20_000;

    private final List<String> logged = new ArrayList<>();
    private final Log log = new Log((level, sinceNs, text) -> logged.add(text));
    @TempDir
    private Path directory;
    private InsideThread inside;

    @BeforeEach
    void enter() {
        inside = InsideThread.create();
    }

    @AfterEach
    void leave() {
        inside.close();
    }

    /** A thread whose children have a PID namespace cannot get another one. */
    private void renew() {
        leave();
        enter();
    }

    private static List<byte[]> bytes(String... texts) {
        List<byte[]> bytes = new ArrayList<>();
        for (String text : texts) {
            bytes.add(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }

    private static List<byte[]> environment() {
        return bytes("PATH=" + System.getenv("PATH"), "GREETING=hello world", "EMPTY=");
    }

    private Command start(boolean pidNamespace, String hostName, String... words) {
        return Command.start(inside, new CommandSettings(bytes(words), false, environment(),
                pidNamespace, hostName), log);
    }

    /** Waits for the end, and returns the status. */
    private static int end(Command command) {
        try (command) {
            assertEquals(1, jpasst.linux.Files.poll(command.pidfd(), jpasst.linux.Files.POLLIN,
                    TIMEOUT_MS), "still runs");
            return command.reap();
        }
    }

    /** What a script prints, which runs in a PID namespace. */
    private String output(String script) throws IOException {
        Path file = directory.resolve("output");
        int status = end(start(true, null, "sh", "-c", script + "\n", "-", file.toString()));
        assertEquals(0, status, logged::toString);
        return Files.readString(file);
    }

    @Test
    void hasTheStatusOfTheCommand() {
        assertEquals(0, end(start(true, null, "true")));
        renew();
        assertEquals(7, end(start(true, null, "sh", "-c", "exit 7")));
    }

    @Test
    void hasTheSignalOfTheCommand() {
        assertEquals(128 + 9, end(start(false, null, "sh", "-c", "kill -KILL $$")));
        assertEquals(128 + 15, end(start(false, null, "sh", "-c", "kill -TERM $$")));
    }

    @Test
    void runsUntilItsEnd() {
        Command command = start(true, null, "sleep", "0.3");
        assertEquals(-Errno.EAGAIN, command.reap());
        assertEquals(0, end(command));
    }

    @Test
    void doesNotStartWhatIsNotExecutable() throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/bin/sh\n");
        assertEquals("Cannot execute no-such-command: No such file or directory",
                assertThrows(LinuxException.class, () -> start(true, null, "no-such-command"))
                        .getMessage());
        for (String file : new String[] {script.toString(), directory.toString()}) {
            assertEquals(Errno.EACCES,
                    assertThrows(LinuxException.class, () -> start(true, null, file)).errno());
        }
        assertThrows(LinuxException.class, () -> start(true, null, ""));
    }

    @Test
    void endsWith1IfTheKernelCannotExecuteIt() throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "#!/no/such/interpreter\n");
        assertTrue(script.toFile().setExecutable(true));
        assertEquals(1, end(start(true, null, script.toString())));
    }

    @Test
    void isFirstInItsPidNamespaceAndSeesOnlyThat() throws IOException {
        assertEquals("1\n1\n", output("{ echo $$; ls -d /proc/[0-9]* | grep -cx '/proc/1';"
                + " } >$1"));
        renew();
        assertFalse(output("ls -d /proc/[0-9]* >$1")
                .contains("/proc/" + ProcessHandle.current().pid() + "\n"));
    }

    @Test
    void staysInOurPidNamespaceIfToldSo() throws IOException {
        Path file = directory.resolve("output");
        assertEquals(0, end(start(false, null, "sh", "-c", "readlink /proc/self/ns/pid >$0",
                file.toString())));
        assertEquals(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + "\n",
                Files.readString(file));
    }

    @Test
    void livesInTheNetworkNamespace() throws IOException {
        String ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
        String its = inside.call(
                () -> Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString());
        assertEquals(its + "\n", output("readlink /proc/self/ns/net >$1"));
        assertFalse(its.equals(ours));
    }

    @Test
    void hasAHostName() throws IOException {
        String ours = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        assertEquals("pasta-" + ours + "\n", output("uname -n >$1"));
        renew();
        Path file = directory.resolve("output");
        end(start(true, "quartz", "sh", "-c", "uname -n >$0", file.toString()));
        assertEquals("quartz\n", Files.readString(file));
        assertEquals(ours, Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
    }

    @Test
    void mayPing() throws IOException {
        assertEquals("0\t0\n", output("cat /proc/sys/net/ipv4/ping_group_range >$1"));
    }

    @Test
    void inheritsNoDescriptor() throws IOException {
        // Java's own file streams are not close-on-exec.
        try (FileInputStream leak = new FileInputStream("/proc/self/status")) {
            int fd = jpasst.linux.Files.open("/etc/passwd", jpasst.linux.Files.O_RDONLY, 0);
            String descriptors = output("ls /proc/self/fd >$1");
            jpasst.linux.Files.close(fd);
            assertTrue(leak.read() > 0);
            // 3 is the directory that ls reads.
            assertEquals("0\n1\n2\n3\n", descriptors);
        }
    }

    @Test
    void hasAllCapabilitiesAndInheritsNone() throws IOException {
        String status = output("grep ^Cap /proc/self/status >$1");
        String bounding = status.substring(status.indexOf("CapBnd:\t") + 8).lines().findFirst()
                .orElseThrow();
        assertTrue(status.contains("CapEff:\t" + bounding), status);
        assertTrue(status.contains("CapPrm:\t" + bounding), status);
        assertTrue(status.contains("CapInh:\t0000000000000000"), status);
        assertTrue(status.contains("CapAmb:\t0000000000000000"), status);
        assertTrue(logged.isEmpty(), logged::toString);
    }

    @Test
    void hasNoSignalBlockedOrIgnored() throws IOException {
        String status = output("grep -E '^Sig(Blk|Ign)' /proc/self/status >$1");
        assertEquals("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", status);
    }

    @Test
    void hasTheEnvironmentItIsGiven() throws IOException {
        assertEquals("hello world,set\n", output("echo \"$GREETING,${EMPTY+set}\" >$1"));
    }

    @Test
    void keepsWordsThatAreNoText() throws IOException {
        Path file = directory.resolve("output");
        List<byte[]> words = bytes("sh", "-c", "printf %s \"$1\" >$0", file.toString());
        byte[] word = {'a', (byte) 0xff, (byte) 0xc3, ' ', '\'', '"', '$', '\n', 'z'};
        words.add(word);
        end(Command.start(inside,
                new CommandSettings(words, false, environment(), true, null), log));
        assertEquals(new String(word, StandardCharsets.ISO_8859_1),
                Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    @Test
    void tellsALoginShellThatItIsOne() throws IOException {
        Path file = directory.resolve("output");
        Path home = Files.createDirectory(directory.resolve("home"));
        Files.writeString(home.resolve(".profile"), "echo \"$0\" >" + file + "\nexit 3\n");
        List<byte[]> environment = environment();
        environment.addAll(bytes("HOME=" + home));
        assertEquals(3, end(Command.start(inside, new CommandSettings(bytes("/bin/sh"), true,
                environment, true, null), log)));
        assertEquals("-sh\n", Files.readString(file));
    }

    @Test
    void takesOtherProcessesOfThePidNamespaceWithIt() throws Exception {
        Path file = directory.resolve("output");
        Command command = start(true, null, "sh", "-c",
                "sleep 60 & echo $! >$0; readlink /proc/self/ns/net >>$0; exit 4",
                file.toString());
        assertEquals(4, end(command));
        String network = Files.readString(file).lines().toList().getLast();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                assertFalse(isIn(process, network), process::toString);
            }
        }
    }

    private static boolean isIn(Path process, String network) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/net")).toString().equals(network);
        } catch (IOException gone) {
            return false;
        }
    }

    @Test
    void endsByAKillFromOutside() throws IOException {
        Command command = start(true, null, "sleep", "60");
        assertEquals(0, Processes.pidfdSendSignal(command.pidfd(), 9));
        assertEquals(128 + 9, end(command));
    }
}
