// SPDX-License-Identifier: Apache-2.0

package jpasst.tcp;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import jpasst.flow.FlowTable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What connections that say nothing cost the others, up to a full table. What must not grow with
 * their number is a round of the loop, and a segment but for the processor's caches; what may is
 * only {@link #second}, by the signs of life that come due in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms8m", "-Xmx128m",
    "-Xmn5m"})
public class ScaleBenchmark {
    /** Hosts are taken in turn from as many: a power of two. */
    private static final int PROBES = 1 << 14;
    private static final long SECOND_NS = 1_000_000_000L;
    /** They are opened anew before two hours without any activity have them reset. */
    private static final int SECONDS_PER_TABLE = 7000;

    /** Idle connections: the last slot of a full table is for the one that comes and goes. */
    @Param({"1", "10000", "131070"})
    public int flows;

    private final int[] hosts = new int[PROBES];
    private SimulatedFlows simulated;
    private int turn;
    private int seconds;

    /** Opens them. */
    @Setup
    public void open() {
        if (flows >= FlowTable.MAX_FLOWS) throw new IllegalArgumentException("no slot is left");
        simulated = new SimulatedFlows().open(0, flows);
        var random = new SplittableRandom(7);
        for (int i = 0; i < PROBES; i++) hosts[i] = random.nextInt(flows);
    }

    /** Ends them. */
    @TearDown
    public void close() {
        simulated.close();
    }

    /** A round in which nothing happens, epoll_wait(2) included. */
    @Benchmark
    public void round() {
        simulated.round(1);
    }

    /** A second in which nothing happens but that some guests are asked for a sign of life. */
    @Benchmark
    public long second() {
        if (++seconds % SECONDS_PER_TABLE == 0) reopen();
        simulated.round(SECOND_NS);
        return simulated.framesToGuest();
    }

    private void reopen() {
        simulated.closeAll();
        simulated.open(0, flows);
    }

    /** An acknowledgement of one of the guests, from the frame to the end of the batch. */
    @Benchmark
    public void segment() {
        simulated.acknowledgment(hosts[turn++ & PROBES - 1]);
    }

    /** A connection from its place in the table to its end, and the round which frees it. */
    @Benchmark
    public int life() {
        simulated.open(flows, 1);
        simulated.abandon(flows);
        simulated.round(1);
        return simulated.count();
    }
}
