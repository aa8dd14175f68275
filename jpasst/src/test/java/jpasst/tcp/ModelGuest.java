// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A small TCP of a guest, sender and receiver: enough of RFC 9293 and RFC 5681 to get everything
 * through a tap that loses, doubles and reorders. Time is that of the harness.
 */
final class ModelGuest {
    private static final long FIRST_TIMEOUT_NS = 200 * TcpHarness.MILLISECOND;
    private static final long LONGEST_TIMEOUT_NS = 3 * TcpHarness.SECOND;
    private static final int MSS = 1460;

    private final TcpHarness harness;
    private final Guest guest;
    private final Random random;
    private final byte[] outgoing;
    private final int bufferBytes;

    // Sending: offsets into the outgoing bytes; the FIN is at their end.
    private int acked;
    private int next;
    private int highest;
    private int edge;
    private int duplicates;
    private boolean finAcked;
    private long timeoutNs = FIRST_TIMEOUT_NS;
    private long dueNs;

    // Receiving.
    final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final Map<Integer, byte[]> ahead = new TreeMap<>();
    private int unread;
    private int finAt = -1;
    boolean finReceived;
    boolean reset;
    private final int base;
    private final int theirBase;
    private int announced;
    private boolean answer;

    ModelGuest(TcpHarness harness, Guest guest, byte[] outgoing, int bufferBytes, Random random) {
        this.harness = harness;
        this.guest = guest;
        this.outgoing = outgoing;
        this.bufferBytes = bufferBytes;
        this.random = random;
        base = guest.isn + 1;
        theirBase = guest.theirIsn + 1;
        edge = guest.roomGiven();
        dueNs = harness.nowNs + timeoutNs;
        guest.window = bufferBytes >> guest.scale;
        announced = bufferBytes;
    }

    boolean isDone() {
        return finAcked && finReceived && unread == 0 || reset;
    }

    boolean everythingSent() {
        return acked >= outgoing.length;
    }

    /** Takes a segment that got through. */
    void take(Segment s) {
        if (s.has(Segment.RST)) {
            reset = true;
            return;
        }
        if (s.has(Segment.SYN)) {
            answer = true;
            return;
        }
        takeAcknowledgment(s);
        int offset = s.sequence() - theirBase;
        if (s.frame().gsoType() == 0) {
            takeData(offset, s.data(), s.has(Segment.FIN));
            return;
        }
        // What the tap's other end makes of a super-frame; any of its segments may be lost.
        for (int at = 0; at < s.data().length; at += s.frame().gsoSize()) {
            int end = Math.min(s.data().length, at + s.frame().gsoSize());
            if (random.nextInt(1000) < segmentLoss) continue;
            takeData(offset + at, Arrays.copyOfRange(s.data(), at, end), false);
        }
    }

    /** Loss within super-frames, in thousandths. */
    int segmentLoss;

    private void takeAcknowledgment(Segment s) {
        int ack = s.acknowledgment() - base;
        assertTrue(ack <= highest, "ack of " + ack + ", sent " + highest);
        if (ack < acked) return;
        int newEdge = ack + (s.window() << guest.theirScale);
        boolean pure = s.data().length == 0 && !s.has(Segment.FIN);
        if (ack == acked && pure && newEdge == edge && next > acked) {
            if (++duplicates == 3) retransmitFirst();
        }
        if (ack > acked) {
            duplicates = 0;
            acked = ack;
            next = Math.max(next, acked);
            timeoutNs = FIRST_TIMEOUT_NS;
            dueNs = harness.nowNs + timeoutNs;
            if (acked == outgoing.length + 1) finAcked = true;
        }
        edge = Math.max(newEdge, ack);
    }

    private void takeData(int offset, byte[] data, boolean fin) {
        int expected = received.size();
        if (data.length > 0 || fin) answer = true;
        if (fin) finAt = offset + data.length;
        if (finReceived || offset - expected > 1 << 23) return;
        if (data.length > 0 && offset + data.length > expected) {
            byte[] old = ahead.get(offset);
            if (old == null || old.length < data.length) ahead.put(offset, data);
        }
        while (!ahead.isEmpty()) {
            int first = ahead.keySet().iterator().next();
            if (first > received.size()) break;
            byte[] part = ahead.remove(first);
            int skip = received.size() - first;
            if (skip < part.length) {
                received.write(part, skip, part.length - skip);
                unread += part.length - skip;
            }
        }
        if (finAt == received.size()) finReceived = true;
    }

    /** The application reads; what the stack has to say now goes into the list of frames. */
    List<byte[]> act() {
        var frames = new ArrayList<byte[]>();
        if (unread > 0 && random.nextInt(4) != 0) unread -= Math.min(unread, 20_000);
        int window = Math.max(0, bufferBytes - unread);
        // The right edge may not move back, and moves by steps worth it.
        announced = Math.max(announced, received.size());
        if (received.size() + window - announced >= MSS) {
            answer |= announced - received.size() < 2 * MSS;
            announced = received.size() + window;
        }
        guest.expected = theirBase + received.size() + (finReceived ? 1 : 0);
        guest.window = announced - received.size() >> guest.scale;
        timeOut(frames);
        int limit = Math.min(edge, outgoing.length);
        while (next < limit && frames.size() < 30) {
            int end = Math.min(next + 1 + random.nextInt(MSS), limit);
            frames.add(segment(next, end));
            next = end;
            highest = Math.max(highest, next);
        }
        if (next == outgoing.length && edge > next) {
            frames.add(fin());
            next = outgoing.length + 1;
            highest = next;
        }
        if (retransmit) frames.add(0, first());
        retransmit = false;
        if (frames.isEmpty() && answer) frames.add(guest.segment(Segment.ACK, base + next, ""));
        answer = false;
        return frames;
    }

    private boolean retransmit;

    private void retransmitFirst() {
        retransmit = true;
    }

    private byte[] first() {
        return acked >= outgoing.length ? fin()
                : segment(acked, Math.min(acked + MSS, Math.min(highest, outgoing.length)));
    }

    private void timeOut(List<byte[]> frames) {
        boolean waiting = next > acked && !finAcked || acked < outgoing.length && edge <= acked;
        if (!waiting) {
            dueNs = harness.nowNs + timeoutNs;
        } else if (harness.nowNs >= dueNs) {
            timeoutNs = Math.min(2 * timeoutNs, LONGEST_TIMEOUT_NS);
            dueNs = harness.nowNs + timeoutNs;
            duplicates = 0;
            if (next > acked) {
                next = acked;
            } else {
                // The window is shut: a probe as Linux sends it, before what is acknowledged.
                frames.add(guest.segment(Segment.ACK, base + acked - 1, ""));
            }
        }
    }

    private byte[] segment(int from, int to) {
        return guest.segment(Segment.ACK, base + from, Arrays.copyOfRange(outgoing, from, to));
    }

    private byte[] fin() {
        return guest.segment(Segment.ACK | Segment.FIN, base + outgoing.length, "");
    }

    void assertReceived(byte[] wanted) {
        assertEquals(wanted.length, received.size());
        assertTrue(Arrays.equals(wanted, received.toByteArray()), "content differs");
    }

    @Override
    public String toString() {
        return "acked " + acked + " of " + outgoing.length + ", received " + received.size()
                + ", fin acked " + finAcked + ", fin received " + finReceived + ", edge " + edge
                + ", next " + next + ", unread " + unread;
    }
}
