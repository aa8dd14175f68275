// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CStringTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/proc/self/ns/net", "Umläute und \u20ac und \ud83d\ude00"})
    void isWhatTheJdkWouldMakeAndRead(String text) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment string = CString.of(arena, text);
            assertEquals(-1, string.mismatch(arena.allocateFrom(text)));
            assertEquals(text, CString.at(string, 0));
            assertEquals(text, string.getString(0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void endsWithTheSegmentAtTheLatest(int at) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8);
            memory.fill((byte) 'x');
            assertEquals("x".repeat(8 - at), CString.at(memory, at));
            memory.set(ValueLayout.JAVA_BYTE, 7, (byte) 0);
            assertEquals("x".repeat(7 - at), CString.at(memory, at));
        }
    }
}
