// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/**
 * Reads numeric addresses, as strictly as {@code inet_pton(3)}: dotted decimal with four numbers
 * and no leading zeros, or the three text forms of RFC 4291 section 2.2. No zone, no names.
 */
final class AddressParser {
    private static final int GROUPS = 8;

    private final String text;
    private long high;
    private long low;

    private AddressParser(String text) {
        this.text = text;
    }

    /** The address, or null if the text is not one. */
    static IpAddress tryParse(String text) {
        if (text.indexOf(':') < 0) {
            long bits = parseV4(text, 0);
            return bits < 0 ? null : IpAddress.ofV4((int) bits);
        }
        var parser = new AddressParser(text);
        return parser.parseV6() ? new IpAddress(parser.high, parser.low) : null;
    }

    /** The dotted address from {@code at} to the end as 32 bits, or -1. */
    private static long parseV4(String text, int at) {
        long bits = 0;
        for (int part = 0; part < 4; part++) {
            int end = part < 3 ? text.indexOf('.', at) : text.length();
            int number = decimalByte(text, at, end);
            if (number < 0) {
                return -1;
            }
            bits = bits << 8 | number;
            at = end + 1;
        }
        return bits;
    }

    private static int decimalByte(String text, int at, int end) {
        int length = end - at;
        if (length < 1 || length > 3 || length > 1 && text.charAt(at) == '0') {
            return -1;
        }
        int number = 0;
        for (int i = at; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number <= 255 ? number : -1;
    }

    private boolean parseV6() {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return appendGroups(0, text.length()) == GROUPS;
        }
        int before = appendGroups(0, gap);
        long frontHigh = high;
        long frontLow = low;
        high = 0;
        low = 0;
        int after = appendGroups(gap + 2, text.length());
        if (before < 0 || after < 0 || before + after >= GROUPS) {
            return false;
        }
        shiftFront(frontHigh, frontLow, GROUPS - before);
        return true;
    }

    /** Puts the groups before the gap, right-aligned in two longs, at the front of the address. */
    private void shiftFront(long frontHigh, long frontLow, int groups) {
        for (int i = 0; i < groups; i++) {
            frontHigh = frontHigh << 16 | frontLow >>> 48;
            frontLow <<= 16;
        }
        high |= frontHigh;
        low |= frontLow;
    }

    /** Shifts in the groups of text[at, end), separated by single colons: how many, or -1. */
    private int appendGroups(int at, int end) {
        int count = 0;
        while (at < end) {
            int colon = text.indexOf(':', at);
            int stop = colon < 0 || colon > end ? end : colon;
            int dot = text.indexOf('.', at);
            if (dot >= 0 && dot < stop) {
                return stop == text.length() ? appendV4Tail(at, count) : -1;
            }
            int group = hexGroup(at, stop);
            if (group < 0 || stop + 1 == end || ++count > GROUPS) {
                return -1;
            }
            append(group);
            at = stop + 1;
        }
        return count;
    }

    private int appendV4Tail(int at, int count) {
        long bits = parseV4(text, at);
        if (bits < 0 || count + 2 > GROUPS) {
            return -1;
        }
        append((int) (bits >>> 16));
        append((int) bits & 0xffff);
        return count + 2;
    }

    private int hexGroup(int at, int end) {
        if (end - at < 1 || end - at > 4) {
            return -1;
        }
        int group = 0;
        for (int i = at; i < end; i++) {
            int digit = HexDigit.value(text.charAt(i));
            if (digit < 0) {
                return -1;
            }
            group = group << 4 | digit;
        }
        return group;
    }

    private void append(int group) {
        high = high << 16 | low >>> 48;
        low = low << 16 | group;
    }
}
