// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TcpOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "020405b4, 1460, -1",
        "020405b4 01 030307, 1460, 7",
        "01010303ff 020405b4, 1460, 255",
        "0402 080a0000000000000000 020405b4 0303 0e, 1460, 14",
        "00 020405b4, -1, -1",
        "0101, -1, -1",
        "'', -1, -1",
        "02, -1, -1",
        "0204, -1, -1",
        "020405, -1, -1",
        "0200 05b4, -1, -1",
        "0201 020405b4, -1, -1",
        "020305 020405b4, 1460, -1",
        "fe03ff 030309, -1, 9",
        "feff 030309, -1, -1",
        "030309 020405b4 02040100, 1460, 9",
        "03, -1, -1",
        "0303, -1, -1",
    })
    void findsOptions(String hex, int maximumSegmentSize, int windowScale) {
        var options = MemorySegment.ofArray(Packets.hex(hex));
        int length = (int) options.byteSize();
        assertEquals(maximumSegmentSize, TcpOptions.maximumSegmentSize(options, 0, length));
        assertEquals(windowScale, TcpOptions.windowScale(options, 0, length));
    }

    @Property
    void neverFailsAndNeverLeavesTheOptions(@ForAll @Size(max = 40) byte[] bytes) {
        var options = MemorySegment.ofArray(bytes);
        for (int at = 0; at <= bytes.length; at++) {
            int size = TcpOptions.maximumSegmentSize(options, at, bytes.length - at);
            int scale = TcpOptions.windowScale(options, at, bytes.length - at);
            assertTrue(size >= -1 && size <= 65535);
            assertTrue(scale >= -1 && scale <= 255);
        }
    }

    @Test
    void writesThoseOfOurSyn() {
        var bytes = new byte[TcpOptions.SYN_LENGTH];
        assertEquals(8, TcpOptions.putSyn(MemorySegment.ofArray(bytes), 0, 61440, 8));
        assertArrayEquals(Packets.hex("0204f000 01030308"), bytes);
    }
}
