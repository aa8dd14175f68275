// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.Allocation;
import jpasst.testing.GuestFrame;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;

/** Frames of established connections cost no allocation, in either direction. */
@ExtendWith(InSandbox.class)
@Tag("allocation")
class TcpAllocationTest {
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int TCP_AT = 34;
    private static final int SEGMENT = 1460;
    private static final int BATCH = 4;
    private static final int ROUND = 2_000;

    final TcpHarness h = new TcpHarness();
    private final MemorySegment scratch = h.arena.allocate(1 << 20);
    private Guest guest;
    private StreamPeer peer;
    private TcpConnection state;

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    private void connect() {
        var c = h.connect();
        guest = c.guest();
        peer = c.peer();
        state = h.state(guest);
        h.recording = false;
        h.tap.countOnly();
    }

    private GuestFrame frame(int length) {
        var frame = new GuestFrame().load(guest.segment(Segment.ACK, 0, new byte[length]));
        assertTrue(frame.parse());
        frame.frame().trusted(true);
        return frame;
    }

    private void send(GuestFrame frame, int sequence, int acknowledgment) {
        MemorySegment m = frame.frame().memory();
        long at = frame.frame().at() + TCP_AT;
        m.set(U32, at + 4, sequence);
        m.set(U32, at + 8, acknowledgment);
        h.tcp.fromTap(frame.frame(), frame.packet(), h.nowNs);
    }

    private void round() {
        h.nowNs += 100_000;
        h.loop.serve(0, h.nowNs);
    }

    @Test
    void perBatchOfTheGuestsData() {
        connect();
        var frames = new GuestFrame[BATCH];
        for (int i = 0; i < BATCH; i++) frames[i] = frame(SEGMENT);
        Allocation.assertNone(ROUND, () -> {
            for (int i = 0; i < BATCH; i++) send(frames[i], state.seqFromTap, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            round();
            drainPeer();
        });
        assertTrue(h.count(Counter.TCP_BYTES_TO_SOCKETS) > 2L * ROUND * BATCH * SEGMENT - 1);
    }

    private void drainPeer() {
        while (Sockets.recv(peer.fd, scratch, 0, 1 << 20, Sockets.MSG_DONTWAIT) > 0) { }
    }

    @Test
    void perFrameOfThePeersDataAndItsAcknowledgement() {
        connect();
        var ack = frame(0);
        int length = 10_000;
        Allocation.assertNone(ROUND, () -> {
            Sockets.send(peer.fd, scratch, 0, length, Sockets.MSG_DONTWAIT);
            round();
            send(ack, state.seqFromTap, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            round();
        });
        assertEquals(0, h.count(Counter.TCP_RETRANSMITS_TO_TAP));
        assertTrue(h.count(Counter.TCP_BYTES_FROM_SOCKETS) > 2L * ROUND * 9_000);
    }

    @Test
    void perLossInEitherDirection() {
        connect();
        var data = frame(SEGMENT);
        var ahead = frame(SEGMENT);
        var ack = frame(0);
        Allocation.assertNone(ROUND, () -> {
            send(ahead, state.seqFromTap + SEGMENT, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            send(data, state.seqFromTap, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            round();
            drainPeer();
            Sockets.send(peer.fd, scratch, 0, 5000, Sockets.MSG_DONTWAIT);
            round();
            send(ack, state.seqFromTap, state.seqAckFromTap);
            h.tcp.endBatch(h.nowNs);
            send(ack, state.seqFromTap, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            round();
        });
        assertTrue(h.count(Counter.TCP_RETRANSMITS_TO_TAP) > 2L * ROUND - 1);
    }

    @Test
    void perTimer() {
        connect();
        var probe = frame(1);
        Allocation.assertNone(ROUND, () -> {
            send(probe, state.seqFromTap, state.seqToTap);
            h.tcp.endBatch(h.nowNs);
            h.nowNs += 50 * TcpHarness.MILLISECOND;
            h.loop.serve(0, h.nowNs);
            drainPeer();
        });
    }
}
