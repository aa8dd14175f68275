// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.TreeSet;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class FlowSetTest {
    private static final int LIMIT = Sidx.NO_FLOW;

    /** Indices near the borders of words and groups, and any others. */
    @Provide
    Arbitrary<List<Integer>> indices() {
        var borders = Arbitraries.of(0, 1, 63, 64, 65, 127, 128, 4095, 4096, 4097, 8191, 8192,
            65535, 65536, 126975, 126976, 131007, 131008, 131069, 131070);
        return Arbitraries.oneOf(borders, Arbitraries.integers().between(0, LIMIT - 1))
            .list().ofMaxSize(60);
    }

    @Property(tries = 500)
    void isASortedSet(@ForAll("indices") List<Integer> indices, @ForAll Random random) {
        var set = new FlowSet();
        var model = new TreeSet<Integer>();
        for (int index : indices) {
            if (random.nextInt(3) == 0 && !model.isEmpty()) {
                Integer gone = random.nextBoolean() ? index : model.ceiling(model.first());
                set.remove(gone);
                model.remove(gone);
            }
            set.add(index);
            model.add(index);
            compare(model, set, index);
        }
        for (int index : List.copyOf(model)) {
            set.remove(index);
            model.remove(index);
            compare(model, set, index);
        }
    }

    private static void compare(TreeSet<Integer> model, FlowSet set, int around) {
        assertEquals(model.isEmpty(), set.isEmpty());
        for (int index : new int[] {0, around, around + 1, 4096, LIMIT}) {
            Integer next = model.ceiling(index);
            assertEquals(next == null ? -1 : next, set.next(index), "next of " + index);
            Integer previous = model.lower(index);
            assertEquals(previous == null ? -1 : previous, set.previous(index),
                "previous of " + index);
            assertEquals(model.contains(index), set.contains(index));
        }
    }
}
