// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import java.util.ArrayList;

/** Once loaded, has the JVM do what it seldom does: whatever fails is an error of the loading. */
final class Strain {
    private static final int ROUNDS = 3;
    private static final int MANY = 2_000_000;
    private static final int MEBIBYTE = 1 << 20;

    static {
        for (int round = 0; round < ROUNDS; round++) {
            overflow();
            exhaust();
            missNull();
            compile(round);
        }
    }

    private Strain() {
    }

    private static void overflow() {
        try {
            overflow();
            // Not a tail call, and an end for whoever could not see one.
            Thread.onSpinWait();
        } catch (StackOverflowError wanted) {
            // The guard pages are back when the stack is this short again.
        }
    }

    private static void exhaust() {
        try {
            var all = new ArrayList<byte[]>();
            while (all.size() < MANY) all.add(new byte[MEBIBYTE]);
            throw new AssertionError("no end of memory");
        } catch (OutOfMemoryError wanted) {
            System.gc();
        }
    }

    /** Compiled, such a test is the processor's: a signal, which the JVM handles. */
    private static void missNull() {
        String[] texts = {"text", null};
        int missed = 0;
        for (int i = 0; i < MANY / 10; i++) {
            try {
                missed -= texts[i % 1000 == 0 ? 1 : 0].length() >> 10;
            } catch (NullPointerException wanted) {
                missed++;
                if (wanted.getStackTrace().length > 1000) throw new AssertionError(wanted);
            }
        }
        if (missed != MANY / 10 / 1000) throw new AssertionError(missed + " missed");
    }

    private static void compile(int seed) {
        long sum = seed;
        for (int i = 0; i < 10 * MANY; i++) sum = sum * 31 + (i ^ sum >>> 7);
        if (sum == 0) throw new AssertionError("cannot be");
    }
}
