// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import jpasst.testing.Allocation;
import org.junit.jupiter.api.Test;

class NeighborCacheTest {
    private static final int MAC = 0x1000;

    private final NeighborCache cache = new NeighborCache();

    private void fill(int count) {
        for (int i = 0; i < count; i++) assertTrue(cache.put(7, i, MAC + i));
    }

    @Test
    void findsWhatWasPut() {
        assertEquals(NeighborCache.NONE, cache.find(1, 2));
        assertTrue(cache.put(1, 2, MAC));
        assertEquals(MAC, cache.find(1, 2));
        assertEquals(NeighborCache.NONE, cache.find(2, 1));
        assertEquals(NeighborCache.NONE, cache.find(0, 2));
        assertEquals(1, cache.size());
    }

    @Test
    void tellsWhetherAnEntryChanged() {
        assertTrue(cache.put(1, 2, MAC));
        assertFalse(cache.put(1, 2, MAC));
        assertTrue(cache.put(1, 2, MAC + 1));
        assertEquals(MAC + 1, cache.find(1, 2));
        assertEquals(1, cache.size());
    }

    @Test
    void forgetsWhatIsRemoved() {
        fill(3);
        cache.remove(7, 1);
        cache.remove(7, 1);
        cache.remove(8, 8);
        assertEquals(NeighborCache.NONE, cache.find(7, 1));
        assertEquals(MAC + 2, cache.find(7, 2));
        assertEquals(2, cache.size());
        assertTrue(cache.put(7, 1, MAC + 1));
    }

    @Test
    void theEntryHeardOfLeastRecentlyMakesRoom() {
        fill(NeighborCache.CAPACITY);
        assertFalse(cache.put(7, 0, MAC));
        assertTrue(cache.put(9, 9, MAC));
        assertEquals(NeighborCache.CAPACITY, cache.size());
        assertEquals(MAC, cache.find(7, 0));
        assertEquals(NeighborCache.NONE, cache.find(7, 1));
        assertEquals(MAC + 2, cache.find(7, 2));
        assertFalse(cache.put(7, 2, MAC + 2));
        assertEquals(NeighborCache.CAPACITY, cache.size());
    }

    @Test
    void removesWhatWasNotHeardOfSince() {
        fill(NeighborCache.CAPACITY);
        long mark = cache.mark();
        for (int i = 0; i < NeighborCache.CAPACITY; i += 3) cache.put(7, i, MAC + i);
        cache.removeUnheardSince(mark);
        for (int i = 0; i < NeighborCache.CAPACITY; i++) {
            assertEquals(i % 3 == 0 ? MAC + i : NeighborCache.NONE, cache.find(7, i));
        }
        cache.removeUnheardSince(cache.mark());
        assertEquals(0, cache.size());
    }

    /** Addresses of which thousands begin at the same slot, against a map in order of puts. */
    @Test
    void doesAsAMapOfLimitedSize() {
        var random = new Random(11);
        for (int addresses : new int[] {40, 600, 5000}) {
            compare(new NeighborCache(), random, addresses, 40_000);
        }
    }

    private record Key(long high, long low) {
    }

    private static void compare(NeighborCache cache, Random random, int addresses, int steps) {
        var model = new LinkedHashMap<Key, Long>();
        for (int step = 0; step < steps; step++) {
            var key = new Key(random.nextInt(3), random.nextInt(addresses) << 10);
            if (random.nextInt(4) == 0) {
                cache.remove(key.high, key.low);
                model.remove(key);
            } else {
                long mac = 1 + random.nextInt(3);
                Long before = model.remove(key);
                if (before == null && model.size() == NeighborCache.CAPACITY) {
                    model.remove(model.firstEntry().getKey());
                }
                model.put(key, mac);
                assertEquals(before == null || before != mac, cache.put(key.high, key.low, mac));
            }
            assertEquals(model.size(), cache.size());
            if (step % 500 == 0) assertSame(model, cache, addresses);
        }
    }

    private static void assertSame(Map<Key, Long> model, NeighborCache cache, int addresses) {
        for (int high = 0; high < 3; high++) {
            for (long low = 0; low < addresses; low++) {
                assertEquals(model.getOrDefault(new Key(high, low << 10), NeighborCache.NONE),
                        cache.find(high, low << 10));
            }
        }
    }

    @Test
    void allocatesNothing() {
        var random = new Random(12);
        Allocation.assertNone(2000, () -> {
            long low = random.nextInt(2000);
            cache.put(1, low, MAC);
            cache.find(1, low + 1);
            cache.remove(1, low + 2);
        });
    }
}
