// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What this process was started with, byte for byte. Java's own view is decoded text, which in
 * the C locale loses every byte beyond ASCII; a command must get its words as the user gave them.
 */
public final class OriginalProcess {
    private static final String COMMAND_LINE = "/proc/self/cmdline";
    private static final String ENVIRONMENT = "/proc/self/environ";

    private OriginalProcess() {
    }

    /**
     * The program's arguments as UTF-8, in which Java decodes them in a UTF-8 locale only. Files
     * are opened by names in UTF-8 whatever the locale.
     *
     * @param decoded as Java decoded them
     * @return the same arguments; what is not UTF-8 in them is U+FFFD
     */
    public static String[] arguments(String[] decoded) {
        if ("UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            return decoded;
        }
        byte[][] words = lastWords(decoded);
        var arguments = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = new String(words[i], StandardCharsets.UTF_8);
        }
        return arguments;
    }

    /** The last words of the command line, given as Java decoded them. */
    static byte[][] lastWords(String[] decoded) {
        byte[][] all = strings(COMMAND_LINE);
        if (all != null && all.length >= decoded.length) {
            byte[][] last = Arrays.copyOfRange(all, all.length - decoded.length, all.length);
            if (agree(last, decoded)) {
                return last;
            }
        }
        byte[][] words = new byte[decoded.length][];
        for (int i = 0; i < decoded.length; i++) {
            words[i] = bytes(decoded[i]);
        }
        return words;
    }

    /** {@code NAME=value} each, as before the launcher and the JVM. */
    static byte[][] environment() {
        byte[][] raw = strings(ENVIRONMENT);
        return raw != null ? raw : decodedEnvironment();
    }

    private static byte[][] decodedEnvironment() {
        List<byte[]> entries = new ArrayList<>();
        for (Map.Entry<String, String> entry : System.getenv().entrySet()) {
            entries.add(bytes(entry.getKey() + "=" + entry.getValue()));
        }
        return entries.toArray(new byte[0][]);
    }

    /** Whether words are the same where the decoding cannot have lost anything. */
    private static boolean agree(byte[][] words, String[] decoded) {
        for (int i = 0; i < words.length; i++) {
            if (isAscii(words[i]) && !Arrays.equals(words[i], bytes(decoded[i]))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAscii(byte[] word) {
        for (byte b : word) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The strings in a file, each ended by a zero; {@code null} if it cannot be read. */
    private static byte[][] strings(String file) {
        byte[] content;
        try (FileInputStream in = new FileInputStream(file)) {
            content = in.readAllBytes();
        } catch (IOException unreadable) {
            return null;
        }
        List<byte[]> strings = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < content.length; i++) {
            if (content[i] == 0) {
                strings.add(Arrays.copyOfRange(content, from, i));
                from = i + 1;
            }
        }
        return strings.toArray(new byte[0][]);
    }
}
