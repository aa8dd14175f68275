// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import jpasst.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What runs per packet, per round and per flow allocates nothing. */
@Tag("allocation")
class FlowAllocationTest {
    private static final int FLOWS = 200;

    private final TestTable test = new TestTable(1000);
    private final FlowTable table = test.table;
    private final FlowSide probe = TestTable.side(1);
    private int found;

    private void fill() {
        for (int i = 0; i < FLOWS; i++) {
            Flow flow = test.active(i % 2 == 0 ? FlowType.TCP : FlowType.UDP, 1000 + i);
            table.insert(flow.sidx(0));
        }
    }

    @Test
    void perLookup() {
        fill();
        Allocation.assertNone(1000, () -> {
            probe.set(probe.endpointHigh(), probe.endpointLow(), 1000 + found++ % (2 * FLOWS),
                probe.ourHigh(), probe.ourLow(), probe.ourPort());
            table.lookup(6, Pif.TAP, probe);
        });
    }

    @Test
    void perRound() {
        fill();
        test.handler = new FlowHandler() {
            @Override
            public boolean deferred(Flow flow, long nowNs) {
                return false;
            }

            @Override
            public boolean timer(Flow flow, long nowNs) {
                return false;
            }
        };
        var now = new long[1];
        Allocation.assertNone(1000, () -> {
            table.markDeferred(table.flow(17));
            table.markDeferred(table.flow(150));
            table.runDeferred(now[0] += 300_000_000);
        });
    }

    @Test
    void perLifeOfAFlowButForTheBody() {
        fill();
        Allocation.assertNone(1000, () -> {
            Typed typed = table.allocate().initiate(Pif.TAP, probe)
                .target(17, TargetChooser.NO_RULE_HINT).type(FlowType.UDP, this);
            table.insert(typed.flow().sidx(0));
            table.insert(typed.flow().sidx(1));
            Flow flow = typed.activate();
            table.remove(flow.sidx(0));
            table.remove(flow.sidx(1));
            table.markDeferred(flow);
            table.runDeferred(0);
            table.allocate().initiate(Pif.TAP, probe).cancel();
        });
    }
}
