// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

import jpasst.testing.Allocation;
import jpasst.wire.BigEndian;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.IpProtocol;
import jpasst.wire.Ipv4Header;
import jpasst.wire.Ipv6Header;
import jpasst.wire.TcpHeader;
import jpasst.wire.TcpOptions;
import jpasst.wire.UdpHeader;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class SoftwareOffloadTest {
    private static final int ETHERNET = EthernetHeader.LENGTH;
    private static final int ALL_FLAGS = TcpHeader.FIN | TcpHeader.PSH | TcpHeader.ACK
            | TcpHeader.CWR;
    private static final int FIRST_SEQUENCE = 0xffff_ff00;
    private static final int FIRST_ID = 0xfffe;

    private final Arena arena = Arena.ofAuto();
    private final Frame frame = new Frame(arena);
    private final Recorder recorder = new Recorder();
    private final IpPacket packet = new IpPacket();

    /** Keeps copies of the frames it takes; refuses all from a given one on. */
    private static final class Recorder implements FrameSink {
        final List<byte[]> frames = new ArrayList<>();
        final List<Boolean> partial = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        int runCount = -1;
        int runBytes;
        boolean refusesRuns;
        int gsoType;

        @Override
        public boolean takesRun(int count, int bytes) {
            runCount = count;
            runBytes = bytes;
            return !refusesRuns;
        }

        @Override
        public boolean send(Frame frame) {
            if (frames.size() >= room) {
                return false;
            }
            frames.add(frame.memory().asSlice(frame.at(), frame.length())
                    .toArray(ValueLayout.JAVA_BYTE));
            partial.add(frame.needsChecksum());
            gsoType = frame.gsoType();
            return true;
        }
    }

    /** Lends places in a memory of its own, one behind the other. */
    private static final class Lender implements FrameSink {
        final MemorySegment memory;
        final List<byte[]> frames = new ArrayList<>();
        long end;
        int lent;

        Lender(Arena arena) {
            memory = arena.allocate(1 << 20);
            memory.fill((byte) 0xee);
        }

        @Override
        public boolean lend(Frame frame, int length) {
            lent = length;
            frame.wrap(memory, end, length);
            return true;
        }

        @Override
        public boolean send(Frame frame) {
            assertEquals(memory, frame.memory());
            assertEquals(end, frame.at());
            assertEquals(lent, frame.length());
            frames.add(memory.asSlice(end, frame.length()).toArray(ValueLayout.JAVA_BYTE));
            end += frame.length();
            return true;
        }
    }

    private SoftwareOffload none() {
        return new SoftwareOffload(recorder, arena, false, false, false, false);
    }

    /** A super-frame in {@link #frame}: headers complete but for the partial checksum. */
    private byte[] superFrame(boolean isV4, boolean isTcp, int optionsLength, int size,
            int segment) {
        int transport = isTcp ? TcpHeader.LENGTH + optionsLength : UdpHeader.LENGTH;
        int start = ETHERNET + (isV4 ? Ipv4Header.LENGTH : Ipv6Header.LENGTH);
        frame.reset().length(start + transport + size);
        var memory = frame.memory();
        long at = frame.at();
        var payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i * 13 + i / 251);
        }
        MemorySegment.copy(payload, 0, memory, ValueLayout.JAVA_BYTE, at + start + transport,
                size);
        new EthernetHeader().wrap(memory, at).target(0x020000000001L).source(0x9a559a559a55L)
                .type(isV4 ? EthernetHeader.ETHERTYPE_IPV4 : EthernetHeader.ETHERTYPE_IPV6);
        int protocol = isTcp ? IpProtocol.TCP : IpProtocol.UDP;
        int pseudoHeader = writeNetwork(isV4, protocol, transport + size);
        if (isTcp) {
            new TcpHeader().wrap(memory, at + start).write(80, 40000, FIRST_SEQUENCE, 7,
                    transport, ALL_FLAGS, 1000).checksum(pseudoHeader);
            if (optionsLength > 0) {
                TcpOptions.putSyn(memory, at + start + TcpHeader.LENGTH, 1460, 7);
            }
        } else {
            new UdpHeader().wrap(memory, at + start).write(53, 40000, transport + size)
                    .checksum(pseudoHeader);
        }
        frame.partialChecksum(start, isTcp ? TcpHeader.CHECKSUM_OFFSET : UdpHeader.CHECKSUM_OFFSET);
        int tcpType = isV4 ? Frame.GSO_TCPV4 : Frame.GSO_TCPV6;
        if (segment > 0) {
            frame.gso(isTcp ? tcpType : Frame.GSO_UDP_L4, segment, start + transport);
        }
        return payload;
    }

    private int writeNetwork(boolean isV4, int protocol, int length) {
        var memory = frame.memory();
        long at = frame.at() + ETHERNET;
        if (isV4) {
            new Ipv4Header().wrap(memory, at)
                    .write(Ipv4Header.LENGTH + length, 255, protocol, 0xc0000201, 0xc0000202)
                    .identification(FIRST_ID).fillHeaderChecksum();
            return Checksum.pseudoHeaderV4(0xc0000201, 0xc0000202, protocol, length);
        }
        new Ipv6Header().wrap(memory, at).write(length, protocol, 255, 0xabcde)
                .source(0xfd00L << 48, 1).destination(0xfd00L << 48, 2);
        return Checksum.pseudoHeaderV6(0xfd00L << 48, 1, 0xfd00L << 48, 2, protocol, length);
    }

    /** Parses a recorded frame as a receiver does, trusting nothing. */
    private void receive(byte[] bytes) {
        var memory = MemorySegment.ofArray(bytes);
        assertEquals(0x020000000001L, new EthernetHeader().wrap(memory, 0).target());
        int etherType = new EthernetHeader().wrap(memory, 0).type();
        assertTrue(packet.parse(memory, ETHERNET, bytes.length - ETHERNET, etherType),
                () -> packet.dropReason().name());
        assertTrue(Checksum.verifyTcpUdp(packet));
    }

    @Property(tries = 300)
    void tcpSegmentsReassembleToTheOriginal(@ForAll boolean isV4, @ForAll boolean withOptions,
            @ForAll @IntRange(min = 100, max = 20_000) int segment,
            @ForAll @IntRange(max = 65_000) int size) {
        recorder.frames.clear();
        var payload = superFrame(isV4, true, withOptions ? TcpOptions.SYN_LENGTH : 0, size,
                segment);
        assertTrue(none().send(frame));
        int count = Math.max(1, (size + segment - 1) / segment);
        assertEquals(count, recorder.frames.size());
        var received = new ByteArrayOutputStream();
        var tcp = new TcpHeader();
        for (int i = 0; i < count; i++) {
            var bytes = recorder.frames.get(i);
            receive(bytes);
            assertEquals(isV4, packet.isV4());
            tcp.wrap(packet.memory(), packet.payloadAt());
            assertTrue(tcp.isValid(packet.payloadLength()));
            assertEquals(FIRST_SEQUENCE + received.size(), tcp.sequenceNumber());
            assertEquals(7, tcp.acknowledgmentNumber());
            assertEquals(1000, tcp.window());
            int flags = TcpHeader.ACK | (i == 0 ? TcpHeader.CWR : 0)
                    | (i == count - 1 ? TcpHeader.FIN | TcpHeader.PSH : 0);
            assertEquals(flags, tcp.flags());
            if (withOptions) {
                assertEquals(1460, TcpOptions.maximumSegmentSize(packet.memory(),
                        packet.payloadAt() + TcpHeader.LENGTH, TcpOptions.SYN_LENGTH));
            }
            if (isV4) {
                assertEquals(FIRST_ID + i & 0xffff, new Ipv4Header()
                        .wrap(packet.memory(), ETHERNET).identification());
            }
            int data = packet.payloadLength() - tcp.dataOffset();
            assertTrue(data == segment || i == count - 1 && data <= segment);
            received.write(bytes, (int) packet.payloadAt() + tcp.dataOffset(), data);
        }
        assertArrayEquals(payload, received.toByteArray());
    }

    @Property(tries = 200)
    void datagramsOfASuperFrameKeepTheirOrderAndBytes(@ForAll boolean isV4,
            @ForAll @IntRange(min = 100, max = 9000) int segment,
            @ForAll @IntRange(max = 65_000) int size) {
        recorder.frames.clear();
        var payload = superFrame(isV4, false, 0, size, segment);
        assertTrue(none().send(frame));
        var received = new ByteArrayOutputStream();
        var udp = new UdpHeader();
        for (var bytes : recorder.frames) {
            receive(bytes);
            udp.wrap(packet.memory(), packet.payloadAt());
            assertTrue(udp.isValid(packet.payloadLength()));
            assertEquals(packet.payloadLength(), udp.length());
            assertEquals(53, udp.sourcePort());
            received.write(bytes, (int) packet.payloadAt() + UdpHeader.LENGTH,
                    udp.length() - UdpHeader.LENGTH);
        }
        assertArrayEquals(payload, received.toByteArray());
    }

    @Property(tries = 100)
    void completesTheChecksumOfOrdinaryFramesInPlace(@ForAll boolean isV4,
            @ForAll boolean isTcp, @ForAll @IntRange(max = 2000) int size) {
        recorder.frames.clear();
        superFrame(isV4, isTcp, 0, size, 0);
        assertTrue(none().send(frame));
        assertEquals(1, recorder.frames.size());
        assertFalse(frame.needsChecksum());
        receive(recorder.frames.getFirst());
        assertTrue(none().send(frame));
        assertArrayEquals(recorder.frames.get(0), recorder.frames.get(1));
    }

    @Test
    void padsShortSegments() {
        superFrame(true, true, 0, 101, 100);
        assertTrue(none().send(frame));
        var last = recorder.frames.get(1);
        assertEquals(EthernetHeader.MINIMUM_FRAME, last.length);
        for (int i = ETHERNET + 41; i < last.length; i++) {
            assertEquals(0, last[i]);
        }
        receive(last);
        assertEquals(21, packet.payloadLength());
    }

    @Test
    void passesWhatTheSinkSupports() {
        var offload = new SoftwareOffload(recorder, arena, true, true, false, true);
        superFrame(true, true, 0, 5000, 1000);
        assertTrue(offload.send(frame));
        assertEquals(1, recorder.frames.size());
        assertEquals(Frame.GSO_TCPV4, recorder.gsoType);
        assertTrue(frame.needsChecksum());

        superFrame(false, true, 0, 5000, 1000);
        assertTrue(offload.send(frame));
        assertEquals(6, recorder.frames.size());
        assertTrue(recorder.partial.get(5), "completing the checksum is left to the sink");
        assertEquals(Frame.GSO_NONE, recorder.gsoType);

        superFrame(true, false, 0, 5000, 1000);
        assertTrue(offload.send(frame));
        assertEquals(7, recorder.frames.size());
    }

    @Test
    void segmentsForASinkWithChecksumOffloadCarryTheirPseudoHeader() {
        superFrame(false, true, 0, 2500, 1000);
        new SoftwareOffload(recorder, arena, true, false, false, false).send(frame);
        for (var bytes : recorder.frames) {
            var memory = MemorySegment.ofArray(bytes);
            int length = bytes.length - ETHERNET - Ipv6Header.LENGTH;
            assertEquals(Checksum.pseudoHeaderV6(0xfd00L << 48, 1, 0xfd00L << 48, 2,
                    IpProtocol.TCP, length), BigEndian.u16(memory,
                    ETHERNET + Ipv6Header.LENGTH + TcpHeader.CHECKSUM_OFFSET));
        }
    }

    @Property(tries = 100)
    void makesSegmentsWhereTheSinkLendsThePlace(@ForAll boolean isV4, @ForAll boolean isTcp,
            @ForAll @IntRange(min = 1, max = 3000) int segment,
            @ForAll @IntRange(max = 5_000) int size) {
        recorder.frames.clear();
        superFrame(isV4, isTcp, 0, size, segment);
        var lender = new Lender(arena);
        assertTrue(new SoftwareOffload(lender, arena, false, false, false, false).send(frame));
        assertTrue(none().send(frame));
        assertEquals(recorder.frames.size(), lender.frames.size());
        for (int i = 0; i < lender.frames.size(); i++) {
            assertArrayEquals(recorder.frames.get(i), lender.frames.get(i));
        }
    }

    @Property(tries = 200)
    void asksForRoomForAllSegments(@ForAll boolean isV4, @ForAll boolean isTcp,
            @ForAll @IntRange(min = 1, max = 3000) int segment,
            @ForAll @IntRange(max = 5_000) int size) {
        recorder.frames.clear();
        superFrame(isV4, isTcp, 0, size, segment);
        assertTrue(none().send(frame));
        int bytes = recorder.frames.stream().mapToInt(segmentBytes -> segmentBytes.length).sum();
        assertEquals(recorder.frames.size(), recorder.runCount);
        assertEquals(bytes, recorder.runBytes);
    }

    @Test
    void refusesTheWholeIfTheSinkHasNoRoomForAllSegments() {
        superFrame(true, true, 0, 5000, 1000);
        recorder.refusesRuns = true;
        var offload = none();
        assertFalse(offload.send(frame));
        assertEquals(0, recorder.frames.size());
        assertEquals(0, offload.lostSegments());
        frame.plain();
        assertTrue(offload.send(frame), "one frame is no run");
    }

    @Test
    void refusesTheWholeIfTheFirstSegmentIsRefused() {
        superFrame(true, true, 0, 5000, 1000);
        var before = frame.memory().asSlice(frame.at(), frame.length())
                .toArray(ValueLayout.JAVA_BYTE);
        recorder.room = 0;
        var offload = none();
        assertFalse(offload.send(frame));
        assertEquals(0, offload.lostSegments());
        assertArrayEquals(before, frame.memory().asSlice(frame.at(), frame.length())
                .toArray(ValueLayout.JAVA_BYTE));
        recorder.room = Integer.MAX_VALUE;
        assertTrue(offload.send(frame));
        assertEquals(5, recorder.frames.size());
    }

    @Test
    void losesTheRestIfALaterSegmentIsRefused() {
        superFrame(true, true, 0, 5000, 1000);
        recorder.room = 2;
        var offload = none();
        assertTrue(offload.send(frame));
        assertEquals(2, recorder.frames.size());
        assertEquals(3, offload.lostSegments());
    }

    @Test
    @Tag("allocation")
    void allocatesNothingPerFrame() {
        var offload = new SoftwareOffload(segment -> true, arena, false, false, false, false);
        superFrame(true, true, 0, 8000, 1000);
        Allocation.assertNone(1000, () -> assertTrue(offload.send(frame)));
    }

    @Test
    void refusesFactsWhichMakeNoSense() {
        var offload = none();
        superFrame(true, true, 0, 5000, 1000);
        frame.gso(Frame.GSO_TCPV4, 0, 54);
        assertThrows(IllegalArgumentException.class, () -> offload.send(frame));
        frame.gso(Frame.GSO_TCPV4, 1000, 54).completeChecksum();
        assertThrows(IllegalArgumentException.class, () -> offload.send(frame));
        frame.gso(Frame.GSO_TCPV4, 1000, 54).partialChecksum(5, 16);
        assertThrows(IllegalArgumentException.class, () -> offload.send(frame));
        frame.gso(Frame.GSO_TCPV4, 1000, 54).partialChecksum(5050, 16);
        assertThrows(IllegalArgumentException.class, () -> offload.send(frame));
        frame.gso(3, 1000, 54);
        assertThrows(IllegalArgumentException.class, () -> offload.send(frame));
        assertThrows(IllegalArgumentException.class,
                () -> new SoftwareOffload(recorder, arena, false, true, false, false));
    }
}
