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
    private static final byte[][] FOR_JVMS = {
        ascii("JAVA_TOOL_OPTIONS="), ascii("_JAVA_OPTIONS="), ascii("JDK_JAVA_OPTIONS="),
        ascii("CLASSPATH="),
    };

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
            if (startsWith(entry, SAVED) && isForJvms(entry)) {
                replace(clean, Arrays.copyOfRange(entry, SAVED.length, entry.length));
            }
        }
        return clean.toArray(new byte[0][]);
    }

    /** Whether it is one of those that the launcher saves. */
    private static boolean isForJvms(byte[] saved) {
        for (byte[] name : FOR_JVMS) {
            if (Arrays.equals(saved, SAVED.length, Math.min(saved.length,
                    SAVED.length + name.length), name, 0, name.length)) {
                return true;
            }
        }
        return false;
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
