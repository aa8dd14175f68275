// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the shells themselves offer, with the files that the build makes. */
class CompletionTest {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void makeDocuments() throws IOException {
        Documents.main(new String[] {"../docs/manual.md", directory.toString()});
        for (var name : List.of("offer.bash", "offer.zsh")) {
            try (var file = CompletionTest.class.getResourceAsStream(name)) {
                Files.copy(file, directory.resolve(name));
            }
        }
        Files.createFile(directory.resolve("only-one"));
        Files.createFile(directory.resolve("two words"));
    }

    /** Lines, and what is offered; begins with "..." if that is only a part of it. */
    private static final String OFFERS = """
            pasta --config-n;           --config-net
            pasta -fd --config-n;       --config-net
            pasta --no-dhcp-;
            pasta --vhost;
            pasta --sock;
            passt --sock;               --socket --socket-path
            passt --config-n;
            passt --no-dhcp-d;          --no-dhcp-dns
            pasta -t ;                  none auto all
            pasta -t a;                 auto all
            passt -t ;                  none all
            pasta --tcp-ports a;        auto all
            pasta --udp-ns=n;           none
            pasta -D n;                 none
            pasta --map-host-loopback=; none
            pasta --mtu ;
            pasta -i l;                 lo
            pasta -fi l;                lo
            pasta --outbound-if4=l;     lo
            pasta -t 80:8080 -i l;      lo
            pasta --runas nobod;        nobody
            pasta -p only-;             ...only-one
            pasta -p ./only-;           ...only-one
            pasta --log-file=only-;     ...only-one
            pasta --netns only-;        ...only-one
            pasta -f -m 1500 setpri;    setpriv
            pasta -fm 1500 setpri;      setpriv
            pasta -- setpri;            setpriv
            pasta --mtu=1500 setpri;    setpriv
            pasta -m setpri;
            passt setpri;
            pasta cat only-o;           only-one
            pasta cat --config-n;
            """;

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = OFFERS)
    void bashOffers(String line, String expected) throws Exception {
        var typed = typed(line);
        var script = "bash-completion/completions/" + typed.substring(0, typed.indexOf(' '));
        check(expected, run("bash", "--norc", "offer.bash", script, typed));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = OFFERS)
    void zshOffers(String line, String expected) throws Exception {
        check(expected, run("zsh", "-f", "offer.zsh", directory + "/zsh/site-functions",
                typed(line)));
    }

    /** The blank at the end of a line which the table's syntax takes away. */
    private static String typed(String line) {
        return line.matches(".* (-t|--mtu)") ? line + " " : line;
    }

    private static void check(String expected, List<String> offered) {
        if (expected == null) {
            assertEquals(List.of(), offered);
        } else if (expected.startsWith("...")) {
            var part = expected.substring(3);
            assertTrue(offered.stream().anyMatch(o -> o.endsWith(part)), offered.toString());
        } else {
            assertEquals(List.of(expected.split(" ")), offered.stream().distinct().toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-p tw", "--netns=tw", "--log-file tw", "cat tw"})
    void bashKeepsNamesWithBlanksWhole(String typed) throws Exception {
        var offered = run("bash", "--norc", "offer.bash", "bash-completion/completions/pasta",
                "pasta " + typed);
        assertEquals(List.of("two words"), offered);
    }

    /** A name of the system's, which others may have chosen, is offered as it is, never run. */
    @ParameterizedTest
    @ValueSource(strings = {"-i", "--netns"})
    void namesAreNotRun(String option) throws Exception {
        var offered = run("bash", "--norc", "-c", "command() { echo '$(echo>executed)'; }; "
                + ". offer.bash bash-completion/completions/pasta 'pasta " + option + " $'");
        assertEquals(List.of("$(echo>executed)"), offered);
        assertFalse(Files.exists(directory.resolve("executed")));
    }

    @ParameterizedTest
    @EnumSource
    void bothHaveEveryOptionOfTheProgram(Mode mode) throws Exception {
        var script = "bash-completion/completions/" + mode;
        var offered = run("bash", "--norc", "offer.bash", script, mode + " -");
        var zsh = run("zsh", "-f", "offer.zsh", directory + "/zsh/site-functions", mode + " --");
        for (var option : Option.values()) {
            boolean has = option.scope().includes(mode)
                    && option.support() != OptionSupport.NOT_YET;
            var name = "--" + option.longName();
            assertEquals(has, offered.contains(name), name);
            assertEquals(has, zsh.contains(name) || zsh.contains(name + "="), "zsh: " + name);
            if (option.letter() != 0) {
                assertEquals(has, offered.contains("-" + option.letter()), name);
            }
        }
    }

    /** The explanation of zsh's is the one line of the table. */
    @Test
    void zshExplainsOptions() throws Exception {
        var script = Files.readString(directory.resolve("zsh/site-functions/_passt"));
        for (var option : Option.values()) {
            var help = "[" + option.help().replace("'", "'\\''") + "]";
            assertEquals(option.support() == OptionSupport.YES, script.contains(help),
                    option.longName());
        }
    }

    /** Nothing of a shell's own setting is changed by reading the script. */
    @Test
    void bashCompletesWithoutALibrary() throws Exception {
        var registered = run("bash", "--norc", "-c",
                "set -u; . ./bash-completion/completions/pasta; complete -p pasta");
        assertEquals(List.of("complete -F _jpasst_pasta pasta"), registered);
    }

    private List<String> run(String... command) throws Exception {
        var builder = new ProcessBuilder(command).directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("TERM", "dumb");
        var process = builder.start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "hangs");
        var lines = new ArrayList<String>();
        for (var line : new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8).split("\n")) {
            if (!line.isBlank()) {
                lines.add(line);
            }
        }
        assertFalse(lines.stream().anyMatch(l -> l.contains("error")), lines.toString());
        return lines;
    }
}
