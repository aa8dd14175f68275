// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/**
 * Some ports in a row.
 *
 * @param first the first port, 0 to 65535
 * @param last the last port, {@code first} to 65535
 */
public record PortRange(int first, int last) {
    /** The largest port. */
    static final int MAX_PORT = 65535;

    /** How many ports there are, at least 1. */
    int count() {
        return last - first + 1;
    }

    /** Reads {@code number} or {@code number-number}, in decimal; null if the text is neither. */
    static PortRange tryParse(String text) {
        int dash = text.indexOf('-');
        int first = number(text, 0, dash < 0 ? text.length() : dash);
        int last = dash < 0 ? first : number(text, dash + 1, text.length());
        return first < 0 || last < first ? null : new PortRange(first, last);
    }

    /** The port that text[at, end) names, or -1. */
    private static int number(String text, int at, int end) {
        int number = at == end ? -1 : 0;
        for (int i = at; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
            if (number > MAX_PORT) {
                return -1;
            }
        }
        return number;
    }
}
