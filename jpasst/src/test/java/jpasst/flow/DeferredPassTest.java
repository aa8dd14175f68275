// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import jpasst.metrics.Counter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeferredPassTest {
    private static final long SECOND = 1_000_000_000;

    private final TestTable test = new TestTable(1000);
    private final FlowTable table = test.table;
    private final List<String> asked = new ArrayList<>();
    private Predicate<Flow> deferred = flow -> false;
    private Predicate<Flow> timer = flow -> false;

    @BeforeEach
    void recordQuestions() {
        test.handler = new FlowHandler() {
            @Override
            public boolean deferred(Flow flow, long nowNs) {
                asked.add("d" + flow.index());
                return deferred.test(flow);
            }

            @Override
            public boolean timer(Flow flow, long nowNs) {
                asked.add("t" + flow.index());
                return timer.test(flow);
            }
        };
    }

    private String run(long nowNs) {
        asked.clear();
        table.runDeferred(nowNs);
        return String.join(" ", asked);
    }

    @Test
    void asksOnlyMarkedFlowsInTheOrderOfIndices() {
        for (int i = 0; i < 10; i++) {
            test.active(FlowType.TCP, i);
        }
        run(0);
        table.markDeferred(table.flow(7));
        table.markDeferred(table.flow(2));
        table.markDeferred(table.flow(7));
        assertEquals("d2 d7", run(1));
        assertEquals("", run(2));
    }

    @Test
    void asksTimedFlowsOncePerSecondAndIdleTcpNever() {
        for (FlowType type : List.of(FlowType.TCP, FlowType.UDP, FlowType.TCP_SPLICE,
                FlowType.PING4, FlowType.PING6)) {
            test.active(type, 1);
        }
        assertEquals("t1 t3 t4", run(5 * SECOND));
        assertEquals("", run(6 * SECOND - 1));
        assertEquals("t1 t3 t4", run(6 * SECOND));
        assertEquals("t1 t3 t4", run(60 * SECOND));
    }

    @Test
    void givesDeferredWorkBeforeTheTimerAndNoTimerToWhatEnds() {
        test.active(FlowType.UDP, 1);
        test.active(FlowType.UDP, 2);
        deferred = flow -> flow.index() == 0;
        table.markDeferred(table.flow(0));
        table.markDeferred(table.flow(1));
        assertEquals("d0 d1 t1", run(5 * SECOND));
        assertNull(table.flow(0));
    }

    @Test
    void freesOnlyAfterAllWereAsked() {
        test.active(FlowType.TCP, 1);
        test.active(FlowType.TCP, 2);
        deferred = flow -> {
            assertEquals(FlowState.ACTIVE, table.flow(0).state());
            return true;
        };
        table.markDeferred(table.flow(0));
        table.markDeferred(table.flow(1));
        run(0);
        assertEquals(0, table.activeCount());
        assertEquals(0, test.counters.get(Counter.HANDLER_EXCEPTIONS));
        assertEquals(2, test.counters.get(Counter.FLOWS_ENDED));
    }

    @Test
    void asksAFlowMarkedDuringThePassInThatPassButNeverTwice() {
        for (int i = 0; i < 4; i++) {
            test.active(FlowType.TCP, i);
        }
        run(0);
        deferred = flow -> {
            table.markDeferred(table.flow(0));
            table.markDeferred(flow);
            return false;
        };
        table.markDeferred(table.flow(2));
        assertEquals("d2 d0", run(1));
        assertEquals(0, table.nextDeadlineNs());
        deferred = flow -> false;
        assertEquals("d0 d2", run(2));
        assertEquals("", run(3));
    }

    @Test
    void forgetsMarksOfACancelledFlow() {
        Typed typed = test.typed(FlowType.UDP, 1);
        table.markDeferred(typed.flow());
        typed.cancel();
        test.active(FlowType.TCP, 1);
        assertEquals("", run(0));
    }

    @Test
    void forgetsMarksSetOnAFlowThatEndsInThePass() {
        Flow flow = test.active(FlowType.TCP, 1);
        deferred = ending -> {
            table.markDeferred(ending);
            return true;
        };
        table.markDeferred(flow);
        assertEquals("d0", run(0));
        test.active(FlowType.TCP, 1);
        assertEquals("", run(1));
    }

    @Test
    void tellsWhenItIsWanted() {
        assertEquals(Long.MAX_VALUE, table.nextDeadlineNs());
        Flow tcp = test.active(FlowType.TCP, 1);
        run(SECOND);
        assertEquals(Long.MAX_VALUE, table.nextDeadlineNs());
        table.markDeferred(tcp);
        assertEquals(0, table.nextDeadlineNs());
        run(SECOND);
        test.active(FlowType.PING6, 1);
        assertEquals(2 * SECOND, table.nextDeadlineNs());
    }

    @Test
    void survivesAFailingHandlerAndKeepsItsFlow() {
        test.active(FlowType.TCP, 1);
        test.active(FlowType.TCP, 2);
        deferred = flow -> {
            if (flow.index() == 0) {
                throw new IllegalArgumentException("a bug");
            }
            return true;
        };
        table.markDeferred(table.flow(0));
        table.markDeferred(table.flow(1));
        assertEquals("d0 d1", run(0));
        assertEquals(FlowState.ACTIVE, table.flow(0).state());
        assertNull(table.flow(1));
        assertEquals(1, test.counters.get(Counter.HANDLER_EXCEPTIONS));
        assertTrue(test.logged.lines().getFirst().startsWith("Flow 0 (TCP connection): deferred"));
        assertEquals("", run(1));
    }

    @Test
    void takesAForgottenSideOutOfTheHash() {
        Flow flow = test.active(FlowType.UDP, 1);
        table.insert(flow.sidx(0));
        table.insert(flow.sidx(1));
        deferred = ending -> true;
        table.markDeferred(flow);
        run(0);
        assertEquals(0, table.sidxHash().count());
        assertEquals("Flow 0 (UDP flow): ends while still in the hash",
            test.logged.lines().getFirst());
    }

    @Test
    void refusesToRunWithinItself() {
        Flow flow = test.active(FlowType.TCP, 1);
        deferred = asked -> {
            assertThrows(IllegalStateException.class, () -> table.runDeferred(1));
            return true;
        };
        table.markDeferred(flow);
        run(0);
        assertEquals(0, test.counters.get(Counter.HANDLER_EXCEPTIONS));
    }

    @Test
    void asksNobodyInATableFullOfIdleConnections() {
        var big = new TestTable(FlowTable.MAX_FLOWS);
        for (int i = 0; i < FlowTable.MAX_FLOWS; i++) {
            big.active(FlowType.TCP, i & 0xffff);
        }
        big.handler = new FlowHandler() {
            @Override
            public boolean deferred(Flow flow, long nowNs) {
                asked.add("d" + flow.index());
                return true;
            }

            @Override
            public boolean timer(Flow flow, long nowNs) {
                throw new AssertionError("timer");
            }
        };
        for (int second = 0; second < 100; second++) {
            big.table.runDeferred(second * SECOND);
        }
        assertEquals(0, big.counters.get(Counter.HANDLER_EXCEPTIONS));
        big.table.markDeferred(big.table.flow(70_000));
        big.table.runDeferred(0);
        assertEquals(List.of("d70000"), asked);
        assertEquals(70_000, big.active(FlowType.UDP, 1).index());
    }
}
