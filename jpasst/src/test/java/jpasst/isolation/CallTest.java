// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Compares the numbers of calls with the kernel's headers, as the C preprocessor reads them. */
class CallTest {
    /** What asm/unistd.h of aarch64 says before it includes the generic one. */
    private static final String AARCH64 = """
            #define __BITS_PER_LONG 64
            #define __ARCH_WANT_RENAMEAT
            #define __ARCH_WANT_NEW_STAT
            #define __ARCH_WANT_SET_GET_RLIMIT
            #define __ARCH_WANT_SYS_CLONE3
            #include <asm-generic/unistd.h>
            """;

    @Test
    void agreesWithThisMachinesHeaders() throws Exception {
        compare(Machine.ofThisProcess(), definitions("#include <asm/unistd.h>\n"));
    }

    @Test
    void agreesWithTheHeadersOfAarch64() throws Exception {
        compare(Machine.AARCH64, definitions(AARCH64));
    }

    private static void compare(Machine machine, Map<String, String> headers) {
        var expected = new TreeMap<String, Integer>();
        var ours = new TreeMap<String, Integer>();
        int known = 0;
        for (var call : Call.values()) {
            var text = headers.get("__NR_" + call.name().toLowerCase(Locale.ROOT));
            while (text != null && headers.containsKey(text)) text = headers.get(text);
            expected.put(call.name(), text == null || !text.matches("[0-9]+") ? -1
                    : Integer.parseInt(text));
            ours.put(call.name(), call.number(machine));
            if (text != null) known++;
        }
        assertEquals(expected, ours);
        assertTrue(known > 100, known + " calls in the headers");
    }

    private static Map<String, String> definitions(String source)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder("gcc", "-E", "-dM", "-x", "c", "-")
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var in = process.getOutputStream()) {
            in.write(source.getBytes(StandardCharsets.US_ASCII));
        }
        var definitions = new HashMap<String, String>();
        for (var line : new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8).split("\n")) {
            var words = line.split(" ", 3);
            if (words.length == 3) definitions.put(words[1], words[2]);
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0, "gcc");
        return definitions;
    }
}
