// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher and the program read the same command lines, and must come to the same result. */
class LauncherAgreementTest {
    private static final int LINES = 2000;
    private static final long SEED = 20261123;
    private static final String[] WORDS = {"-f", "-d4", "-P", "p1", "-Pp2", "-fP", "-qf", "-m",
        "-m1500", "1500", "--", "-", "12", "007", "ls", "x y", "--netns", "--netns=blue",
        "--netns-", "--netns-only", "--userns", "--userns=/u", "--user=/v", "--runas",
        "--runas=me", "--run=you", "--pid=p3", "--pi", "--foreground", "--fore", "--f", "--help",
        "-h", "--vers", "--mtu=9", "--mtu", "--trace", "--tr=1", "--bogus", "-x", "--config-net",
        "--co", "-t", "none", "*", "", "-1", "--print-cap", "--no-pidns", "-s",
        "-s/s1", "-F", "-F5", "--fd=7", "--socket=/s2", "--sock=/s3", "--socket-",
        "--sta"};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"pasta", "passt"})
    void comeToTheSameResult(String name) throws Exception {
        var random = new Random(SEED);
        var lines = new ArrayList<String[]>();
        for (int i = 0; i < LINES; i++) {
            var line = new String[random.nextInt(6)];
            for (int word = 0; word < line.length; word++) {
                line[word] = WORDS[random.nextInt(WORDS.length)];
            }
            lines.add(line);
        }
        var launcher = launcherResults(name, lines);
        int compared = 0;
        for (int i = 0; i < LINES; i++) {
            var program = programResult(name, lines.get(i));
            if (program != null) {
                assertEquals(program, launcher.get(i), String.join(" ", lines.get(i)));
                compared++;
            }
        }
        assertTrue(compared > LINES / 4, compared + " lines compared");
    }

    /** Null if the program refuses for a reason that need not be the launcher's concern. */
    private static String programResult(String name, String[] line) {
        try {
            var parsed = CommandLine.parse(name, line);
            return parsed.text() != null ? "none" : describe(parsed.settings());
        } catch (ConfigurationException e) {
            return e.wantsUsage() ? "none" : null;
        }
    }

    private static String describe(Settings settings) {
        var namespace = settings.namespace();
        var process = settings.process();
        var target = switch (namespace.target()) {
            case SHELL -> "shell";
            case COMMAND -> "command";
            case PROCESS -> "pid";
            case PATH -> "path";
            case GUEST -> "guest";
        };
        int fd = settings.guest().fd();
        if (target.equals("guest")) {
            return target + " userns= runas=" + text(process.runAs()) + " pidfile="
                    + text(process.pidFile()) + " fd=" + (fd < 0 ? "" : fd);
        }
        boolean netnsOnly = namespace.netnsOnly() && namespace.usernsPath() == null;
        return target + " userns=" + text(namespace.usernsPath()) + " runas="
                + text(process.runAs()) + " pidfile=" + text(process.pidFile())
                + (target.equals("path") ? "" : " only=" + (netnsOnly ? "yes" : ""));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    /** One shell reads all lines. */
    private List<String> launcherResults(String name, List<String[]> lines) throws Exception {
        var table = directory.resolve("launcher-options.sh");
        Files.writeString(table, LauncherOptions.script());
        var script = new StringBuilder("set -u\njp_name=" + name + "\n. " + table + "\n. ")
                .append(Path.of("../launcher/options.sh").toAbsolutePath()).append("""

                say() {
                    jp_read_options "$@" || { echo none; return; }
                    jp_only=" only=$jp_netns_only"
                    case $jp_target in
                        path) jp_only= ;;
                        guest) jp_only=" fd=$jp_fd" ;;
                    esac
                    printf '%s userns=%s' "$jp_target" "$jp_userns_path"
                    echo " runas=$jp_runas pidfile=$jp_pid_file$jp_only"
                }
                """);
        for (var line : lines) {
            script.append("say");
            for (var word : line) {
                script.append(" '").append(word).append('\'');
            }
            script.append('\n');
        }
        var file = directory.resolve("lines.sh");
        Files.writeString(file, script);
        return output("/bin/sh", file.toString());
    }

    private static List<String> output(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes()).lines().toList();
    }
}
