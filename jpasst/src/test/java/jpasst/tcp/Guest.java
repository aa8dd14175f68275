// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.Segment.ACK;
import static jpasst.tcp.Segment.FIN;
import static jpasst.tcp.Segment.PSH;
import static jpasst.tcp.Segment.RST;
import static jpasst.tcp.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

import jpasst.testing.FrameBuilder;

/**
 * The guest's end of a connection, which does nothing by itself: a script says what it sends and
 * what it must have been sent. Whatever it is sent is held against its window, what it sent, and
 * the windows it was given.
 */
final class Guest {
    final String address;
    final int port;
    final String remote;
    final int remotePort;
    private final TcpHarness harness;
    private final Deque<Segment> inbox = new ArrayDeque<>();

    /** Initial sequence number. */
    int isn = 1000;
    /** Options of the SYN. */
    byte[] options = {2, 4, 5, (byte) 0xb4, 1, 3, 3, 7}; // MSS 1460, scale 7
    int synWindow = 64240;
    /** Shift of windows after the handshake. */
    int scale = 7;
    /** Largest segment it may be sent. */
    int mss = 1460;
    /** Shift of the windows it is given. */
    int theirScale = 8;
    /** Window field of what it sends. */
    int window = 512;

    /** Next sequence number to send. */
    int next;
    /** Next sequence number expected, as far as it has told. */
    int expected;
    /** Our initial sequence number, as the guest learned it. */
    int theirIsn;

    private boolean synSeen;
    private boolean closing;
    private int highestSent;
    private int rightEdgeGiven;
    private boolean edgeSeen;
    private int rightEdge;
    private int lastAck;
    /** Whether the guest broke the rules of windows itself, so that we cannot be held to them. */
    boolean lawless;

    Guest(TcpHarness harness, String address, int port, String remote, int remotePort) {
        this.harness = harness;
        this.address = address;
        this.port = port;
        this.remote = remote;
        this.remotePort = remotePort;
        harness.register(this);
    }

    /** Opens: SYN, SYN and ACK, ACK; and takes the window update which may follow. */
    Guest open() {
        syn();
        expectSynAck();
        ack();
        if (!inbox.isEmpty()) {
            Segment update = take();
            assertTrue(update.flags() == ACK && update.data().length == 0, update.toString());
        }
        return this;
    }

    void syn() {
        next = isn;
        highestSent = isn;
        send(frame(SYN, isn, 0, synWindow, options));
        next = isn + 1;
        highestSent = next;
    }

    /** Answers a SYN: SYN and ACK, and takes the ACK. */
    Guest accept() {
        expectSyn();
        synAck();
        expectFirstAck();
        return this;
    }

    Segment expectSyn() {
        Segment s = take();
        assertEquals(SYN, s.flags(), s.toString());
        assertEquals(0, s.acknowledgment());
        theirIsn = s.sequence();
        expected = theirIsn + 1;
        return s;
    }

    void synAck() {
        send(synAck(""));
    }

    /** A frame with SYN and ACK, and data. */
    byte[] synAck(String data) {
        // Scales count if both sides give one (RFC 7323 section 2.2).
        if (options.length < 8) theirScale = 0;
        next = isn + 1;
        highestSent = next + data.length();
        return builder(SYN | ACK, isn, expected, synWindow, options)
                .payload(data.getBytes(StandardCharsets.US_ASCII)).bytes();
    }

    /** The ACK of SYN and ACK, which data may follow. */
    Segment expectFirstAck() {
        Segment s = take();
        assertEquals(ACK, s.flags(), s.toString());
        assertEquals(0, s.data().length, s.toString());
        assertEquals(isn + 1, s.acknowledgment());
        assertEquals(expected, s.sequence());
        return s;
    }

    Segment expectSynAck() {
        Segment answer = take();
        assertEquals(SYN | ACK, answer.flags(), answer.toString());
        assertEquals(isn + 1, answer.acknowledgment());
        theirIsn = answer.sequence();
        expected = theirIsn + 1;
        if (answer.options().length < 8) theirScale = 0;
        return answer;
    }

    /** An ACK of all that was taken so far. */
    void ack() {
        send(segment(ACK, next, ""));
    }

    /** An ACK with another window field. */
    void ack(int windowField) {
        window = windowField;
        ack();
    }

    /** Data that continues the stream. */
    void data(String text) {
        data(text.getBytes(StandardCharsets.US_ASCII));
    }

    void data(byte... bytes) {
        byte[] frame = segment(ACK | PSH, next, bytes);
        next += bytes.length;
        send(frame);
    }

    void fin() {
        byte[] frame = segment(FIN | ACK, next, "");
        next++;
        send(frame);
    }

    void rst() {
        closing = true;
        send(segment(RST, next, ""));
    }

    byte[] segment(int flags, int sequence, String text) {
        return segment(flags, sequence, text.getBytes(StandardCharsets.US_ASCII));
    }

    byte[] segment(int flags, int sequence, byte[] data) {
        int end = sequence + data.length + ((flags & FIN) != 0 ? 1 : 0);
        if (end - highestSent > 0) highestSent = end;
        return builder(flags, sequence, expected, window).payload(data).bytes();
    }

    byte[] frame(int flags, int sequence, int acknowledgment, int windowField, byte... option) {
        return builder(flags, sequence, acknowledgment, windowField, option).bytes();
    }

