// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;

import org.junit.jupiter.api.Test;

class SipHashTest {
    /** Reference vectors of SipHash-2-4-64 for messages of 32 to 39 bytes 0, 1, 2, ... */
    private static final long[] REFERENCE = {
        0x7127512f72f27cceL, 0xa7f32346f95978e3L, 0x12e0b01abb051238L, 0x15e034d40fa197aeL,
        0x314dffbe0815a3b4L, 0x027990f029623981L, 0xcadcd4e59ef40c4dL, 0x9abfd8766a33735cL,
    };

    private static long word(int firstByte) {
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | firstByte + i;
        }
        return word;
    }

    @Test
    void agreesWithTheReferenceVectors() {
        var hash = new SipHash(word(0), word(8));
        for (int length = 32; length < 40; length++) {
            long tail = word(32) & (1L << 8 * (length - 32)) - 1;
            assertEquals(REFERENCE[length - 32],
                hash.hash(word(0), word(8), word(16), word(24), (long) length << 56 | tail));
        }
    }

    @Test
    void hashesASideAsThatMessage() {
        var side = new FlowSide().set(word(16), word(24), 0x2120, word(0), word(8), 0x2322);
        // Length 38, with the pif, 0 to 3, as byte 36 and protocol 0x25 as byte 37.
        var hash = new SipHash(word(0), word(8));
        for (Pif pif : Pif.values()) {
            long last = 38L << 56 | 0x25L << 40 | (long) pif.number() << 32 | 0x2322_2120L;
            assertEquals(hash.hash(word(0), word(8), word(16), word(24), last),
                hash.hash(0x25, pif, side));
        }
    }

    @Test
    void dependsOnEveryPartOfTheKeyAndOnTheSecret() {
        var hash = new SipHash(1, 2);
        var seen = new HashSet<Long>();
        var side = new FlowSide();
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 2, 3, 4, 5, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(9, 2, 3, 4, 5, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 9, 3, 4, 5, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 2, 9, 4, 5, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 2, 3, 9, 5, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 2, 3, 4, 9, 6)));
        seen.add(hash.hash(6, Pif.TAP, side.set(1, 2, 3, 4, 5, 9)));
        seen.add(hash.hash(17, Pif.TAP, side.set(1, 2, 3, 4, 5, 6)));
        seen.add(hash.hash(6, Pif.HOST, side));
        assertEquals(9, seen.size());
        assertNotEquals(hash.hash(6, Pif.TAP, side), new SipHash(1, 3).hash(6, Pif.TAP, side));
        assertNotEquals(hash.hash(6, Pif.TAP, side), new SipHash(0, 2).hash(6, Pif.TAP, side));
    }
}
