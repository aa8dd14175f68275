// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import org.junit.jupiter.api.Test;

final class FrameTest {
    @Test
    void hasHeadroomInItsOwnMemory() {
        var frame = new Frame(Arena.ofAuto());
        assertEquals(Frame.HEADROOM, frame.at());
        assertEquals(0, frame.length());
        frame.length(Frame.MAXIMUM_LENGTH);
        assertEquals(Frame.CAPACITY, frame.memory().byteSize());
    }

    @Test
    void forgetsTheFactsWithTheBytes() {
        var frame = new Frame(Arena.ofAuto()).length(100).partialChecksum(34, 16)
                .gso(Frame.GSO_TCPV4, 1460, 54).trusted(true);
        assertTrue(frame.needsChecksum());
        assertEquals(34, frame.checksumStart());
        assertEquals(16, frame.checksumOffset());
        assertEquals(1460, frame.gsoSize());
        assertEquals(54, frame.headerLength());
        var other = MemorySegment.ofArray(new byte[80]);
        frame.wrap(other, 10, 70);
        assertEquals(other, frame.memory());
        assertEquals(10, frame.at());
        assertEquals(70, frame.length());
        assertFalse(frame.needsChecksum());
        assertFalse(frame.checksumTrusted());
        assertEquals(Frame.GSO_NONE, frame.gsoType());
        assertEquals(Frame.HEADROOM, frame.reset().at());
    }

    @Test
    void trustsWhatTheLinkVouchesForAndWhatIsIncomplete() {
        var frame = new Frame().wrap(MemorySegment.ofArray(new byte[80]), 0, 80);
        assertFalse(frame.checksumTrusted());
        assertTrue(frame.trusted(true).checksumTrusted());
        assertTrue(frame.trusted(false).partialChecksum(34, 16).checksumTrusted());
        assertFalse(frame.completeChecksum().checksumTrusted());
    }
}