    FrameBuilder builder(int flags, int sequence, int acknowledgment, int windowField,
            byte... option) {
        int edge = expected + (windowField << ((flags & SYN) != 0 ? 0 : scale));
        if (synSeen && edge - rightEdgeGiven > 0) rightEdgeGiven = edge;
        return FrameBuilder.frame().ip(address, remote).tcp(port, remotePort, sequence,
                acknowledgment, flags, windowField, option);
    }

    /** Frames of one batch. */
    void send(byte[]... frames) {
        harness.fromTap(frames);
    }

    /** Takes note of what is on its way to this guest, and judges it. */
    void sent(Segment s) {
        inbox.add(s);
        if (s.sourcePort() != remotePort) return;
        if (s.has(SYN)) {
            synSeen = true;
            rightEdgeGiven = s.sequence() + 1 + synWindow;
            return;
        }
        if (s.has(RST) || lawless || !synSeen) return;
        assertTrue(s.data().length <= mss || s.frame().gsoSize() == mss,
                "segments larger than " + mss + ": " + s);
        if (s.data().length > 0) {
            int end = s.sequence() + s.data().length;
            // One byte may probe a window that is shut.
            assertTrue(end - rightEdgeGiven <= 0 || s.data().length == 1,
                    (end - rightEdgeGiven) + " beyond the guest's window: " + s);
        }
        if (s.has(ACK) && !closing) judgeAcknowledgment(s);
    }

    private void judgeAcknowledgment(Segment s) {
        assertTrue(s.acknowledgment() - highestSent <= 0, "acknowledges what was not sent: " + s);
        int edge = s.acknowledgment() + (s.window() << theirScale);
        if (edgeSeen) {
            assertTrue(s.acknowledgment() - lastAck >= 0, "acknowledgment goes back: " + s);
            int least = isHeldUp() ? 1 - (1 << theirScale) : 0;
            assertTrue(edge - rightEdge >= least, "right edge goes back: " + s);
        }
        edgeSeen = true;
        lastAck = s.acknowledgment();
        rightEdge = edge;
    }

    /** Whether so much is held for the peer that windows are rounded down. */
    private boolean isHeldUp() {
        TcpConnection c = harness.state(this);
        return c != null && c.edgeToTap - c.seqFromTap + c.buffered() > 1_000_000;
    }

    /** Takes note of the window in a segment, of which {@link #lawless} guests must see to it. */
    void learnEdge(Segment s) {
        int edge = s.acknowledgment() + (s.window() << theirScale);
        if (edge - rightEdge > 0) rightEdge = edge;
    }

    /** Bytes it may send beyond what was acknowledged, as announced last. */
    int roomGiven() {
        return rightEdge - next;
    }

    /** The next segment it was sent, which must be there. */
    Segment take() {
        if (inbox.isEmpty()) harness.serve();
        Segment s = inbox.poll();
        assertNotNull(s, "the guest was sent nothing");
        return s;
    }

    /** Index of its flow. */
    int index() {
        return harness.flow(this).index();
    }

    boolean isIdle() {
        return inbox.isEmpty();
    }

    Segment poll() {
        return inbox.poll();
    }

    void expectSilence() {
        harness.serve();
        assertTrue(inbox.isEmpty(), "unexpected: " + inbox);
    }

    /** A pure ACK of this sequence number. */
    Segment expectAck(int acknowledgment) {
        Segment s = take();
        assertEquals(ACK, s.flags(), s.toString());
        assertEquals(0, s.data().length, s.toString());
        assertEquals(Integer.toUnsignedString(acknowledgment),
                Integer.toUnsignedString(s.acknowledgment()), s.toString());
        assertEquals(theirNext(), s.sequence(), s.toString());
        return s;
    }

    private int theirNext() {
        TcpConnection c = harness.state(this);
        return c == null ? expected : c.seqToTap;
    }

    /** A pure ACK of all it sent. */
    Segment expectAck() {
        return expectAck(next);
    }

    /** Data at the expected place, which is taken (acknowledged by what is sent next). */
    Segment expectData(String text) {
        Segment s = take();
        assertEquals(text, s.text(), s.toString());
        assertEquals(expected, s.sequence(), s.toString());
        expected += s.data().length;
        return s;
    }

    /** Data from the expected place on, in however many segments, which is taken. */
    byte[] expectData(int count) {
        var all = new java.io.ByteArrayOutputStream();
        while (all.size() < count) {
            all.writeBytes(expectData(take(), count - all.size()));
        }
        return all.toByteArray();
    }

    /** As {@link #expectData(int)}, acknowledged as it comes. */
    byte[] receive(int count) {
        var all = new java.io.ByteArrayOutputStream();
        while (all.size() < count) {
            all.writeBytes(expectData(take(), count - all.size()));
            if (isIdle()) ack();
        }
        return all.toByteArray();
    }

    private byte[] expectData(Segment s, int most) {
        assertEquals(expected, s.sequence(), s.toString());
        assertTrue(s.data().length <= most, s.toString());
        expected += s.data().length;
        return s.data();
    }

    /** A FIN at the expected place, which is taken. */
    Segment expectFin() {
        Segment s = take();
        assertEquals(FIN | ACK, s.flags(), s.toString());
        assertEquals(expected, s.sequence(), s.toString());
        expected++;
        return s;
    }

    /** RST with ACK of all it sent. */
    Segment expectReset() {
        Segment s = take();
        assertEquals(RST | ACK, s.flags(), s.toString());
        closing = true;
        return s;
    }
}
