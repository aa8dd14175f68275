// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/**
 * MAC addresses by IP address, {@link #CAPACITY} at most: when it is full, the entry that was
 * heard of least recently makes room. Loop thread only; allocates nothing once made.
 *
 * <p>A hash table with linear probing, never more than half full. Removing moves later entries of
 * the run back, so that there are no tombstones.
 */
final class NeighborCache {
    /** The most entries. */
    static final int CAPACITY = 512;
    /** What {@link #find} returns for none; no host has this MAC address. */
    static final long NONE = 0;

    private static final int SLOTS = 2 * CAPACITY;
    private static final int MASK = SLOTS - 1;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L; // 2^64 over the golden ratio

    private final long[] highs = new long[SLOTS];
    private final long[] lows = new long[SLOTS];
    /** {@link #NONE} in free slots. */
    private final long[] macs = new long[SLOTS];
    /** When the entry was last heard of, in calls of {@link #put}. */
    private final long[] heard = new long[SLOTS];
    private int size;
    private long now;

    /** How many entries there are. */
    int size() {
        return size;
    }

    /** A point in time for {@link #removeUnheardSince}: all puts to come are after it. */
    long mark() {
        return now;
    }

    /** The MAC address, or {@link #NONE}. */
    long find(long high, long low) {
        return macs[slot(high, low)];
    }

    /**
     * Enters an address, or enters it anew.
     *
     * @param mac not {@link #NONE}
     * @return whether it was not there, or with another MAC address
     */
    boolean put(long high, long low, long mac) {
        int slot = slot(high, low);
        if (macs[slot] == NONE) {
            if (size == CAPACITY) {
                removeAt(leastRecent());
                slot = slot(high, low);
            }
            size++;
            highs[slot] = high;
            lows[slot] = low;
        }
        boolean changed = macs[slot] != mac;
        macs[slot] = mac;
        heard[slot] = ++now;
        return changed;
    }

    /** Removes an address, if it is there. */
    void remove(long high, long low) {
        int slot = slot(high, low);
        if (macs[slot] != NONE) removeAt(slot);
    }

    /** Removes what was not put since then. */
    void removeUnheardSince(long mark) {
        int slot = 0;
        while (slot < SLOTS) {
            // Another entry may move to where one is removed: that slot is looked at again.
            if (macs[slot] != NONE && heard[slot] <= mark) removeAt(slot);
            else slot++;
        }
    }

    /** Where an address is, or the free slot where it would go. */
    private int slot(long high, long low) {
        int slot = home(high, low);
        while (macs[slot] != NONE && (lows[slot] != low || highs[slot] != high)) {
            slot = slot + 1 & MASK;
        }
        return slot;
    }

    private static int home(long high, long low) {
        long mixed = (high * MULTIPLIER ^ low) * MULTIPLIER;
        return (int) (mixed >>> 32) & MASK;
    }

    private int leastRecent() {
        int least = -1;
        for (int slot = 0; slot < SLOTS; slot++) {
            if (macs[slot] != NONE && (least < 0 || heard[slot] < heard[least])) least = slot;
        }
        return least;
    }

    /** Frees a slot, and fills the gap with later entries that would no longer be found. */
    private void removeAt(int slot) {
        size--;
        int gap = slot;
        for (int next = gap + 1 & MASK; macs[next] != NONE; next = next + 1 & MASK) {
            int home = home(highs[next], lows[next]);
            // It may move if its home is not within (gap, next], cyclically.
            if ((next - home & MASK) >= (next - gap & MASK)) {
                move(next, gap);
                gap = next;
            }
        }
        macs[gap] = NONE;
    }

    private void move(int from, int to) {
        highs[to] = highs[from];
        lows[to] = lows[from];
        macs[to] = macs[from];
        heard[to] = heard[from];
    }
}
