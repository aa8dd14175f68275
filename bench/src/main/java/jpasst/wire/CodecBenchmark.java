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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Peeling a packet down to its TCP header, and writing the headers of one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CodecBenchmark {
    private static final int HOST = 0xc000020a;
    private static final int SERVER = 0xc0000202;
    private static final int LENGTH = Ipv4Header.LENGTH + TcpHeader.LENGTH;

    private final MemorySegment received = Arena.global().allocate(LENGTH, 8);
    private final MemorySegment built = Arena.global().allocate(LENGTH, 8);
    private final IpPacket packet = new IpPacket();
    private final Ipv4Header ip = new Ipv4Header();
    private final TcpHeader tcp = new TcpHeader();
    private int sequence;

    /** A segment to be parsed. */
    @Setup
    public void write() {
        writeHeaders(received);
    }

    /** What every TCP segment from the guest goes through; sums up all fields read. */
    @Benchmark
    public long parse() {
        if (!packet.parse(received, 0, LENGTH, EthernetHeader.ETHERTYPE_IPV4)) return -1;
        tcp.wrap(packet.memory(), packet.payloadAt());
        if (!tcp.isValid(packet.payloadLength())) return -1;
        return packet.sourceLow() + packet.destinationLow() + tcp.sourcePort()
                + tcp.destinationPort() + tcp.sequenceNumber() + tcp.acknowledgmentNumber()
                + tcp.flags() + tcp.window();
    }

    /** What every segment to the guest needs, checksum of the IPv4 header included. */
    @Benchmark
    public MemorySegment build() {
        writeHeaders(built);
        return built;
    }

    private void writeHeaders(MemorySegment to) {
        ip.wrap(to, 0).write(LENGTH, 255, IpProtocol.TCP, SERVER, HOST).fillHeaderChecksum();
        tcp.wrap(to, Ipv4Header.LENGTH)
                .write(80, 40000, sequence++, 1, TcpHeader.LENGTH, TcpHeader.ACK, 65535);
    }
}
