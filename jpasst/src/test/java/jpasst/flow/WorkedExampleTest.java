// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The worked example of the table's specification, ten slots, step by step. */
class WorkedExampleTest {
    private static final int CAPACITY = 10;

    private final TestTable test = new TestTable(CAPACITY);
    private final FlowTable table = test.table;

    private String clusters() {
        FreeClusters free = table.freeClusters();
        var text = new StringBuilder("firstFree=" + free.firstFree());
        for (int head = free.firstFree(); head < CAPACITY; head = free.next(head)) {
            text.append(" [" + head + ": n=" + free.length(head) + ",next=" + free.next(head)
                + "]");
        }
        TableInvariants.check(table, CAPACITY, false);
        return text.toString();
    }

    @Test
    void goesAsWritten() {
        assertEquals("firstFree=0 [0: n=10,next=10]", clusters());
        Flow a = test.active(FlowType.TCP, 1);
        Flow b = test.active(FlowType.TCP, 2);
        Flow c = test.active(FlowType.TCP, 3);
        Flow d = test.active(FlowType.TCP, 4);
        assertEquals("0 1 2 3",
            a.index() + " " + b.index() + " " + c.index() + " " + d.index());
        assertEquals("firstFree=4 [4: n=6,next=10]", clusters());

        table.markDeferred(b);
        table.markDeferred(c);
        table.runDeferred(1);
        assertEquals("firstFree=1 [1: n=2,next=4] [4: n=6,next=10]", clusters());

        New e = table.allocate();
        assertEquals(1, e.flow().index());
        assertEquals("firstFree=2 [2: n=1,next=4] [4: n=6,next=10]", clusters());
        e.cancel();
        assertEquals("firstFree=1 [1: n=1,next=2] [2: n=1,next=4] [4: n=6,next=10]", clusters());

        table.markDeferred(d);
        table.runDeferred(2);
        assertEquals("firstFree=1 [1: n=9,next=10]", clusters());
        assertEquals(FlowState.ACTIVE, a.state());
    }

    @Test
    void aScanThatFreesNothingJoinsWhatACancelLeft() {
        test.active(FlowType.TCP, 1);
        Flow b = test.active(FlowType.TCP, 2);
        Flow c = test.active(FlowType.TCP, 3);
        test.active(FlowType.TCP, 4);
        table.markDeferred(b);
        table.markDeferred(c);
        table.runDeferred(1);
        table.allocate().cancel();
        table.runDeferred(2);
        assertEquals("firstFree=1 [1: n=2,next=4] [4: n=6,next=10]", clusters());
    }
}
