// SPDX-License-Identifier: Apache-2.0

package jpasst.tcp;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * How much memory an idle connection takes, in a heap as the program has it (launcher/jvm.options),
 * and how long it takes to open so many. The kernel's part, its socket, is not in it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(value = 1, jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms8m", "-Xmx128m",
    "-Xmn5m", "-XX:-ShrinkHeapInSteps", "-XX:MinHeapFreeRatio=20",
    "-XX:MaxHeapFreeRatio=40"})
public class FlowMemoryBenchmark {
    /** Connections: the last one is a full table. */
    @Param({"19000", "131071"})
    public int flows;

    private SimulatedFlows simulated;
    private long heapBefore;

    /** Figures beside the time. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Memory {
        /** Of the heap, for each connection. */
        public long bytesPerFlow;
        /** Outside the heap, of all connections: pieces of buffers, none while they are idle. */
        public long chunksOutside;
        /** The same where each of them has once had something in its buffer. */
        public long bytesPerUsedFlow;
        /** Of the heap, after all of them ended, more than before: all of them together. */
        public long bytesKept;
        /** How large the heap was with all of them, KiB, and how large it is after. */
        public long heapWithKib;
        /** See {@link #heapWithKib}. */
        public long heapAfterKib;
        /** How long the collection takes by which the memory is given back, us. */
        public long collectionUs;
    }

    /** One connection comes and goes, so that what is made once is there. */
    @Setup
    public void prepare() {
        simulated = new SimulatedFlows().open(0, 1);
        simulated.closeAll();
        heapBefore = heapBytes();
    }

    /** Opens all, and looks; closes all, and looks again. */
    @Benchmark
    public int fill(Memory memory) {
        simulated.open(0, flows);
        int opened = simulated.count();
        memory.bytesPerFlow = (heapBytes() - heapBefore) / flows;
        memory.chunksOutside = simulated.chunks();
        simulated.useBuffers();
        memory.bytesPerUsedFlow = (heapBytes() - heapBefore) / flows;
        memory.heapWithKib = Runtime.getRuntime().totalMemory() >> 10;
        simulated.closeAll();
        simulated.trim();
        long start = System.nanoTime();
        System.gc();
        memory.collectionUs = (System.nanoTime() - start) / 1000;
        memory.heapAfterKib = Runtime.getRuntime().totalMemory() >> 10;
        memory.bytesKept = heapBytes() - heapBefore;
        return opened;
    }

    /** Ends the table. */
    @TearDown
    public void close() {
        simulated.close();
    }

    /** What is in use after a collection, which the serial collector does at once and wholly. */
    private static long heapBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
