// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The programs installed by {@code bin/install} of the tree, by an unprivileged user and for him,
 * in a directory with a blank in its name. Nobody there has heard of a Java.
 */
@Order(Integer.MAX_VALUE - 60)
class InstallTest {
    /** All that the launcher takes from the system. */
    private static final List<String> TOOLS = List.of("sh", "env", "mount", "nsenter", "readlink",
            "setpriv", "setsid", "sleep", "true", "unshare");

    private static Lab lab;
    private static Path tools;
    private static Path prefix;

    @BeforeAll
    static void install() throws IOException {
        lab = Lab.open();
        tools = Files.createDirectory(lab.directory().resolve("tools"));
        for (String tool : TOOLS) {
            String file = Tool.run("sh", "-c", "command -v " + tool).strip();
            // A builtin of the shell's has no path.
            if (!file.startsWith("/")) file = "/bin/" + file;
            Files.createSymbolicLink(tools.resolve(tool), Path.of(file));
        }
        prefix = lab.directory().resolve("my programs");
        var said = asUser(installer().toString(), prefix.toString()).ok();
        assertTrue(said.contains("PATH=\"" + prefix + "/bin:$PATH\""), said);
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void bothProgramsKnowTheirNames() {
        assertTrue(withoutJava(pasta(), "--version").ok().startsWith("pasta "));
        assertTrue(withoutJava(prefix + "/bin/passt", "--version").ok().startsWith("passt "));
    }

    @Test
    void connectsANamespaceWithTheJavaItBrought() throws IOException {
        try (var pasta = lab.pasta().startInstead("env", "-i", "PATH=" + tools, pasta(),
                "--config-net", "--", "sh", "-c", "echo ready; sleep 60")) {
            pasta.awaitLine("ready");
            var java = Path.of("/proc/" + pasta.pid() + "/exe").toRealPath();
            assertEquals(home().resolve("lib/runtime/bin/java"), java);
        }
    }

    @Test
    void theCacheFitsWhereTheProgramWasCopiedTo() {
        var lib = home().resolve("lib");
        withoutJava(lib.resolve("runtime/bin/java").toString(),
                "@" + lib.resolve("launcher/jvm.options"), "-XX:AOTMode=on",
                "-XX:AOTCache=" + lib.resolve("runtime/lib/jpasst.aot"),
                "-m", "jpasst/jpasst.main.Main", "--version").ok();
    }

    /** Methods that only traffic makes so hot that the second compiler compiles them. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp/ToGuest", "tap/TapDevice", "tap/StreamOutput"})
    void theCacheKnowsHowTheDataPathsAreUsed(String type) {
        var lib = home().resolve("lib");
        asUser("sh", "-c", "\"$@\" | grep -q 'C jpasst/" + type + ".*[.]send(.*#[0-9]*L4'", "sh",
                lib.resolve("runtime/bin/java").toString(),
                "@" + lib.resolve("launcher/jvm.options"), "-XX:+AOTPrintTrainingInfo",
                "-XX:AOTCache=" + lib.resolve("runtime/lib/jpasst.aot"),
                "-m", "jpasst/jpasst.main.Main", "--version").ok();
    }

    @Test
    void theSandboxIsLeftOutOnlyWhereTheBuildSaysSo() throws IOException {
        var options = Files.readString(home().resolve("lib/launcher/jvm.options"));
        assertFalse(options.contains("jpasst-training"), options);
        try (var pasta = lab.pasta().startInstead("env", "-i", "PATH=" + tools,
                "JAVA_TOOL_OPTIONS=-Djpasst-training=true",
                "JDK_JAVA_OPTIONS=-Djpasst-training=true", pasta(),
                "--config-net", "--", "sh", "-c", "echo ready; sleep 60")) {
            pasta.awaitLine("ready");
            var confined = new Confinement(pasta.pid());
            Patience.until("the sandbox is there", Duration.ofSeconds(10),
                    () -> confined.status("" + confined.pid(), "Seccomp").equals("2"));
        }
    }

    /** The image has the packages open, and its JDK still has in them what is asked for. */
    @Test
    void linksTheDowncallWithoutTheLinkerIfTheJdkIsKnown() throws IOException {
        var lib = home().resolve("lib");
        var loaded = withoutJava("JPASST_TARGET=path", "JPASST_NAME=pasta",
                lib.resolve("runtime/bin/java").toString(),
                "@" + lib.resolve("launcher/jvm.options"), "-Xlog:class+load:stdout",
                "-m", "jpasst/jpasst.main.Main", "--config-net", "-f", "--netns", "/dev/null").out();
        assertTrue(loaded.contains("java.lang.invoke.NativeMethodHandle "), loaded);
        boolean known = Files.readString(lib.resolve("runtime/release"))
                .contains("JAVA_VERSION=\"25");
        assertEquals(!known, loaded.contains("BindingSpecializer"), loaded);
    }

    @Test
    void manualPagesAreFound() {
        var pages = prefix.resolve("share/man").toString();
        for (var page : List.of("passt", "pasta")) {
            var shown = Tool.run("env", "MANPAGER=cat", "man", "-M", pages, page);
            assertTrue(shown.contains("--config-net"), shown);
        }
    }

    @Test
    void bashCompletesAnOption() {
        var file = prefix.resolve("share/bash-completion/completions/pasta");
        var offered = Tool.run("bash", "--norc", "-c", """
                . "$1"
                set -- $(complete -p pasta)
                while [ "$1" != -F ]; do shift; done
                COMP_WORDS=(pasta --config-n) COMP_CWORD=1 COMP_LINE='pasta --config-n'
                COMP_POINT=${#COMP_LINE}
                "$2" pasta --config-n pasta
                printf '%s\\n' "${COMPREPLY[@]}"
                """, "bash", file.toString());
        assertEquals("--config-net", offered.strip());
    }

    @Test
    void theDistributionTakesNoMoreThan60Megabytes() {
        var size = Tool.run("du", "-sb", installer().resolveSibling("../jpasst/target/distribution")
                .toString() + "/").split("\\s")[0];
        assertTrue(Long.parseLong(size) <= 60_000_000, size);
    }

    @Test
    void whatOthersInstalledStays() throws IOException {
        var place = lab.directory().resolve("others");
        var theirs = place.resolve("bin/pasta");
        asUser("sh", "-c", "mkdir -p \"$1\"; echo theirs >\"$1/pasta\"", "sh", place + "/bin").ok();
        var outcome = asUser(installer().toString(), place.toString());
        assertEquals("install: " + theirs + " is there and not ours: remove it, or choose another"
                + " prefix", outcome.oneLineError());
        assertEquals("theirs\n", Files.readString(theirs));
    }

    @Test
    void refusesAPrefixItCannotWriteTo() {
        assertEquals("install: cannot write to /proc: choose another prefix, or be root",
                asUser(installer().toString(), "/proc").oneLineError());
        assertEquals("install: the prefix must begin with a slash: here",
                asUser(installer().toString(), "here").oneLineError());
    }

    @Test
    void isReplacedAndRemovedWithoutATrace() throws IOException {
        var place = lab.directory().resolve("short stay");
        asUser(installer().toString(), place.toString()).ok();
        var stale = place.resolve("lib/jpasst/lib/stale");
        asUser("touch", stale.toString()).ok();
        asUser(installer().toString(), place.toString()).ok();
        assertFalse(Files.exists(stale));
        asUser(place + "/lib/jpasst/bin/install", "--remove", place.toString()).ok();
        assertFalse(Files.exists(place.resolve("bin/pasta"), LinkOption.NOFOLLOW_LINKS));
        assertEquals("", Tool.run("find", place.toString(), "!", "-type", "d"));
    }

    private static Path installer() {
        return Pasta.program().resolveSibling("install");
    }

    private static String pasta() {
        return prefix + "/bin/pasta";
    }

    private static Path home() {
        return prefix.resolve("lib/jpasst");
    }

    private static Outcome asUser(String... command) {
        return lab.pasta().startInstead(command).finish();
    }

    private static Outcome withoutJava(String... command) {
        var line = new String[command.length + 3];
        line[0] = "env";
        line[1] = "-i";
        line[2] = "PATH=" + tools;
        System.arraycopy(command, 0, line, 3, command.length);
        return asUser(line);
    }
}
