// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/**
 * Arithmetic on TCP sequence numbers: 32-bit counters that wrap (RFC 9293 section 3.4).
 *
 * <p>Numbers are compared within a window of 2^24, the largest window either side of a tap
 * connection can have: what lies further apart is neither before nor after, so that a wild number
 * from a guest never passes for a near one.
 */
final class Sequence {
    /** Largest distance at which two numbers are still comparable, in bytes. */
    static final int WINDOW = 1 << 24;

    private Sequence() {
    }

    /** Whether {@code a} comes at or before {@code b}, less than 2^24 away. */
    static boolean atOrBefore(int a, int b) {
        return Integer.compareUnsigned(b - a, WINDOW) < 0;
    }

    /** Whether {@code a} comes before {@code b}, at most 2^24 away. */
    static boolean before(int a, int b) {
        return Integer.compareUnsigned(b - a - 1, WINDOW) < 0;
    }

    /** Whether {@code value} lies in {@code [from, from + length]}, both ends included. */
    static boolean within(int value, int from, int length) {
        return Integer.compareUnsigned(value - from, length) <= 0;
    }

    /** The later of two comparable numbers. */
    static int later(int a, int b) {
        return before(a, b) ? b : a;
    }
}
