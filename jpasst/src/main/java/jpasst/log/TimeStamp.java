// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

/** The time since start as log lines show it: seconds, a dot, four digits. */
final class TimeStamp {
    private static final long NS_PER_SECOND = 1_000_000_000;
    private static final int NS_PER_TENTH_OF_A_MILLISECOND = 100_000;

    private TimeStamp() {}

    /** Appends it, cut (not rounded) to tenths of a millisecond. */
    static void append(StringBuilder line, long sinceStartNs) {
        long fraction = sinceStartNs % NS_PER_SECOND / NS_PER_TENTH_OF_A_MILLISECOND;
        line.append(sinceStartNs / NS_PER_SECOND).append('.');
        for (long limit = 1000; limit > 1 && fraction < limit; limit /= 10) {
            line.append('0');
        }
        line.append(fraction);
    }
}
