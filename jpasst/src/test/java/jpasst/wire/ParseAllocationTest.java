// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Taking a packet apart and verifying it allocates nothing, once the code is compiled. */
final class ParseAllocationTest {
    private static final int WARM_UP = 40_000;
    private static final int ROUNDS = 5_000;
    private static final int ATTEMPTS = 20;

    private final IpPacket packet = new IpPacket();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpHeader icmp = new IcmpHeader();
    private final NeighborSolicitation solicitation = new NeighborSolicitation();
    private long used;

    @ParameterizedTest
    @CsvSource({"tcp4", "tcp6", "udp4", "udp6", "icmp4", "icmp6", "extensions", "fragment"})
    void allocatesNothing(String kind) {
        var bytes = packetOf(kind);
        int etherType = bytes[0] >>> 4 == 4
                ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6;
        try (var arena = Arena.ofConfined()) {
            var memory = arena.allocate(bytes.length, 8);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
            run(memory, bytes.length, etherType, WARM_UP);
            // The compiler may still be at work: what counts is that it comes to nothing.
            long allocated = -1;
            for (int i = 0; i < ATTEMPTS && allocated != 0; i++) {
                allocated = allocatedBy(memory, bytes.length, etherType);
            }
            assertEquals(0, allocated);
            assertTrue(used != 0);
        }
    }

    private long allocatedBy(MemorySegment memory, int length, int etherType) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long unused = threads.getCurrentThreadAllocatedBytes() - before;
        before = threads.getCurrentThreadAllocatedBytes();
        run(memory, length, etherType, ROUNDS);
        return threads.getCurrentThreadAllocatedBytes() - before - unused;
    }

    private void run(MemorySegment memory, int length, int etherType, int rounds) {
        for (int i = 0; i < rounds; i++) {
            if (packet.parse(memory, 0, length, etherType)) {
                used += AddressCheck.check(packet).ordinal() + packet.sourceLow();
                used += transport();
            } else {
                used += packet.dropReason().ordinal();
            }
        }
    }

    private long transport() {
        int available = packet.payloadLength();
        switch (packet.protocol()) {
            case IpProtocol.TCP -> {
                tcp.wrap(packet.memory(), packet.payloadAt());
                return tcp.isValid(available) && Checksum.verifyTcpUdp(packet)
                        ? tcp.sequenceNumber() + TcpOptions.windowScale(packet.memory(),
                                packet.payloadAt() + TcpHeader.LENGTH,
                                tcp.dataOffset() - TcpHeader.LENGTH)
                        : 0;
            }
            case IpProtocol.UDP -> {
                udp.wrap(packet.memory(), packet.payloadAt());
                return udp.isValid(available) && Checksum.verifyTcpUdp(packet)
                        ? udp.sourcePort() : 0;
            }
            default -> {
                icmp.wrap(packet.memory(), packet.payloadAt());
                boolean isQuestion = solicitation.wrap(packet.memory(), packet.payloadAt())
                        .isValid(available);
                return Checksum.verifyIcmp(packet) && isQuestion ? icmp.sequence() : 1;
            }
        }
    }

    private static byte[] packetOf(String kind) {
        var syn = Packets.tcp(TcpHeader.SYN, 1, Packets.hex("020405b401030307"), new byte[0]);
        return switch (kind) {
            case "tcp4" -> Packets.ipv4(IpProtocol.TCP, syn);
            case "tcp6" -> Packets.ipv6(IpProtocol.TCP, syn);
            case "udp4" -> Packets.ipv4(IpProtocol.UDP, Packets.udp(1200));
            case "udp6" -> Packets.ipv6(IpProtocol.UDP, Packets.udp(1201));
            case "icmp4" -> Packets.ipv4(IpProtocol.ICMP, Packets.echo(8, 56));
            case "icmp6" -> Packets.ipv6(IpProtocol.ICMPV6, Packets.hex(
                    "87000000 00000000 20010db8000000000000000000000007 0101020000000001"));
            case "extensions" -> Packets.ipv6(IpProtocol.HOP_BY_HOP, Packets.concat(
                    Packets.hex("2b00050200000100 0600040000000000"), syn));
            case "fragment" -> Packets.ipv6(IpProtocol.FRAGMENT, Packets.hex("1100000000000000"));
            default -> throw new IllegalArgumentException(kind);
        };
    }
}
