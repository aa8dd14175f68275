// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Arrays;

/**
 * A set of flow indices, walked in ascending order. Three levels of bits, where a bit of an upper
 * level says that a word of the lower one is not zero, so that every operation takes the same few
 * steps whether the set holds three flows or 131071. Grows with the highest index ever added.
 */
final class FlowSet {
    private static final int WORD_BITS = 6;
    private static final int MIDDLE_WORDS = 32; // 32 * 64 * 64 = 131072 flows

    private long[] words = new long[4];
    private final long[] middle = new long[MIDDLE_WORDS];
    private int top;

    boolean isEmpty() {
        return top == 0;
    }

    boolean contains(int flow) {
        int word = flow >>> WORD_BITS;
        return word < words.length && (words[word] & 1L << flow) != 0;
    }

    void add(int flow) {
        int word = flow >>> WORD_BITS;
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, 2 * words.length));
        }
        words[word] |= 1L << flow;
        middle[word >>> WORD_BITS] |= 1L << word;
        top |= 1 << (word >>> WORD_BITS);
    }

    void remove(int flow) {
        int word = flow >>> WORD_BITS;
        if (word >= words.length || (words[word] &= ~(1L << flow)) != 0) {
            return;
        }
        int group = word >>> WORD_BITS;
        if ((middle[group] &= ~(1L << word)) == 0) {
            top &= ~(1 << group);
        }
    }

    /** The lowest index in the set that is not below {@code from}, or -1. */
    int next(int from) {
        int word = from >>> WORD_BITS;
        if (word < words.length) {
            long bits = words[word] & -1L << from;
            if (bits != 0) {
                return lowest(word, bits);
            }
        }
        word++;
        int group = word >>> WORD_BITS;
        if (group >= MIDDLE_WORDS) {
            return -1;
        }
        long bits = middle[group] & -1L << word;
        if (bits == 0) {
            // Shifted in two steps: an int shift by 32 would be one by 0.
            int groups = top & -1 << group << 1;
            if (groups == 0) {
                return -1;
            }
            group = Integer.numberOfTrailingZeros(groups);
            bits = middle[group];
        }
        word = lowest(group, bits);
        return lowest(word, words[word]);
    }

    /** The highest index in the set that is below {@code limit}, or -1. */
    int previous(int limit) {
        if (limit == 0) {
            return -1;
        }
        int word = limit - 1 >>> WORD_BITS;
        if (word < words.length) {
            long bits = words[word] & -1L >>> -limit;
            if (bits != 0) {
                return highest(word, bits);
            }
        }
        int group = word >>> WORD_BITS;
        long bits = middle[group] & (1L << word) - 1;
        if (bits == 0) {
            int groups = top & (1 << group) - 1;
            if (groups == 0) {
                return -1;
            }
            group = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(groups);
            bits = middle[group];
        }
        word = highest(group, bits);
        return highest(word, words[word]);
    }

    private static int lowest(int word, long bits) {
        return (word << WORD_BITS) + Long.numberOfTrailingZeros(bits);
    }

    private static int highest(int word, long bits) {
        return (word << WORD_BITS) + Long.SIZE - 1 - Long.numberOfLeadingZeros(bits);
    }
}
