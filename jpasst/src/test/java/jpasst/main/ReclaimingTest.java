// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.log.Log;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counters;
import org.junit.jupiter.api.Test;

class ReclaimingTest implements FlowHandler {
    private static final int FLOWS = Reclaiming.WORTH_FLOWS + 100;
    private static final int UDP = 17;

    private final FlowTable table = new FlowTable(FlowTable.MAX_FLOWS, 1, 2, ReclaimingTest::choose,
            new Log(), new Counters());
    private final Reclaiming reclaiming = new Reclaiming(table, new TimingWheel(0, 0),
            () -> this.collections++);
    private int collections;
    private long nowNs = 1_000;

    ReclaimingTest() {
        table.handler(FlowType.UDP, this);
    }

    private static Pif choose(Pif from, FlowSide side, int protocol, int hint, FlowSide target) {
        target.set(0, 1, 1, 0, 1, 1);
        return Pif.HOST;
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        return true;
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        return false;
    }

    private void have(int flows) {
        while (table.activeCount() < flows) {
            table.allocate().initiate(Pif.TAP, 0, 1, 1, 0, 1, 1)
                    .target(UDP, TargetChooser.NO_RULE_HINT).type(FlowType.UDP, this).activate();
        }
        for (int i = table.activeCount() - 1; i >= flows; i--) table.markDeferred(table.flow(i));
        table.runDeferred(nowNs);
        assertEquals(flows, table.activeCount());
    }

    private long look(long laterNs) {
        nowNs += laterNs;
        return reclaiming.run(nowNs);
    }

    @Test
    void leavesAProgramAloneWhoseFlowsAreFew() {
        for (int flows : new int[] {0, 50, 0, FLOWS, 200, 101, FLOWS}) {
            have(flows);
            if (flows > 100) assertEquals(Long.MAX_VALUE, look(1), flows + " flows");
        }
        assertEquals(0, collections);
    }

    @Test
    void givesMemoryBackOnceFlowsStayedAway() {
        have(FLOWS);
        look(0);
        have(100);
        assertEquals(nowNs + 1 + Reclaiming.QUIET_NS, look(1));
        look(Reclaiming.QUIET_NS - 1);
        assertEquals(0, collections);
        assertEquals(Long.MAX_VALUE, look(1));
        assertEquals(1, collections);
        look(Reclaiming.QUIET_NS);
        look(Reclaiming.QUIET_NS);
        assertEquals(1, collections);
    }

    @Test
    void waitsAnewIfTheyComeBack() {
        have(FLOWS);
        look(0);
        have(0);
        look(0);
        have(FLOWS);
        assertEquals(Long.MAX_VALUE, look(Reclaiming.QUIET_NS));
        have(0);
        assertTrue(look(0) > nowNs);
        assertEquals(0, collections);
    }

    @Test
    void isWorthItAgainForTheNextBurst() {
        for (int burst = 1; burst <= 3; burst++) {
            have(FLOWS);
            look(0);
            have(0);
            look(0);
            look(Reclaiming.QUIET_NS);
            assertEquals(burst, collections);
        }
    }
}
