// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OriginalProcessTest {
    /** Started in a JVM of its own: prints its last two words and a variable, as they were. */
    public static final class Printer {
        public static void main(String[] arguments) {
            CommandSettings settings = CommandSettings.ofThisProcess(arguments, true, null);
            for (byte[] word : settings.words()) {
                System.out.write(word, 0, word.length);
                System.out.write('\n');
            }
            byte[] value = Environment.value(settings.environment().toArray(new byte[0][]),
                    "MARK");
            System.out.write(value, 0, value.length);
            System.out.flush();
        }
    }

    @Test
    void keepsBytesThatTheLocaleCannotDecode() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        ProcessBuilder builder = new ProcessBuilder("sh", "-c",
                "MARK=$(printf 'v\\377'); export MARK; exec \"$@\" \"$(printf 'a\\377b')\" end",
                "sh", java.toString(), "-cp", System.getProperty("java.class.path"),
                Printer.class.getName());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] output = process.getInputStream().readAllBytes();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals("a\u00ffb\nend\nv\u00ff",
                new String(output, StandardCharsets.ISO_8859_1));
    }

    @Test
    void trustsJavaIfTheCommandLineEndsOtherwise() {
        byte[][] words = OriginalProcess.lastWords(new String[] {"not", "h\u00e4rt"});
        assertArrayEquals("not".getBytes(StandardCharsets.UTF_8), words[0]);
        assertArrayEquals("h\u00e4rt".getBytes(StandardCharsets.UTF_8), words[1]);
    }
}
