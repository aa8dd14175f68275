// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jpasst.metrics.Counter;
import org.junit.jupiter.api.Test;

class FlowTableTest {
    private final TestTable test = new TestTable(3);
    private final FlowTable table = test.table;

    private static void refused(Runnable action) {
        assertThrows(IllegalStateException.class, action::run);
    }

    @Test
    void refusesWhenFullAndCountsIt() {
        for (int i = 0; i < 3; i++) {
            test.active(FlowType.TCP, i);
        }
        assertNull(table.allocate());
        assertEquals(1, test.counters.get(Counter.DROP_TABLE_FULL));
        assertEquals(3, table.activeCount());
    }

    @Test
    void usesAStepOnlyOnce() {
        New atNew = table.allocate();
        Ini atIni = atNew.initiate(Pif.TAP, TestTable.side(1));
        refused(() -> atNew.initiate(Pif.TAP, TestTable.side(1)));
        refused(atNew::cancel);
        refused(atNew::flow);
        Tgt atTgt = atIni.target(6, TargetChooser.NO_RULE_HINT);
        refused(() -> atIni.target(6, TargetChooser.NO_RULE_HINT));
        refused(() -> atIni.refineOur(0, 0, 0));
        Typed atTyped = atTgt.type(FlowType.TCP, "body");
        refused(() -> atTgt.type(FlowType.TCP, "body"));
        atTyped.activate();
        refused(atTyped::activate);
        refused(atTyped::cancel);
    }

    @Test
    void refusesToReturnToTheLoopWithAFlowUnderConstruction() {
        New step = table.allocate();
        refused(() -> table.runDeferred(0));
        refused(table::allocate);
        step.cancel();
        table.runDeferred(0);
    }

    @Test
    void keepsAbandonedConstructionsFromBlockingTheTable() {
        Typed typed = test.typed(FlowType.UDP, 1);
        table.insert(typed.flow().sidx(0));
        table.insert(typed.flow().sidx(1));
        refused(typed::cancel);
        table.abandonConstruction();
        table.abandonConstruction();
        assertEquals(0, table.sidxHash().count());
        refused(typed::activate);
        table.runDeferred(0);
        assertEquals(0, table.allocate().flow().index());
    }

    @Test
    void refusesTypesOfAnotherProtocolOrWithoutHandler() {
        var bare = new FlowTable(1, 0, 0, test, test.log, test.counters);
        Tgt tgt = bare.allocate().initiate(Pif.TAP, TestTable.side(1)).target(6, 0);
        refused(() -> tgt.type(FlowType.UDP, "body"));
        refused(() -> tgt.type(FlowType.NONE, "body"));
        refused(() -> tgt.type(FlowType.TCP, "body"));
        assertThrows(NullPointerException.class, () -> tgt.type(FlowType.TCP, null));
        bare.handler(FlowType.TCP, test);
        tgt.type(FlowType.TCP, "body");
    }

    @Test
    void refusesToBeInitiatedFromNowhere() {
        New step = table.allocate();
        refused(() -> step.initiate(Pif.NONE, TestTable.side(1)));
    }

    @Test
    void staysAtIniWhenRefusedATarget() {
        Ini ini = table.allocate().initiate(Pif.HOST, TestTable.side(1));
        assertNull(ini.target(17, 0));
        assertEquals(FlowState.INI, ini.flow().state());
        ini.cancel();
        assertEquals(1, test.counters.get(Counter.FLOWS_CANCELLED));
    }

    @Test
    void letsOurAddressBeRefinedOnlyWhereNoOneReliesOnIt() {
        Ini ini = table.allocate().initiate(Pif.TAP, TestTable.side(1));
        ini.refineOur(1, 2, 3);
        Flow flow = ini.flow();
        refused(() -> flow.refineOur(1, 4, 5, 6));
        assertEquals(3, flow.side(0).ourPort());
        Typed typed = ini.target(17, 0).type(FlowType.UDP, "body");
        assertEquals(2, flow.side(1).endpointLow());
        refused(() -> flow.refineOur(0, 4, 5, 6));
        typed.refineOur(4, 5, 6);
        assertEquals(5, flow.side(1).ourLow());
        table.insert(flow.sidx(1));
        refused(() -> typed.refineOur(7, 8, 9));
        typed.activate();
        refused(() -> flow.refineOur(1, 7, 8, 9));
    }

