// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Arrays;

/**
 * Which slots are free: a list of clusters, runs of consecutive free slots, in ascending order.
 * The first slot of a cluster holds the length of the run and the first slot of the next cluster;
 * all other slots hold zeros. So the lowest free slot is always at hand, and whoever walks the
 * table skips a cluster in one step.
 *
 * <p>The arrays grow with use: slots beyond them have never been taken, and belong to the last
 * cluster, whose first slot is always within. A slot taken and given back may leave two clusters
 * adjacent, at the front of the list and only there, until {@link #mergeFront}.
 */
final class FreeClusters {
    private final int capacity;
    private final FlowSet heads = new FlowSet();
    private int[] length;
    private int[] next;
    private int firstFree;

    /** One cluster of {@code capacity} slots. */
    FreeClusters(int capacity) {
        this.capacity = capacity;
        int slots = Math.min(capacity, FlowSlots.FIRST_SLOTS);
        this.length = new int[slots];
        this.next = new int[slots];
        length[0] = capacity;
        next[0] = capacity;
        heads.add(0);
    }

    /** The lowest free slot, or the capacity if there is none. */
    int firstFree() {
        return firstFree;
    }

    /** Whether no slot is free. */
    boolean isEmpty() {
        return firstFree >= capacity;
    }

    /** The length of the cluster that starts at a slot; 0 if none does. */
    int length(int slot) {
        return slot < length.length ? length[slot] : 0;
    }

    /** The first slot of the cluster after the one that starts at a slot, the capacity if none. */
    int next(int slot) {
        return slot < next.length ? next[slot] : 0;
    }

    /** One more than the highest slot that is taken, the capacity if the last one is. */
    int usedSlots() {
        int last = heads.previous(capacity);
        return last >= 0 && last + length[last] == capacity ? last : capacity;
    }

    /** Takes the lowest free slot, or returns -1 if there is none. */
    int take() {
        int slot = firstFree;
        if (isEmpty()) {
            return -1;
        }
        int rest = length[slot] - 1;
        if (rest == 0) {
            firstFree = next[slot];
        } else {
            grow(slot + 2);
            put(slot + 1, rest, next[slot]);
            firstFree = slot + 1;
        }
        clear(slot);
        return slot;
    }

    /** Gives back the slot taken last, as a cluster of its own before all others. */
    void giveBack(int slot) {
        if (slot >= firstFree) {
            throw new IllegalStateException("slot " + slot + " given back above " + firstFree);
        }
        put(slot, 1, firstFree);
        firstFree = slot;
    }

    /** Frees any slot that is not: it becomes, lengthens or joins clusters. */
    void free(int slot) {
        int before = heads.previous(slot);
        int after = before < 0 ? firstFree : next[before];
        if (before >= 0 && before + length[before] == slot) {
            length[before]++;
            joinNext(before);
            return;
        }
        put(slot, 1, after);
        if (before < 0) {
            firstFree = slot;
        } else {
            next[before] = slot;
        }
        joinNext(slot);
    }

    /** Joins the first two clusters if they are adjacent; no other two ever are. */
    void mergeFront() {
        if (firstFree < capacity) {
            joinNext(firstFree);
        }
    }

    private void joinNext(int head) {
        int after = next[head];
        if (after < capacity && head + length[head] == after) {
            length[head] += length[after];
            next[head] = next[after];
            clear(after);
        }
    }

    private void put(int head, int run, int after) {
        length[head] = run;
        next[head] = after;
        heads.add(head);
    }

    private void clear(int head) {
        length[head] = 0;
        next[head] = 0;
        heads.remove(head);
    }

    /** Gives back room for slots beyond {@link #usedSlots}, but for the first of them. */
    void trim(int used) {
        int slots = Math.min(capacity, FlowSlots.roomFor(used + 1));
        if (slots < length.length) {
            length = Arrays.copyOf(length, slots);
            next = Arrays.copyOf(next, slots);
        }
    }

    private void grow(int slots) {
        if (slots > length.length) {
            int wanted = Math.min(capacity, 2 * length.length);
            length = Arrays.copyOf(length, wanted);
            next = Arrays.copyOf(next, wanted);
        }
    }
}
