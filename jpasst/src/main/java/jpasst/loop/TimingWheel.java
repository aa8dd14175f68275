// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import java.util.Arrays;

/**
 * Timers by the hundred thousand: one per id, armed and disarmed in constant time.
 *
 * <p>A timer never runs out early, and {@link #expire} finds it at most one tick (32.768 us)
 * late. Times are nanoseconds of one monotonic clock. Memory grows with the highest id and is
 * kept until {@link #trim}; nothing else allocates. For one thread.
 *
 * <p>Hierarchical timing wheels (Varghese and Lauck, 1987) of 64 slots, in which the place of a
 * timer follows from the highest bit in which its tick differs from the cursor, the last tick
 * expired: six bits per level. So on each level all timers lie ahead of the cursor without
 * wrapping round, those of a lower level before those of a higher one, and the next slot is the
 * lowest bit of the lowest level in use. When the cursor enters a slot of a higher level, its
 * timers move down.
 */
public final class TimingWheel {
    /** Length of a tick, the precision. */
    public static final long TICK_NS = 1 << 15;

    private static final int TICK_SHIFT = Long.numberOfTrailingZeros(TICK_NS);
    private static final int LEVEL_BITS = 6;
    private static final int SLOTS = 1 << LEVEL_BITS;
    private static final int LEVELS = 8;
    /** 146 years; later deadlines wait no longer. */
    private static final long MAX_TICK = 1L << LEVELS * LEVEL_BITS - 1;

    /** Rings that are not slots: timers that are due, and those of them being told. */
    private static final int DUE = LEVELS * SLOTS;
    private static final int FIRING = DUE + 1;
    /** Nodes below this head a ring, nodes from here on are timers. */
    private static final int HEADS = FIRING + 1;

    private static final long NOT_ARMED = Long.MAX_VALUE;
    /** How many timers of a slot to look at for the exact time of the next one. */
    private static final int LOOK_AHEAD = 4;

    private final int initialIds;
    private final long startNs;
    /** The last tick that was expired. Armed timers have later ones, or are in DUE or FIRING. */
    private long cursor;
    private int[] next;
    private int[] previous;
    private long[] deadlines;
    /** Slots in use of each level, and levels in use. */
    private final long[] used = new long[LEVELS];
    private int usedLevels;
    private int armed;

    /**
     * @param initialIds ids to make room for at once, 0 to this
     * @param nowNs the time at which the wheel stands
     */
    public TimingWheel(int initialIds, long nowNs) {
        this.initialIds = initialIds;
        startNs = nowNs;
        next = new int[HEADS + initialIds];
        previous = new int[HEADS + initialIds];
        deadlines = new long[initialIds];
        Arrays.fill(deadlines, NOT_ARMED);
        for (int head = 0; head < HEADS; head++) {
            next[head] = head;
            previous[head] = head;
        }
    }

    /** How many ids there is room for. */
    int size() {
        return deadlines.length;
    }

    /** How many timers are armed. */
    public int armedCount() {
        return armed;
    }

    /** When the timer runs out, {@link Long#MAX_VALUE} if it is not armed. */
    public long deadlineNs(int id) {
        return id < deadlines.length ? deadlines[id] : NOT_ARMED;
    }

    /**
     * Arms a timer, or moves one that is armed. A time that is past runs out at the next
     * {@link #expire}; {@link Long#MAX_VALUE} disarms.
     */
    public void arm(int id, long deadlineNs) {
        disarm(id);
        if (deadlineNs == NOT_ARMED) {
            return;
        }
        if (id >= deadlines.length) {
            grow(id);
        }
        deadlines[id] = deadlineNs;
        armed++;
        place(HEADS + id, tickOf(deadlineNs));
    }

    /** Disarms a timer, if it is armed. */
    public void disarm(int id) {
        if (deadlineNs(id) == NOT_ARMED) {
            return;
        }
        deadlines[id] = NOT_ARMED;
        armed--;
        unlink(HEADS + id);
    }

    /**
     * When {@link #expire} is to be called next: never later than the next timer's tick, exact if
     * that is near or has few neighbours, else somewhat earlier, for timers to move down.
     *
     * @return a time that may be past, or {@link Long#MAX_VALUE} if no timer is armed
     */
    public long nextDeadlineNs() {
        if (!isEmpty(DUE) || !isEmpty(FIRING)) {
            return timeOf(cursor);
        }
        if (usedLevels == 0) {
            return NOT_ARMED;
        }
        int level = Integer.numberOfTrailingZeros(usedLevels);
        return timeOf(level == 0 ? firstTick(0) : earliestTick(level));
    }

