// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A line of text on its way to bytes, whatever the message holds: one line it stays, since names
 * of others can be part of a message and must not look like messages of ours, and of a bounded
 * length.
 */
final class Line {
    /** The longest line in bytes, with its end. */
    static final int MAXIMUM_BYTES = 8192;

    private static final char DELETE = 0x7f;
    private static final char LAST_CONTROL = 0x9f;
    private static final byte[] CUT = {'.', '.', '.', '\n'};

    private final StringBuilder text = new StringBuilder(128);

    /** Appends a time since start, as {@link TimeStamp} writes it. */
    Line time(long sinceStartNs) {
        TimeStamp.append(text, sinceStartNs);
        return this;
    }

    /** Appends what is known to have no control characters. */
    Line literal(String words) {
        text.append(words);
        return this;
    }

    /** Appends a message, with a blank for each control character. */
    Line message(String message) {
        int length = Math.min(message.length(), MAXIMUM_BYTES);
        for (int i = 0; i < length; i++) {
            char c = message.charAt(i);
            text.append(c < ' ' || c >= DELETE && c <= LAST_CONTROL ? ' ' : c);
        }
        return this;
    }

    /** The line in UTF-8, with its end; if it is too long it is cut, and ends with dots. */
    byte[] bytes() {
        byte[] bytes = text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAXIMUM_BYTES ? bytes : cut(bytes, MAXIMUM_BYTES - CUT.length);
    }

    private static byte[] cut(byte[] bytes, int keep) {
        int kept = keep;
        while (isInsideCharacter(bytes[kept])) {
            kept--;
        }
        byte[] cut = Arrays.copyOf(bytes, kept + CUT.length);
        System.arraycopy(CUT, 0, cut, kept, CUT.length);
        return cut;
    }

    /** Whether a byte goes on with a character that began before it (RFC 3629 3). */
    private static boolean isInsideCharacter(byte b) {
        return (b & 0xc0) == 0x80;
    }
}
