// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * A message that has the user's own words in it, made fit to be one line on a terminal: an
 * argument may be 128 KiB long, and have line ends or escape sequences in it.
 */
public final class OneLine {
    private static final int MAXIMUM = 500;
    private static final String ELLIPSIS = " ... ";
    /** What is kept at the end: there the message says what would be right. */
    private static final int TAIL = 150;

    private OneLine() {
    }

    /**
     * The message without control characters, its middle left out if it is too long.
     *
     * @param message any text
     * @return at most 500 characters, none of them a control character
     */
    public static String of(String message) {
        var text = new StringBuilder(message);
        if (text.length() > MAXIMUM) {
            text.replace(MAXIMUM - TAIL - ELLIPSIS.length(), text.length() - TAIL, ELLIPSIS);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Some terminals take line and paragraph separators for line ends.
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                text.setCharAt(i, '?');
            }
        }
        return text.toString();
    }
}
