// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LazyMemoryTest {
    private static final long BYTES = 1L << 30;

    @Test
    void isZeroAndCanBeWritten() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = LazyMemory.allocate(arena, 10_000);
            assertEquals(10_000, memory.byteSize());
            assertEquals(0, memory.address() % 4096);
            assertEquals(-1, memory.mismatch(arena.allocate(10_000)));
            memory.set(JAVA_BYTE, 9_999, (byte) 7);
            assertEquals(7, memory.get(JAVA_BYTE, 9_999));
        }
    }

    @Test
    void costsNothingUntilItIsTouched() throws IOException {
        long before = residentBytes();
        try (Arena arena = Arena.ofConfined()) {
            LazyMemory.allocate(arena, BYTES);
            assertEquals(0, (residentBytes() - before) / (BYTES / 4));
        }
    }

    @Test
    void isGoneWithItsArena() {
        Arena arena = Arena.ofConfined();
        MemorySegment memory = LazyMemory.allocate(arena, 4096);
        arena.close();
        assertThrows(IllegalStateException.class, () -> memory.get(JAVA_BYTE, 0));
    }

    @Test
    void saysWhenThereIsNone() {
        try (Arena arena = Arena.ofConfined()) {
            var refused = assertThrows(LinuxException.class,
                    () -> LazyMemory.allocate(arena, 1L << 60));
            assertEquals(Errno.ENOMEM, refused.errno());
        }
    }

    private static long residentBytes() throws IOException {
        String[] fields = java.nio.file.Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(fields[1]) * 4096;
    }
}
