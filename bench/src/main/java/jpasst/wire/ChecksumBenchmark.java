// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The Internet checksum over a header, a segment of a small MTU, and a super-frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class ChecksumBenchmark {
    /** Bytes summed up. */
    @Param({"20", "1460", "65495"})
    public int length;

    private final MemorySegment memory = Arena.global().allocate(1 << 16, 8).fill((byte) 0x5a);

    /** Aligned as a payload behind Ethernet, IPv4 and TCP headers is. */
    @Benchmark
    public int sum() {
        return Checksum.finish(Checksum.sum(memory, 2, length, 0));
    }
}
