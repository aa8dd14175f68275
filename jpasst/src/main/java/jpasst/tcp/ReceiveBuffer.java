// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jpasst.linux.Message;

/**
 * What the guest sent and the socket has not taken yet: a stretch of the byte stream, in order from
 * its start, with up to {@value #MAX_ISLANDS} islands of bytes that came ahead of a gap.
 *
 * <p>Positions are offsets in bytes from the first byte the socket has not taken. Bytes live at
 * their place in a row of chunks, so that one which fills a gap joins what lies behind it without a
 * copy. Most connections never need a chunk. Loop thread only.
 */
final class ReceiveBuffer {
    /** Bytes a buffer can span, from the first one not taken to the last one held. */
    static final int MAX_SPAN = 1 << 20;

    private static final int MAX_ISLANDS = 8;
    /** Chunks which MAX_SPAN bytes that start anywhere in the first one may touch. */
    private static final int MAX_CHUNKS = MAX_SPAN / ChunkPool.CHUNK_BYTES + 1;

    private final ChunkPool pool;
    private final int[] chunks = new int[MAX_CHUNKS];
    /** Offset in the first chunk of position 0. */
    private int head;
    /** Length of the stretch from position 0 that is complete, in bytes. */
    private int inOrder;
    private final int[] islandFrom = new int[MAX_ISLANDS];
    private final int[] islandTo = new int[MAX_ISLANDS];
    private int islands;

    ReceiveBuffer(ChunkPool pool) {
        this.pool = pool;
        Arrays.fill(chunks, ChunkPool.NONE);
    }

    /** Bytes ready for the socket. */
    int inOrderLength() {
        return inOrder;
    }

    /** Whether nothing is held, in order or not. */
    boolean isEmpty() {
        return inOrder == 0 && islands == 0;
    }

    /** Whether bytes are held that wait for a gap to be filled. */
    boolean hasIslands() {
        return islands > 0;
    }

    /**
     * Takes a copy of bytes of the stream.
     *
     * @param position where they belong, at or after the end of the stretch in order
     * @return whether they are held now. They are not when they reach beyond {@link #MAX_SPAN},
     *     when they would make one island too many, or when memory is short
     */
    boolean put(int position, MemorySegment from, long at, int length) {
        if (length == 0) return true;
        if (position < inOrder || position > MAX_SPAN - length) return false;
        if (position > inOrder && !hasRoomForIsland(position, position + length)) return false;
        if (!reserve(position, length)) return false;
        copyIn(position, from, at, length);
        if (position == inOrder) {
            inOrder += length;
            joinIslands();
        } else {
            addIsland(position, position + length);
        }
        return true;
    }

    /** Whether all bytes from {@code position} on, {@code length} of them, are held already. */
    boolean holds(int position, int length) {
        if (position + length <= inOrder) return true;
        for (int i = 0; i < islands; i++) {
            if (islandFrom[i] <= position && position + length <= islandTo[i]) return true;
        }
        return false;
    }

    /**
     * Points a message at the bytes in order.
     *
     * @return bytes it covers
     */
    int gather(Message message) {
        int covered = 0;
        int count = 0;
        while (covered < inOrder) {
            int place = head + covered;
            int within = place % ChunkPool.CHUNK_BYTES;
            int length = Math.min(inOrder - covered, ChunkPool.CHUNK_BYTES - within);
            message.iov(count++, chunk(place), within, length);
            covered += length;
        }
        message.iovCount(count);
        return covered;
    }

    /** Forgets the first bytes in order: the socket has them. */
    void taken(int length) {
        head += length;
        inOrder -= length;
        for (int i = 0; i < islands; i++) {
            islandFrom[i] -= length;
            islandTo[i] -= length;
        }
        int whole = head / ChunkPool.CHUNK_BYTES;
        if (whole > 0) dropChunks(whole);
        if (isEmpty()) clear();
    }

    /** Forgets the islands and gives the memory back which only they needed. */
    void dropIslands() {
        islands = 0;
        if (inOrder == 0) {
            clear();
            return;
        }
        for (int i = (head + inOrder - 1) / ChunkPool.CHUNK_BYTES + 1; i < MAX_CHUNKS; i++) {
            if (chunks[i] != ChunkPool.NONE) pool.giveBack(chunks[i]);
            chunks[i] = ChunkPool.NONE;
        }
    }

    /** Forgets everything and gives all memory back. */
    void clear() {
        dropChunks(MAX_CHUNKS);
        head = 0;
        inOrder = 0;
        islands = 0;
    }

    private void dropChunks(int count) {
        for (int i = 0; i < count; i++) {
            if (chunks[i] != ChunkPool.NONE) pool.giveBack(chunks[i]);
        }
        System.arraycopy(chunks, count, chunks, 0, MAX_CHUNKS - count);
        Arrays.fill(chunks, MAX_CHUNKS - count, MAX_CHUNKS, ChunkPool.NONE);
        head -= count * ChunkPool.CHUNK_BYTES;
    }

    private MemorySegment chunk(int place) {
        return pool.memory(chunks[place / ChunkPool.CHUNK_BYTES]);
    }

    private boolean reserve(int position, int length) {
        int first = (head + position) / ChunkPool.CHUNK_BYTES;
        int last = (head + position + length - 1) / ChunkPool.CHUNK_BYTES;
        for (int i = first; i <= last; i++) {
            if (chunks[i] == ChunkPool.NONE) chunks[i] = pool.take();
            if (chunks[i] == ChunkPool.NONE) {
                if (isEmpty()) clear();
                return false;
            }
        }
        return true;
    }

    private void copyIn(int position, MemorySegment from, long at, int length) {
        int copied = 0;
        while (copied < length) {
            int place = head + position + copied;
            int within = place % ChunkPool.CHUNK_BYTES;
            int part = Math.min(length - copied, ChunkPool.CHUNK_BYTES - within);
            MemorySegment.copy(from, at + copied, chunk(place), within, part);
            copied += part;
        }
    }

    /** Lets the stretch in order swallow the islands it has reached. */
    private void joinIslands() {
        boolean again;
        do {
            again = false;
            for (int i = 0; i < islands; i++) {
                if (islandFrom[i] > inOrder) continue;
                inOrder = Math.max(inOrder, islandTo[i]);
                removeIsland(i--);
                again = true;
            }
        } while (again);
    }

    private boolean hasRoomForIsland(int from, int to) {
        if (islands < MAX_ISLANDS) return true;
        for (int i = 0; i < islands; i++) {
            if (from <= islandTo[i] && islandFrom[i] <= to) return true;
        }
        return false;
    }

    /** Adds an island, merged with those it touches. */
    private void addIsland(int from, int to) {
        for (int i = 0; i < islands; i++) {
            if (from > islandTo[i] || islandFrom[i] > to) continue;
            from = Math.min(from, islandFrom[i]);
            to = Math.max(to, islandTo[i]);
            removeIsland(i);
            i = -1;
        }
        islandFrom[islands] = from;
        islandTo[islands++] = to;
    }

    private void removeIsland(int i) {
        islands--;
        islandFrom[i] = islandFrom[islands];
        islandTo[i] = islandTo[islands];
    }
}