    /**
     * Tells of all timers that ran out until now, in the order of their ticks. One that is armed
     * meanwhile waits for the next call, even if its time is past. If the handler throws, the
     * rest is told by the next call.
     *
     * @param nowNs not less than at the last call, else nothing new is found
     * @return how many timers were told
     */
    public int expire(long nowNs, TimerHandler handler) {
        advance(nowNs - startNs >> TICK_SHIFT);
        moveAll(DUE, FIRING);
        int count = 0;
        while (!isEmpty(FIRING)) {
            int id = next[FIRING] - HEADS;
            disarm(id);
            count++;
            handler.onTimer(id, nowNs);
        }
        return count;
    }

    /** Moves the cursor to the tick given, and what is passed to DUE. */
    private void advance(long target) {
        while (usedLevels != 0) {
            int level = Integer.numberOfTrailingZeros(usedLevels);
            long tick = firstTick(level);
            if (tick > target) {
                break;
            }
            int slot = head(level, tick);
            cursor = tick;
            clear(slot);
            if (level == 0) {
                moveAll(slot, DUE);
            } else {
                moveDown(slot);
            }
        }
        cursor = Math.max(cursor, target);
    }

    /** Places the timers of a slot anew, after the cursor entered it. */
    private void moveDown(int slot) {
        int node = next[slot];
        next[slot] = slot;
        previous[slot] = slot;
        while (node != slot) {
            int following = next[node];
            place(node, tickOf(deadlines[node - HEADS]));
            node = following;
        }
    }

    /** The tick at which the first slot in use of a level begins. */
    private long firstTick(int level) {
        int shift = level * LEVEL_BITS;
        long slot = Long.numberOfTrailingZeros(used[level]);
        return cursor >>> shift + LEVEL_BITS << shift + LEVEL_BITS | slot << shift;
    }

    /** The earliest timer of the first slot of a level, if few are there, else its beginning. */
    private long earliestTick(int level) {
        long first = firstTick(level);
        int slot = head(level, first);
        long earliest = Long.MAX_VALUE;
        int node = next[slot];
        for (int i = 0; i < LOOK_AHEAD && node != slot; i++) {
            earliest = Math.min(earliest, tickOf(deadlines[node - HEADS]));
            node = next[node];
        }
        return node == slot ? earliest : first;
    }

    /** The first tick not before a time. Signed: times before the start have negative ones. */
    private long tickOf(long timeNs) {
        long sinceStart = timeNs - startNs;
        long tick = (sinceStart >> TICK_SHIFT) + ((sinceStart & TICK_NS - 1) == 0 ? 0 : 1);
        return Math.min(tick, MAX_TICK);
    }

    private long timeOf(long tick) {
        return startNs + (tick << TICK_SHIFT);
    }

    /** Links a timer where its tick belongs, seen from the cursor. */
    private void place(int node, long tick) {
        if (tick <= cursor) {
            link(node, DUE);
            return;
        }
        int level = (63 - Long.numberOfLeadingZeros(tick ^ cursor)) / LEVEL_BITS;
        int slot = head(level, tick);
        link(node, slot);
        used[level] |= 1L << (slot & SLOTS - 1);
        usedLevels |= 1 << level;
    }

    private static int head(int level, long tick) {
        return level << LEVEL_BITS | (int) (tick >>> level * LEVEL_BITS) & SLOTS - 1;
    }

    private void clear(int slot) {
        int level = slot >>> LEVEL_BITS;
        used[level] &= ~(1L << (slot & SLOTS - 1));
        if (used[level] == 0) {
            usedLevels &= ~(1 << level);
        }
    }

    private boolean isEmpty(int head) {
        return next[head] == head;
    }

    private void link(int node, int head) {
        int last = previous[head];
        next[last] = node;
        previous[node] = last;
        next[node] = head;
        previous[head] = node;
    }

    /** Takes a timer out of its ring; one left with its head alone is empty. */
    private void unlink(int node) {
        int before = previous[node];
        int after = next[node];
        next[before] = after;
        previous[after] = before;
        if (before == after && before < DUE) {
            clear(before);
        }
    }

    /** Appends one ring to another, in constant time. */
    private void moveAll(int from, int to) {
        if (isEmpty(from)) {
            return;
        }
        int last = previous[to];
        next[last] = next[from];
        previous[next[from]] = last;
        next[previous[from]] = to;
        previous[to] = previous[from];
        next[from] = from;
        previous[from] = from;
    }

    /**
     * Gives back memory of timers above the highest that is armed, or half of it and more. Looks
     * at each of them, and copies what is left: not for every round.
     */
    public void trim() {
        int used = deadlines.length;
        while (used > initialIds && deadlines[used - 1] == NOT_ARMED) {
            used--;
        }
        if (used <= deadlines.length / 2) {
            resize(used);
        }
    }

    private void grow(int id) {
        int old = deadlines.length;
        resize(Math.max(id + 1, old * 2));
        Arrays.fill(deadlines, old, deadlines.length, NOT_ARMED);
    }

    private void resize(int ids) {
        deadlines = Arrays.copyOf(deadlines, ids);
        next = Arrays.copyOf(next, HEADS + ids);
        previous = Arrays.copyOf(previous, HEADS + ids);
    }
}
