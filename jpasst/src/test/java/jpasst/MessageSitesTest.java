// SPDX-License-Identifier: Apache-2.0
package jpasst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Whatever a guest or a peer can trigger in number is logged at a limited rate. So in the packages
 * that handle what they send, messages which ordinary users see go through a RateLimit, or are
 * counted here with the reason why they need none.
 */
class MessageSitesTest {
    private static final List<String> PACKAGES = List.of("datapath", "tcp", "udp", "ping",
            "responder", "splice", "listen", "forward", "flow", "tap", "pcap", "frame", "loop");
    private static final Path SOURCES = Path.of("src/main/java/jpasst");
    private static final Pattern SITE = Pattern.compile("\\b(log|flowLog)\\.(error|warn|info)\\(");
    /** A limit is asked in the same statement or just before it. */
    private static final int LINES_BEFORE = 2;

    /** Sites without a limit of their own: how many in which file. */
    private static final Map<String, Integer> KNOWN = Map.of(
            // At start: the host's ephemeral ports.
            "forward/EphemeralPorts.java", 1,
            // A change of rules: one for each. A shortage: one until it is over, looked at once
            // a second.
            "listen/PortForwarding.java", 1, "listen/ListenReport.java", 1,
            // Its limit was asked at the beginning of the method.
            "ping/PingFactory.java", 2,
            // Every 200 seconds at most, by a timer.
            "responder/RouterAdvertiser.java", 1,
            // Twice at start; once when the capture ends.
            "pcap/Capture.java", 3);

    @Test
    void messagesThatOthersTriggerAreLimited() throws IOException {
        var found = new TreeMap<String, Integer>();
        for (var name : PACKAGES) {
            for (var file : sources(SOURCES.resolve(name))) {
                int sites = sites(Files.readAllLines(file)).size();
                if (sites > 0) found.put(SOURCES.relativize(file).toString(), sites);
            }
        }
        assertEquals(new TreeMap<>(KNOWN), found);
    }

    @Test
    void noticesASiteWithoutLimit() {
        assertEquals(List.of(2), sites(List.of("if (bad) {", "x();", "log.warn(\"bad\");", "}")));
        assertEquals(List.of(), sites(List.of("if (limit.permits(nowNs)) {", "log.warn(\"\");")));
        assertEquals(List.of(), sites(List.of("limit.log(nowNs, \"bad\");")));
        assertEquals(List.of(), sites(List.of("log.debug(\"bad\");")));
    }

    /** Numbers of the lines with sites that ask no limit. */
    private static List<Integer> sites(List<String> lines) {
        var sites = new ArrayList<Integer>();
        for (int i = 0; i < lines.size(); i++) {
            var before = String.join("\n", lines.subList(Math.max(0, i - LINES_BEFORE), i + 1));
            if (SITE.matcher(lines.get(i)).find() && !before.contains(".permits(")) sites.add(i);
        }
        return sites;
    }

    private static List<Path> sources(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            var all = files.filter(file -> file.toString().endsWith(".java")).toList();
            assertFalse(all.isEmpty(), directory.toString());
            return all;
        }
    }
}
