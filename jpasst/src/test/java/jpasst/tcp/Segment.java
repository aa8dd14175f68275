// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.dontFragment;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.tcp;
import static jpasst.testing.Checks.ttl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import jpasst.testing.RecordedFrame;

/**
 * A segment the guest was sent, taken apart. Whatever holds for every frame of ours (TTL 255, DF,
 * 60 bytes at least, checksums, offload facts that fit) is checked on the way.
 */
record Segment(boolean v4, int sourcePort, int targetPort, int sequence, int acknowledgment,
        int flags, int window, byte[] options, byte[] data, int flowLabel, RecordedFrame frame) {
    static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;

    static Segment of(RecordedFrame frame) {
        byte[] b = frame.bytes();
        boolean v4 = u16(b, 12) == 0x0800;
        if (v4) {
            assertFrame(frame, ipv4(ttl(255), dontFragment(), tcp()));
            assertEquals(0, u16(b, 18), "identification");
            assertEquals(0, b[15], "type of service");
        } else {
            assertFrame(frame, ipv6(ttl(255), tcp()));
        }
        assertTrue(b.length >= 60, "frame of " + b.length + " bytes");
        int at = v4 ? 34 : 54;
        int end = v4 ? 14 + u16(b, 16) : 54 + u16(b, 18);
        int header = (b[at + 12] >> 4 & 15) * 4;
        for (int i = end; i < b.length; i++) assertEquals(0, b[i], "padding");
        var segment = new Segment(v4, u16(b, at), u16(b, at + 2), u32(b, at + 4), u32(b, at + 8),
                b[at + 13] & 0xff, u16(b, at + 14), Arrays.copyOfRange(b, at + 20, at + header),
                Arrays.copyOfRange(b, at + header, end), v4 ? 0 : u32(b, 14) & 0xfffff, frame);
        segment.checkFacts(at);
        return segment;
    }

    private void checkFacts(int tcpAt) {
        if (frame.gsoType() != 0) {
            assertEquals(v4 ? 1 : 4, frame.gsoType(), "GSO type");
            assertTrue(data.length > frame.gsoSize(), "GSO of one segment");
            assertTrue(frame.needsChecksum(), "GSO needs a partial checksum");
        }
        if (frame.needsChecksum()) {
            assertEquals(tcpAt, frame.checksumStart());
            assertEquals(16, frame.checksumOffset());
        }
        if (data.length > 0) assertEquals(ACK, flags & ACK, "data without ACK");
    }

    boolean has(int wanted) {
        return (flags & wanted) == wanted;
    }

    /** Sequence numbers it takes. */
    int length() {
        return data.length + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }

    String text() {
        return new String(data, java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "seq " + Integer.toUnsignedString(sequence) + " ack "
                + Integer.toUnsignedString(acknowledgment) + " flags "
                + Integer.toHexString(flags) + " window " + window + " length " + data.length
                + (frame.gsoType() != 0 ? " gso " + frame.gsoSize() : "");
    }

    private static int u16(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
    }

    private static int u32(byte[] b, int at) {
        return u16(b, at) << 16 | u16(b, at + 2);
    }
}
