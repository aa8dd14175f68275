// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The Debian package that {@code bin/deb} makes, unpacked beside the system. */
@Order(Integer.MAX_VALUE - 50)
class DebianPackageTest {
    private static Lab lab;
    private static String file;
    private static Path tree;

    @BeforeAll
    static void make() {
        lab = Lab.open();
        var lines = Tool.run(Pasta.program().resolveSibling("deb").toString()).strip().lines();
        file = lines.toList().getLast();
        tree = lab.directory().resolve("unpacked");
        Tool.run("dpkg-deb", "-x", file, tree.toString());
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void saysWhatItIsAndWhatItReplaces() {
        assertEquals("jpasst", field("Package"));
        assertEquals(Tool.run("dpkg", "--print-architecture").strip(), field("Architecture"));
        for (var relation : new String[] {"Conflicts", "Provides", "Replaces"}) {
            assertEquals("passt", field(relation));
        }
        var needed = field("Depends");
        assertTrue(needed.matches("libc6 \\(>= .*util-linux \\(>= .*coreutils \\(>= .*"), needed);
        var version = lab.pasta().startInstead(tree + "/usr/bin/pasta", "--version").finish().ok();
        assertTrue(version.startsWith("pasta " + field("Version") + " "), version);
    }

    @Test
    void runsFromWhereItIsUnpacked() {
        assertEquals("0", lab.pasta().startInstead("env", "-u", "JAVA_HOME",
                tree + "/usr/bin/pasta", "--config-net", "--", "id", "-u").finish().ok());
    }

    @Test
    void allBelongsToRootAndNobodyElseMayWriteIt() {
        var listing = Tool.run("dpkg-deb", "-c", file);
        var wrong = listing.lines().filter(line -> !line.matches(
                "(l.........|[d-]rw[x-]r-[x-]r-[x-]) root/root .*")).toList();
        assertTrue(wrong.isEmpty(), wrong::toString);
    }

    @Test
    void filesAreWhereDebianWantsThem() {
        for (var place : new String[] {"bin/passt", "share/man/man1/passt.1.gz",
            "share/man/man1/pasta.1.gz", "share/bash-completion/completions/pasta",
            "share/zsh/site-functions/_passt", "share/doc/jpasst/copyright",
            "share/doc/jpasst/changelog.gz", "share/doc/jpasst/examples/apparmor/jpasst"}) {
            assertTrue(Files.exists(tree.resolve("usr").resolve(place)), place);
        }
    }

    @Test
    void theExampleForAppArmorIsWellFormed() {
        Tool.run("apparmor_parser", "--skip-kernel-load", "--skip-cache",
                tree.resolve("usr/share/doc/jpasst/examples/apparmor/jpasst").toString());
    }

    private static String field(String name) {
        return Tool.run("dpkg-deb", "-f", file, name).strip();
    }
}
