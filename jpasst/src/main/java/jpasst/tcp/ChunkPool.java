// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.LazyMemory;

/**
 * The memory of all receive buffers: chunks of {@value #CHUNK_BYTES} bytes, taken from the system
 * on first need, up to a bound, and kept for reuse. Loop thread only.
 */
final class ChunkPool {
    /** Size of a chunk, in bytes. */
    static final int CHUNK_BYTES = 64 * 1024;

    /** No chunk: the pool is exhausted. */
    static final int NONE = -1;

    private final Arena arena;
    private final MemorySegment[] chunks;
    private final int[] free;
    private int made;
    private int freeCount;

    /**
     * @param arena lives as long as the pool
     * @param maxBytes bound on the memory of all chunks, in bytes
     */
    ChunkPool(Arena arena, long maxBytes) {
        this.arena = arena;
        int count = Math.max(1, (int) (maxBytes / CHUNK_BYTES));
        chunks = new MemorySegment[count];
        free = new int[count];
    }

    /** A chunk for the caller alone, or {@link #NONE}. */
    int take() {
        if (freeCount > 0) return free[--freeCount];
        if (made == chunks.length) return NONE;
        chunks[made] = LazyMemory.allocate(arena, CHUNK_BYTES);
        return made++;
    }

    /** Gives a chunk back; its content is forgotten. */
    void giveBack(int chunk) {
        free[freeCount++] = chunk;
    }

    /** The memory of a chunk which was taken. */
    MemorySegment memory(int chunk) {
        return chunks[chunk];
    }

    /** Whether less than a quarter of the pool is left: time for smaller windows. */
    boolean isScarce() {
        return chunks.length - made + freeCount < (chunks.length >> 2);
    }

    /** Chunks which somebody holds. */
    int takenCount() {
        return made - freeCount;
    }
}
