// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the launcher from a distribution with a Java that only tells its arguments, and with
 * system tools that only tell theirs and go on with the rest of the line.
 */
class LauncherTest {
    private static final String FAKE_TOOL = """
            #!/bin/sh
            case $* in *' -c test '*) exit 0 ;; esac
            echo "${0##*/} $*"
            while [ $# -gt 0 ]; do
                case $1 in setsid|/usr/bin/env|nsenter|unshare|setpriv|*/bin/java) exec "$@" ;; esac
                shift
            done
            """;
    private static final String FAKE_JAVA = """
            #!/bin/sh
            echo "java $*"
            echo "name=$JPASST_NAME target=$JPASST_TARGET saved=${JPASST_SAVED_JAVA_TOOL_OPTIONS-} \
            tool=${JAVA_TOOL_OPTIONS-none} status=${JPASST_STATUS_FD-none}"
            while read -r key value; do
                [ "$key" != SigBlk: ] || echo "blocked=$value"
            done </proc/self/status
            if [ -n "${JPASST_STATUS_FD-}" ] && [ -n "${FAKE_STATUS-}" ]; then
                echo $FAKE_STATUS >&3
            fi
            """;

    @TempDir
    private Path home;
    private Path java;

    private record Result(int status, String output) {
        String line(String start) {
            for (var line : output.split("\n")) {
                if (line.startsWith(start)) {
                    return line;
                }
            }
            return "";
        }
    }

    @BeforeEach
    void makeDistribution() throws IOException {
        var top = Path.of("..").toAbsolutePath().normalize();
        Files.createDirectories(home.resolve("dist/bin"));
        Files.createDirectories(home.resolve("dist/lib/launcher"));
        Files.copy(top.resolve("bin/pasta"), home.resolve("dist/bin/pasta"));
        executable(home.resolve("dist/bin/pasta"));
        for (var script : List.of("java.sh", "options.sh", "user.sh", "sandbox.sh",
                "mounts.sh")) {
            Files.copy(top.resolve("launcher").resolve(script),
                    home.resolve("dist/lib/launcher").resolve(script));
        }
        Files.writeString(home.resolve("dist/lib/launcher-options.sh"), LauncherOptions.script());
        Files.createFile(home.resolve("dist/lib/jpasst.jar"));
        java = makeJava("java", "25.0.3");
        Files.createDirectories(home.resolve("tools"));
        for (var tool : List.of("unshare", "nsenter", "setpriv", "setsid")) {
            write(home.resolve("tools").resolve(tool), FAKE_TOOL);
        }
    }

    private Path makeJava(String name, String version) throws IOException {
        var directory = home.resolve(name);
        Files.createDirectories(directory.resolve("bin"));
        write(directory.resolve("bin/java"), FAKE_JAVA);
        Files.writeString(directory.resolve("release"),
                "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x86_64\"\n");
        return directory;
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        executable(file);
    }

    private static void executable(Path file) {
        assertTrue(file.toFile().setExecutable(true));
    }

