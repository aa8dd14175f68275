// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import jpasst.linux.Files;
import jpasst.testing.Limits;
import jpasst.testing.OpenFiles;

class PipePoolTest {
    private final int before = OpenFiles.count("pipe:");
    private PipePool pool;

    private PipePool pool(int descriptorLimit) {
        pool = new PipePool(Arena.ofAuto(), descriptorLimit);
        return pool;
    }

    private Pipe[] takeAll() {
        var all = new Pipe[PipePool.MAX_PIPES + 1];
        for (int i = 0; i < all.length; i++) all[i] = pool.take();
        return all;
    }

    @AfterEach
    void nothingIsLeft() {
        pool.close();
        assertEquals(0, pool.count());
        assertEquals(before, OpenFiles.count("pipe:"));
    }

    @Test
    void handsTheSamePipeOutAgain() {
        Pipe first = pool(20_000).take();
        assertEquals(PipePool.LARGE_BYTES, first.bytes());
        assertEquals(1, pool.takenCount());
        pool.giveBack(first);
        assertEquals(0, pool.takenCount());
        assertSame(first, pool.take());
        pool.giveBack(first);
    }

    @Test
    void makesAsManyAsTheLimitOnDescriptorsAllows() {
        pool(64);
        Pipe one = pool.take();
        Pipe two = pool.take();
        assertNotNull(two);
        assertNull(pool.take());
        pool.giveBack(one);
        assertSame(one, pool.take());
        pool.discard(one);
        assertNotNull(one = pool.take());
        pool.giveBack(one);
        pool.giveBack(two);
    }

    @Test
    void makesOnePipeUnderAnyLimit() {
        pool(0);
        Pipe only = pool.take();
        assertNotNull(only);
        assertNull(pool.take());
        pool.giveBack(only);
    }

    @Test
    void makesTheFirstLargeAndKeepsFewOfTheRest() {
        pool(1 << 20);
        var all = takeAll();
        assertEquals(PipePool.MAX_PIPES, pool.count());
        assertNull(all[PipePool.MAX_PIPES]);
        for (int i = 0; i < PipePool.MAX_PIPES; i++) {
            assertEquals(i < PipePool.MAX_LARGE, all[i].isEnlarged());
            assertTrue(all[i].bytes() < PipePool.LARGE_BYTES || all[i].isEnlarged());
        }
        for (int i = 0; i < PipePool.MAX_PIPES; i++) pool.giveBack(all[i]);
        assertTrue(pool.count() <= 48, "still " + pool.count());
        Pipe again = pool.take();
        assertTrue(again.isEnlarged());
        pool.giveBack(again);
    }

    /** A pipe with something in it cannot be made smaller than that, but is closed as it is. */
    @Test
    void whatIsDiscardedMakesRoomForAnother() {
        pool(64);
        Pipe full = pool.take();
        try (var arena = Arena.ofConfined()) {
            assertEquals(1, Files.write(full.writeEnd, arena.allocate(1), 0, 1));
        }
        pool.discard(full);
        Pipe other = pool.take();
        assertTrue(other.isEnlarged());
        pool.giveBack(other);
    }

    @Test
    void asksForNoMoreForAWhileWhenTheKernelHasNone() throws Exception {
        pool(20_000);
        Pipe first = pool.take();
        Limits.lowerDescriptors();
        try {
            assertNull(pool.take());
        } finally {
            Limits.raiseDescriptors();
        }
        assertNull(pool.take());
        Pipe next = null;
        for (int i = 0; i < 300 && next == null; i++) next = pool.take();
        assertNotNull(next);
        pool.giveBack(next);
        pool.giveBack(first);
    }
}
