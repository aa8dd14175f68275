// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/** Writes addresses as text: dotted decimal for IPv4, RFC 5952 for IPv6. */
final class AddressText {
    private static final int GROUPS = 8;

    private AddressText() {}

    static String of(long high, long low) {
        var text = new StringBuilder(39);
        if (Ip.isV4(high, low)) {
            appendV4(text, Ip.v4(low));
        } else {
            appendV6(text, high, low);
        }
        return text.toString();
    }

    private static void appendV4(StringBuilder text, int bits) {
        text.append(bits >>> 24).append('.').append(bits >>> 16 & 0xff).append('.')
                .append(bits >>> 8 & 0xff).append('.').append(bits & 0xff);
    }

    /** The longest run of at least two zero groups, the first of equals, becomes "::". */
    private static void appendV6(StringBuilder text, long high, long low) {
        int runStart = -1;
        int runLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int length = zeroRun(high, low, i);
            if (length > runLength) {
                runStart = i;
                runLength = length;
            }
        }
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                continue;
            }
            if (i > 0 && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
    }

    private static int zeroRun(long high, long low, int from) {
        int i = from;
        while (i < GROUPS && group(high, low, i) == 0) {
            i++;
        }
        return i - from;
    }

    private static int group(long high, long low, int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> 48 - 16 * (index & 3)) & 0xffff;
    }
}
