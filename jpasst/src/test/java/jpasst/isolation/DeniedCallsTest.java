// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import jpasst.linux.Errno;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process that is shut in can do; {@link Intruder} tries it from inside. */
class DeniedCallsTest {
    /** As a shell would say it: ended by SIGSYS. */
    private static final int KILLED = 128 + 31;
    private static final int AT_FDCWD = -100;

    private record Outcome(int status, List<String> lines) {
    }

    /** A class path that stays readable without a file system, since a jar stays open. */
    private static Path jar;

    @BeforeAll
    static void makeJar() throws Exception {
        jar = Files.createTempFile("intruder", ".jar");
        var problems = new StringWriter();
        int status = ToolProvider.findFirst("jar").orElseThrow().run(new PrintWriter(problems),
                new PrintWriter(problems), "--create", "--file", jar.toString(),
                "-C", classesOf(Isolation.class), "jpasst", "-C", classesOf(Intruder.class),
                "jpasst/isolation");
        assertEquals(0, status, problems::toString);
    }

    @AfterAll
    static void deleteJar() throws IOException {
        Files.delete(jar);
    }

    private static String classesOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static Outcome run(String kind, String... calls)
            throws IOException, InterruptedException {
        var arguments = new ArrayList<>(List.of(kind));
        arguments.addAll(List.of(calls));
        return run(Intruder.class, arguments);
    }

    private static Outcome run(Class<?> program, List<String> arguments)
            throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--mount",
                "--propagation", "private", "--",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-Xmx64m", "-Xrs", "-XX:+DisableAttachMechanism",
                "-XX:-UsePerfData",
                "-XX:-UseDynamicNumberOfCompilerThreads", "--enable-native-access=ALL-UNNAMED",
                "-cp", jar.toString(), program.getName()));
        line.addAll(arguments);
        var process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        // What it says fits into the pipe.
        if (!process.waitFor(30, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.exitValue(), output.lines().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "EXECVE('/bin/true',0,0)",
        "EXECVEAT(-100,'/bin/true',0,0,0)",
        "OPENAT(-100,'/tmp/jpasst-intruder',0x241,0600)",
        "OPENAT(-100,'/dev/null',2,0)",
        "CLONE(17,0,0,0,0)",
        "PTRACE(16,1,0,0)",
        "MOUNT('none','/','tmpfs',0,0)",
        "UMOUNT2('/',2)",
        "PIVOT_ROOT('.','.')",
        "CHROOT('/')",
        "UNSHARE(0x20000)",
        "UNSHARE(0x10000000)",
        "SETNS(0,0)",
        "SOCKET(17,3,0)",
        "SOCKET(2,3,1)",
        "SOCKET(2,1,132)",
        "SOCKET(10,2,115)",
        "SOCKET(2,1,262)",
        "SOCKET(16,3,0)",
        "SOCKET(40,1,0)",
        "BPF(0,0,0)",
        "IO_URING_SETUP(8,0)",
        "PERF_EVENT_OPEN(0,0,-1,-1,0)",
        "KEYCTL(0,-3,0,0,0)",
        "PROCESS_VM_READV(1,0,0,0,0,0)",
        "KILL(1,0)",
        "KILL(1,9)",
        "TGKILL(1,1,0)",
        "PIDFD_OPEN(1,0)",
        "CAPSET(0,0)",
        "SETUID(0)",
        "UNLINKAT(-100,'/tmp',0)",
        "USERFAULTFD(0)",
        "MADVISE(0,4096,100)",
        "IOCTL(0,0x5412,'x')",
        "PRLIMIT64(0,7,'unlimited-and-more',0)",
    })
    void endsTheProcess(String call) throws Exception {
        assertEquals(new Outcome(KILLED, List.of("sealed")), run("pasta", call));
    }

    @Test
    void otherCallsFail() throws Exception {
        var expected = List.of("sealed", "-" + Errno.ENOENT, "-" + Errno.ENOENT,
                "-" + Errno.EAGAIN, "-" + Errno.ENOSYS, "-" + Errno.EPERM, "-" + Errno.EPERM,
                "-" + Errno.EPERM, "-" + Errno.EPERM);
        assertEquals(new Outcome(0, expected), run("pasta",
                "OPENAT(" + AT_FDCWD + ",'/etc/passwd',0,0)",
                "OPENAT(" + AT_FDCWD + ",'/',0x200000,0)",
                "CLONE(0x10f00,0,0,0,0)", "CLONE3(0,0)", "PRCTL(4,1,0,0,0)",
                "SOCKET(1,1,0)", "IOCTL(1,0x5413,0)", "WAITID(0,0,0,4,0)"));
    }

    @Test
    void whatIsNeededWorks() throws Exception {
        var outcome = run("command", "SOCKET(2,2,0)", "SOCKET(10,1,0)", "KILL(0,0)",
                "SCHED_YIELD()", "PRLIMIT64(0,7,0,0)", "MMAP(0,4096,7,0x22,-1,0)");
        assertEquals(0, outcome.status(), outcome::toString);
        assertEquals(7, outcome.lines().size(), outcome::toString);
        for (var line : outcome.lines()) assertEquals(false, line.startsWith("-"), line);
        assertEquals(List.of("0", "0", "0"), outcome.lines().subList(3, 6));
    }

    /** passt has no pipes to splice through, and no command to wait for. */
    @Test
    void passtMayDoLess() throws Exception {
        assertEquals(new Outcome(0, List.of("sealed", "-" + Errno.EPERM, "-" + Errno.EPERM)),
                run("passt", "PIPE2(0,0)", "SPLICE(0,0,1,0,1,0)"));
        assertEquals(new Outcome(KILLED, List.of("sealed")), run("passt", "KILL(0,0)"));
    }

    /** Where the kernel can only change the root directory, as in an initial RAM disk. */
    @Test
    void aCoveredRootIsEmptyToo() throws Exception {
        assertEquals(new Outcome(0, List.of("/ has 0 files", "/etc/passwd: false")),
                run(CoveredRoot.class, List.of()));
    }

    /** Memory that comes and goes, guard pages, signals of its own, code made anew. */
    @Test
    void theJvmIsNotDisturbed() throws Exception {
        assertEquals(new Outcome(0, List.of("sealed", "class jpasst.isolation.Strain")),
                run("passt", "jpasst.isolation.Strain"));
    }

    @Test
    void classesAreLoadedWithoutAFileSystem() throws Exception {
        assertEquals(new Outcome(0, List.of("sealed", "class java.util.zip.CRC32C",
                "class jpasst.isolation.CoveredRoot")),
                run("passt", "java.util.zip.CRC32C", "jpasst.isolation.CoveredRoot"));
    }
}
