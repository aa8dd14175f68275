// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * Strings as the C library has them: bytes up to a zero, text in UTF-8.
 *
 * <p>Bytes are copied from segment to segment. The JDK's own ways from and to arrays and strings
 * link a switch over types when first used, which takes some milliseconds on the way to the start.
 */
final class CString {
    private CString() {
    }

    /** The text and a zero. */
    static MemorySegment of(Arena arena, String text) {
        return of(arena, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The bytes and a zero. */
    static MemorySegment of(Arena arena, byte[] bytes) {
        MemorySegment string = arena.allocate(bytes.length + 1L, 1);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, string, 0, bytes.length);
        return string;
    }

    /** The text from an offset to the first zero, or to the end of the segment. */
    static String at(MemorySegment memory, long at) {
        long end = at;
        while (end < memory.byteSize() && memory.get(JAVA_BYTE, end) != 0) end++;
        byte[] bytes = new byte[(int) (end - at)];
        MemorySegment.copy(memory, at, MemorySegment.ofArray(bytes), 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
