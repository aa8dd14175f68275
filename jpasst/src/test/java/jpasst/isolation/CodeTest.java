// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class CodeTest {
    private static final int ARCHITECTURE = 7;

    private static int run(Code code, long... arguments) {
        return new Interpreter(code.instructions()).run(ARCHITECTURE, 0, arguments);
    }

    @Test
    void looksAtBothHalvesOfAnArgument() {
        var code = new Code().argument(5).giveUnless(1, 0x12345678)
                .upperHalf(5).giveUnless(2, 0x9abcdef0).give(3);
        assertEquals(1, run(code, 0, 0, 0, 0, 0, 0x9abcdef0_12345679L));
        assertEquals(2, run(code, 0, 0, 0, 0, 0, 0x1abcdef0_12345678L));
        assertEquals(3, run(code, 0, 0, 0, 0, 0, 0x9abcdef0_12345678L));
    }

    @Test
    void comparesWithoutSign() {
        var code = new Code().argument(0).giveFrom(1, 0x80000000).give(2);
        assertEquals(2, run(code, 0x7fffffff));
        assertEquals(1, run(code, 0x80000000L));
        assertEquals(1, run(code, -1));
    }

    @Test
    void looksAtBits() {
        var code = new Code().argument(0).giveIfSet(1, 0x6).mask(0x18).giveIf(2, 0x18, 0x8).give(3);
        assertEquals(1, run(code, 2));
        assertEquals(1, run(code, 0x1c));
        assertEquals(2, run(code, 0x18));
        assertEquals(2, run(code, 0x29));
        assertEquals(3, run(code, 0x31));
    }

    @Test
    void branches() {
        var code = new Code().argument(0)
                .when(10, new Code().argument(1).giveIf(1, 4).give(2))
                .when(11, Code.answer(3)).give(4);
        assertEquals(1, run(code, 10, 4));
        assertEquals(2, run(code, 10, 5));
        assertEquals(3, run(code, 11, 4));
        assertEquals(4, run(code, 12, 4));
    }

    @Test
    void refusesABranchThatAJumpCannotPass() {
        var most = new Code();
        for (int i = 0; i < 254; i++) most.mask(-1);
        most.give(1);
        assertEquals(2, run(new Code().argument(0).when(10, most).give(2), 11));
        var more = new Code().mask(-1).append(most);
        assertThrows(IllegalArgumentException.class, () -> new Code().when(10, more));
    }

    @Test
    void splitsAlsoOverMoreThanAConditionalJumpCanReach() {
        for (int length : new int[] {1, 254, 255, 256, 257, 1000}) {
            var below = new Code();
            for (int i = 0; i < length; i++) below.mask(-1);
            below.give(1);
            var code = new Code().argument(0).append(Code.split(100, below, Code.answer(2)));
            assertEquals(1, run(code, 99), "length " + length);
            assertEquals(2, run(code, 100), "length " + length);
        }
    }
}
