// SPDX-License-Identifier: Apache-2.0
package jpasst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Imports point down only: this is the order of the packages, the highest level first. */
class LevelsTest {
    private static final List<List<String>> LEVELS = List.of(
            List.of("main"),
            List.of("config"),
            List.of("control"),
            List.of("datapath"),
            List.of("tcp", "udp", "ping", "responder"),
            List.of("splice"),
            List.of("listen"),
            List.of("forward"),
            List.of("flow"),
            List.of("tap", "pcap", "namespace"),
            List.of("frame", "loop", "netlink", "isolation"),
            List.of("wire", "log", "metrics"),
            List.of("addr", "linux"));
    private static final Path SOURCES = Path.of("src/main/java");
    /** A mention of one of our packages, in an import or with a qualified name. */
    private static final Pattern MENTION = Pattern.compile("\\bjpasst\\.([a-z]+)\\b");

    @Test
    void importsPointDown() throws IOException {
        var wrong = new ArrayList<String>();
        int files = 0;
        for (var file : sources()) {
            wrong.addAll(violations(packageOf(file), Files.readString(file), file.toString()));
            files++;
        }
        assertFalse(files == 0, "no sources in " + SOURCES.toAbsolutePath());
        assertEquals(List.of(), wrong);
    }

    @Test
    void noticesAnImportThatPointsUp() {
        assertEquals(1, violations("wire", "import jpasst.flow.Flow;", "f").size());
        assertEquals(1, violations("wire", "import static jpasst.tcp.Tcp.*;", "f").size());
        assertEquals(1, violations("wire", "var x = new jpasst.flow.Flow();", "f").size());
        assertEquals(0, violations("flow", "import jpasst.wire.Ipv4Header;", "f").size());
    }

    @Test
    void noticesAnImportBetweenNeighbours() {
        assertEquals(1, violations("tcp", "import jpasst.udp.UdpFlows;", "f").size());
        assertEquals(0, violations("tcp", "import jpasst.tcp.TcpFlows;", "f").size());
    }

    @Test
    void noticesAPackageThatIsNotListed() {
        assertEquals(1, violations("util", "", "f").size());
        assertEquals(1, violations("tcp", "import jpasst.util.Strings;", "f").size());
    }

    /** What is wrong with a file of a package. Comments may mention any package. */
    private static List<String> violations(String name, String source, String file) {
        int level = level(name);
        if (level < 0) {
            return List.of(file + ": package " + name + " has no level");
        }
        var wrong = new ArrayList<String>();
        var mention = MENTION.matcher(withoutComments(source));
        while (mention.find()) {
            var other = mention.group(1);
            if (!other.equals(name) && level(other) <= level) {
                wrong.add(file + ": " + name + " must not use " + other);
            }
        }
        return wrong;
    }

    /** -1 for a package that is not listed, which thereby is above all. */
    private static int level(String name) {
        for (int i = 0; i < LEVELS.size(); i++) {
            if (LEVELS.get(i).contains(name)) {
                return i;
            }
        }
        return -1;
    }

    private static String withoutComments(String source) {
        return source.replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("//[^\\n]*", "");
    }

    /** The first part after jpasst: a package within another has its level. */
    private static String packageOf(Path file) {
        return SOURCES.resolve("jpasst").relativize(file).getName(0).toString();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES.resolve("jpasst"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
