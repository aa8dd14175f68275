// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.Arrays;

/** A set of ports, 0 to 65535, as a bitmap of 8 KiB. For one thread; nothing allocates. */
final class PortSet {
    private static final int WORDS = 65536 / Long.SIZE;

    private final long[] words = new long[WORDS];

    boolean contains(int port) {
        return (words[port >>> 6] & 1L << port) != 0;
    }

    void add(int port) {
        words[port >>> 6] |= 1L << port;
    }

    void remove(int port) {
        words[port >>> 6] &= ~(1L << port);
    }

    void clear() {
        Arrays.fill(words, 0);
    }

    /** Makes this equal to another set. */
    void copyFrom(PortSet other) {
        System.arraycopy(other.words, 0, words, 0, WORDS);
    }

    void addAll(PortSet other) {
        for (int i = 0; i < WORDS; i++) {
            words[i] |= other.words[i];
        }
    }

    void removeAll(PortSet other) {
        for (int i = 0; i < WORDS; i++) {
            words[i] &= ~other.words[i];
        }
    }

    /**
     * The lowest port of the set that is not below {@code from}.
     *
     * @param from 0 to 65536
     * @return the port, or -1 if there is none
     */
    int next(int from) {
        int i = from >>> 6;
        if (i >= WORDS) {
            return -1;
        }
        long word = words[i] & -1L << from;
        while (word == 0) {
            if (++i == WORDS) {
                return -1;
            }
            word = words[i];
        }
        return i << 6 | Long.numberOfTrailingZeros(word);
    }

    /** The ports, lowest first, separated by blanks; for tests and messages. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int port = next(0); port >= 0; port = next(port + 1)) {
            text.append(text.isEmpty() ? "" : " ").append(port);
        }
        return text.toString();
    }
}