    @Test
    void keepsOthersFromWritingSides() {
        Flow flow = test.active(FlowType.TCP, 1);
        refused(() -> flow.side(0).set(0, 0, 0, 0, 0, 0));
    }

    @Test
    void resolvesTheTapMacOnce() {
        Flow flow = test.active(FlowType.TCP, 1);
        assertEquals(Flow.TAP_MAC_UNKNOWN, flow.tapMac());
        flow.resolveTapMac(0x9a55);
        refused(() -> flow.resolveTapMac(0x9a56));
        assertEquals(0x9a55, flow.tapMac());
        table.markDeferred(flow);
        table.runDeferred(0);
        assertEquals(Flow.TAP_MAC_UNKNOWN, test.active(FlowType.TCP, 2).tapMac());
    }

    @Test
    void attachesTheBodyAtTypedAndDropsItAtFree() {
        Tgt tgt = table.allocate().initiate(Pif.TAP, TestTable.side(1)).target(6, 0);
        Flow flow = tgt.flow();
        refused(flow::body);
        Object body = new Object();
        tgt.type(FlowType.TCP, body).activate();
        assertSame(body, flow.<Object>body());
        table.markDeferred(flow);
        table.runDeferred(0);
        refused(flow::body);
    }

    @Test
    void answersAboutReferences() {
        Flow flow = test.active(FlowType.TCP, 1);
        int sidx = flow.sidx(1);
        assertSame(flow, table.at(sidx));
        assertSame(flow, table.flow(0));
        assertSame(flow.side(1), table.sideAt(sidx));
        assertEquals(Pif.HOST, table.pifAt(sidx));
        assertEquals(Pif.TAP, table.pifAt(Sidx.opposite(sidx)));
        assertEquals(0, flow.sideOn(Pif.TAP));
        assertEquals(1, flow.sideOn(Pif.HOST));
        assertEquals(-1, flow.sideOn(Pif.SPLICE));
        assertNull(table.at(Sidx.INVALID));
        assertNull(table.sideAt(Sidx.INVALID));
        assertEquals(Pif.NONE, table.pifAt(Sidx.INVALID));
        assertNull(table.flow(2));
        assertNull(table.flow(100_000));
    }

    @Test
    void findsAFlowWhileItIsTyped() {
        Typed typed = test.typed(FlowType.TCP, 41000);
        int sidx = typed.flow().sidx(0);
        assertEquals(Sidx.INVALID, table.lookup(6, Pif.TAP, TestTable.side(41000)));
        table.insert(sidx);
        assertEquals(sidx, table.lookup(6, Pif.TAP, TestTable.side(41000)));
        assertEquals(Sidx.INVALID, table.lookup(17, Pif.TAP, TestTable.side(41000)));
        assertEquals(Sidx.INVALID, table.lookup(6, Pif.HOST, TestTable.side(41000)));
        assertEquals(Sidx.INVALID, table.lookup(6, Pif.TAP, TestTable.side(41001)));
        table.remove(sidx);
        assertEquals(Sidx.INVALID, table.lookup(6, Pif.TAP, TestTable.side(41000)));
    }

    @Test
    void givesBackBucketsThatAreNotNeeded() {
        var big = new TestTable(FlowTable.MAX_FLOWS);
        for (int i = 0; i < 5000; i++) {
            big.table.insert(big.active(FlowType.TCP, i).sidx(0));
        }
        assertEquals(8192, big.table.sidxHash().size());
        big.table.trim();
        assertEquals(8192, big.table.sidxHash().size());
        for (int i = 0; i < 5000; i++) {
            if (i != 30) {
                big.table.remove(Sidx.of(i, 0));
                big.table.markDeferred(big.table.flow(i));
            }
        }
        big.table.runDeferred(0);
        big.table.trim();
        assertEquals(512, big.table.sidxHash().size());
        assertEquals(Sidx.of(30, 0), big.table.lookup(6, Pif.TAP, TestTable.side(30)));
        assertEquals(0, big.active(FlowType.TCP, 1).index());
    }

    @Test
    void knowsItsBounds() {
        assertThrows(IllegalArgumentException.class,
            () -> new FlowTable(0, 0, 0, test, test.log, test.counters));
        assertThrows(IllegalArgumentException.class,
            () -> new FlowTable(131072, 0, 0, test, test.log, test.counters));
        assertFalse(FlowTable.MAX_FLOWS != 131071);
    }
}
