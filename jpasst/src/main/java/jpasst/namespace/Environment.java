// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An environment as bytes, {@code NAME=value} each. The launcher talks to the JVM by variables
 * {@code JPASST_*}, and hides the user's own settings for JVMs from ours as
 * {@code JPASST_SAVED_NAME}; the command gets the environment as the user made it.
 */
final class Environment {
    private static final byte[] OURS = ascii("JPASST_");
    private static final byte[] SAVED = ascii("JPASST_SAVED_");

    private Environment() {
    }

    /** The environment without the launcher's variables, and with what it saved restored. */
    static byte[][] forCommand(byte[][] environment) {
        List<byte[]> clean = new ArrayList<>();
        for (byte[] entry : environment) {
            if (!startsWith(entry, OURS)) {
                clean.add(entry);
            }
        }
        for (byte[] entry : environment) {
            if (startsWith(entry, SAVED)) {
                replace(clean, Arrays.copyOfRange(entry, SAVED.length, entry.length));
            }
        }
        return clean.toArray(new byte[0][]);
    }

    /** The value of a variable, {@code null} if it is not set. */
    static byte[] value(byte[][] environment, String name) {
        byte[] prefix = ascii(name + "=");
        for (byte[] entry : environment) {
            if (startsWith(entry, prefix)) {
                return Arrays.copyOfRange(entry, prefix.length, entry.length);
            }
        }
        return null;
    }

    private static void replace(List<byte[]> entries, byte[] entry) {
        int equals = 0;
        while (equals < entry.length && entry[equals] != '=') {
            equals++;
        }
        byte[] prefix = Arrays.copyOf(entry, Math.min(equals + 1, entry.length));
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (startsWith(entries.get(i), prefix)) {
                entries.remove(i);
            }
        }
        entries.add(entry);
    }

    private static boolean startsWith(byte[] entry, byte[] prefix) {
        return entry.length >= prefix.length
                && Arrays.equals(entry, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