    private Result run(Path program, Map<String, String> environment, String... arguments)
            throws Exception {
        var line = new ArrayList<>(List.of(program.toString()));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(line).redirectErrorStream(true)
                .directory(home.toFile());
        builder.environment().put("JAVA_HOME", java.toString());
        builder.environment().put("PATH", home.resolve("tools") + ":/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        var output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return new Result(process.exitValue(), output);
    }

    private Result run(String... arguments) throws Exception {
        return run(home.resolve("dist/bin/pasta"), Map.of(), arguments);
    }

    private Result shell(String script) throws Exception {
        return run(Path.of("/bin/sh"), Map.of("JAVA_HOME", ""), "-c",
                ". dist/lib/launcher/java.sh; " + script);
    }

    @ParameterizedTest
    @CsvSource({"--help", "--version", "-h", "--bogus", "-m", "--mtu", "--deb=1", "--dns-", "-fx",
            "--netns x 12"})
    void leavesItToTheProgramToPrintAndToComplain(String line) throws Exception {
        var result = run(line.split(" "));
        assertTrue(result.output.startsWith("java @"), result.output);
        assertTrue(result.line("java").endsWith("-m jpasst/jpasst.main.Main " + line));
        assertTrue(result.output.contains("name=pasta target=none"), result.output);
    }

    @Test
    void worksThroughLinksAndFromAnyDirectory() throws Exception {
        Files.createSymbolicLink(home.resolve("one"), Path.of("dist/bin/pasta"));
        Files.createDirectories(home.resolve("a b"));
        Files.createSymbolicLink(home.resolve("a b/my-pasta"), Path.of("../one"));
        var result = run(home.resolve("a b/my-pasta"), Map.of(), "--version");
        assertTrue(result.output.contains("name=my-pasta target=none"), result.output);
        result = run(Path.of("./one"), Map.of(), "--version");
        assertTrue(result.output.contains("name=one target=none"), result.output);
    }

    @Test
    void keepsTheUsersSettingsForJvmsFromOurs() throws Exception {
        var result = run(home.resolve("dist/bin/pasta"),
                Map.of("JAVA_TOOL_OPTIONS", "-Da=\"b c\" $x", "JPASST_STATUS_FD", "9"), "--help");
        assertTrue(result.output.contains("saved=-Da=\"b c\" $x tool=none status=none"),
                result.output);
    }

    @Test
    void takesTheRunTimeImageOfTheDistributionBeforeAnyJava() throws Exception {
        var lib = home.resolve("dist/bin/../lib");
        assertTrue(run("--help").line("java").contains(" -p " + lib.resolve("jpasst.jar -m ")));
        makeJava("dist/lib/runtime", "25");
        var line = run("--help").line("java");
        assertTrue(line.endsWith("jvm.options -m jpasst/jpasst.main.Main --help"), line);
        var cache = Path.of("runtime/lib/jpasst.aot");
        Files.createDirectories(home.resolve("dist/lib").resolve(cache).getParent());
        Files.createFile(home.resolve("dist/lib").resolve(cache));
        line = run("--help").line("java");
        assertTrue(line.endsWith("jvm.options -XX:AOTCache=" + lib.resolve(cache)
                + " -m jpasst/jpasst.main.Main --help"), line);
    }

    @Test
    void findsTheTestedVersionBeforeTheNewest() throws Exception {
        makeJava("jvm/a-17", "17.0.1");
        makeJava("jvm/b-25", "25-ea");
        makeJava("jvm/c-26", "26.0.1");
        var result = shell("jp_java_directory=jvm; jp_find_java java; echo $jp_java_home");
        assertEquals("jvm/b-25\n", result.output);
    }

    @Test
    void findsTheNewestIfNeedBe() throws Exception {
        makeJava("jvm/c-27", "27");
        makeJava("jvm/d-26", "26.0.1");
        makeJava("jvm/e-1", "1.8.0_400");
        Files.delete(makeJava("jvm/f-29", "29").resolve("release"));
        var result = shell("jp_java_directory=jvm; jp_find_java java; echo $jp_java_home");
        assertEquals("jvm/c-27\n", result.output);
    }

    @Test
    void findsTheJavaInThePath() throws Exception {
        Files.createSymbolicLink(home.resolve("tools/java"), Path.of("../java/bin/java"));
        var result = shell("jp_java_directory=none; jp_find_java java; echo $jp_java_home");
        assertEquals(java.toRealPath() + "\n", result.output);
    }

    @Test
    void doesNotTakeAnOldJavaFromTheEnvironment() throws Exception {
        makeJava("old", "24.0.2");
        var result = shell(
                "JAVA_HOME=old jp_java_directory=none PATH=; jp_find_java java || echo no");
        assertEquals("no\n", result.output);
    }

    @Test
    void saysWhatToInstall() throws Exception {
        var script = home.resolve("dist/lib/launcher/java.sh");
        Files.writeString(script, Files.readString(script).replace("/usr/lib/jvm", "/none"));
        var bin = Files.createDirectories(home.resolve("bin-only"));
        var result = run(home.resolve("dist/bin/pasta"),
                Map.of("JAVA_HOME", "/none", "PATH", bin.toString()), "true");
        assertEquals(1, result.status);
        assertTrue(result.output.startsWith("pasta: needs Java 25 or newer"), result.output);
    }

    /** Needs a /dev/net/tun that may be used, or root. */
    private Result launched(String... arguments) throws Exception {
        var result = run(arguments);
        assertFalse(result.output.contains("/dev/net/tun:"));
        return result;
    }

    @Test
    void makesAUserNamespaceForACommand() throws Exception {
        var result = launched("-f", "--mtu", "9000", "ls", "-d");
        assertTrue(result.output.contains("unshare --user --map-root-user --mount "
                + "--propagation slave --ipc --uts -- "), result.output);
        assertTrue(result.output.contains("setpriv --securebits=+noroot "), result.output);
        assertTrue(result.output.contains("blocked=0000000000004004"), result.output);
        assertTrue(result.line("java").endsWith("Main -f --mtu 9000 ls -d"));
        assertTrue(result.output.contains("target=command"));
        assertFalse(result.output.contains("setsid"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '',                    shell,   unshare --user
            -P 12,                 shell,   unshare --user
            -d4 -m 12 -- 12x,      command, unshare --user
            --netns-only ls,       command, ''
            --netns=/x --netns-o -f, path,  ''
            --netns x -f,          path,    ''
            """)
    void tellsWhatItActsFor(String line, String target, String tool) throws Exception {
        var result = launched(line.isEmpty() ? new String[0] : line.split(" "));
        assertTrue(result.output.contains("target=" + target + " "), result.output);
        assertEquals(!tool.isEmpty(), result.output.contains(" " + tool + " "), result.output);
    }

    @Test
    void worksWithoutStandardDescriptors() throws Exception {
        var line = home.resolve("dist/bin/pasta") + " --help 3</dev/null <&- >&- 2>&-";
        assertEquals(0, run(Path.of("/bin/sh"), Map.of(), "-c", line).status);
        var pid = Long.toString(ProcessHandle.current().pid());
        line = home.resolve("dist/bin/pasta") + " --netns /x " + pid + " >&-";
        assertEquals("", run(Path.of("/bin/sh"), Map.of(), "-c", line).output);
    }

    @Test
    void waitsForTheStatusInTheBackground() throws Exception {
        var pid = Long.toString(ProcessHandle.current().pid());
        var result = run(home.resolve("dist/bin/pasta"), Map.of("FAKE_STATUS", "7"), pid);
        assertFalse(result.output.contains("/dev/net/tun:"));
        assertEquals(7, result.status);
        assertTrue(result.output.contains("target=pid saved= tool=none status=3"), result.output);
    }

    @Test
    void failsIfTheProgramEndsWithoutStatus() throws Exception {
        var pid = Long.toString(ProcessHandle.current().pid());
        assertEquals(1, launched(pid).status);
    }

    @Test
    void reportsWhatOnlyItCanKnow() throws Exception {
        assertEquals("pasta: no process with PID 999999999\n", run("999999999").output);
        var result = run("--userns", "/none", "ls");
        assertEquals("pasta: cannot open user namespace /none\n", result.output);
        assertEquals(1, result.status);
        result = run("--runas", "no-such-user", "ls");
        assertEquals("pasta: unknown user in --runas: no-such-user\n", result.output);
        assertEquals("pasta: cannot run as root: its UID is 0\n", run("--runas", "root").output);
    }
}
