// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jpasst.log.Log;
import jpasst.metrics.Counters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Look-ups in a table of as many flows, the life of one flow, and the pass over idle ones. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class FlowTableBenchmark {
    private static final int TCP = 6;
    private static final long V4 = 0x0000ffff_00000000L;
    private static final long GUEST = V4 | 0xc000020aL;
    /** Probes are taken in turn from as many: a power of two. */
    private static final int PROBES = 1024;

    /** Flows in the table; the largest leaves one slot, for the one that comes and goes. */
    @Param({"10", "10000", "131070"})
    public int flows;

    private final FlowSide[] known = new FlowSide[PROBES];
    private final FlowSide unknown = new FlowSide().set(GUEST, GUEST, 1, 0, V4 | 1, 1);
    private FlowTable table;
    private int turn;
    private long nowNs;

    /** Fills the table with flows that want nothing. */
    @Setup
    public void fill() {
        table = new FlowTable(FlowTable.MAX_FLOWS, 1, 2, FlowTableBenchmark::toHost, new Log(),
                new Counters());
        table.handler(FlowType.TCP, new Idle());
        for (int i = 0; i < flows; i++)
            open(0, V4 | i, i & 0xffff);
        var random = new SplittableRandom(7);
        for (int i = 0; i < PROBES; i++) {
            int flow = random.nextInt(flows);
            known[i] = new FlowSide().set(0, GUEST, 1 + (flow & 0x7fff), 0, V4 | flow, 80);
        }
    }

    /** A packet of a flow that exists. */
    @Benchmark
    public int lookup() {
        return table.lookup(TCP, Pif.TAP, known[turn++ & (PROBES - 1)]);
    }

    /** A packet of none. */
    @Benchmark
    public int lookupInVain() {
        return table.lookup(TCP, Pif.TAP, unknown);
    }

    /** A flow from its first packet to its end in the deferred pass. */
    @Benchmark
    public int life() {
        int sidx = open(0, V4 | 0x0a000000 | turn++ & 0xffff, 9);
        table.remove(sidx);
        table.markDeferred(table.at(sidx));
        table.runDeferred(nowNs++);
        return sidx;
    }

    /** A round in which nothing happened to any flow. */
    @Benchmark
    public void idlePass() {
        table.runDeferred(nowNs++);
    }

    private int open(long high, long low, int seed) {
        var flow = table.allocate()
                .initiate(Pif.TAP, 0, GUEST, 1 + (seed & 0x7fff), high, low, 80)
                .target(TCP, TargetChooser.NO_RULE_HINT).type(FlowType.TCP, "a body").activate();
        int sidx = Sidx.of(flow.index(), 0);
        table.insert(sidx);
        return sidx;
    }

    private static Pif toHost(Pif initiating, FlowSide side, int protocol, int ruleHint,
            FlowSide target) {
        target.set(side.ourHigh(), side.ourLow(), side.ourPort(), 0, V4, 0);
        return Pif.HOST;
    }

    /** Ends every flow that is marked. */
    private static final class Idle implements FlowHandler {
        @Override
        public boolean deferred(Flow flow, long nowNs) {
            return true;
        }

        @Override
        public boolean timer(Flow flow, long nowNs) {
            return false;
        }
    }
}
