// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import java.util.Arrays;

/**
 * Finds flow sides by their addresses: open addressing in an array of sidx values. Probing goes
 * downwards; removal shifts entries back instead of leaving a mark, so a chain never holds more
 * than what is in the table. At most 70 percent full: then the array doubles.
 *
 * <p>Home buckets are not stored but computed again from the flow, so what is hashed of a side
 * must not change while the side is in here.
 */
final class SidxHash {
    private static final int FIRST_BUCKETS = 512;
    private static final int LOAD_PERCENT = 70;

    private final FlowSlots slots;
    private final SideHash hash;
    private final FlowLog log;
    private int[] buckets; // as many as a power of two
    private int mask;
    private int count;
    /** What the last search found, as long as it is in; else {@link Sidx#INVALID}. */
    private int latest = Sidx.INVALID;

    SidxHash(FlowSlots slots, SideHash hash, FlowLog log) {
        this.slots = slots;
        this.hash = hash;
        this.log = log;
        empty(FIRST_BUCKETS);
    }

    /** How many sides are in. */
    int count() {
        return count;
    }

    /** How many buckets there are. */
    int size() {
        return buckets.length;
    }

    /** What is in a bucket: a sidx, or {@link Sidx#INVALID}. */
    int at(int bucket) {
        return buckets[bucket];
    }

    /** The bucket where the search for a side begins. */
    int home(int sidx) {
        return (int) hash(sidx) & mask;
    }

    /** The keyed hash of a side of a flow that is at least TYPED. */
    long hash(int sidx) {
        Flow flow = slots.get(Sidx.flow(sidx));
        int side = Sidx.side(sidx);
        return hash.hash(flow.type().protocol(), flow.pif(side), flow.side(side));
    }

    /** Puts a side in, if it is not, and returns its hash. */
    long insert(int sidx) {
        Flow flow = slots.get(Sidx.flow(sidx));
        flow.require(flow.state().isAtLeast(FlowState.TYPED), "be hashed");
        long value = hash(sidx);
        if (!flow.isHashed(Sidx.side(sidx))) {
            if ((count + 1) * 100L > (long) buckets.length * LOAD_PERCENT) {
                grow();
            }
            int bucket = place(sidx, (int) value & mask);
            count++;
            flow.hashed(Sidx.side(sidx), true);
            if (log.debugging()) {
                logBucket(flow, sidx, "inserted in", bucket);
            }
        }
        return value;
    }

    /** The side with this key, or {@link Sidx#INVALID}. */
    int lookup(int protocol, Pif pif, FlowSide side) {
        // Packets come in trains: most belong where the one before belonged.
        if (latest == Sidx.INVALID || !matches(latest, protocol, pif, side)) {
            latest = search(protocol, pif, side);
        }
        return latest;
    }

    private int search(int protocol, Pif pif, FlowSide side) {
        int bucket = (int) hash.hash(protocol, pif, side) & mask;
        int sidx = buckets[bucket];
        while (sidx != Sidx.INVALID && !matches(sidx, protocol, pif, side)) {
            bucket = bucket - 1 & mask;
            sidx = buckets[bucket];
        }
        return sidx;
    }

    /** Takes a side out, if it is in. */
    void remove(int sidx) {
        Flow flow = slots.get(Sidx.flow(sidx));
        if (flow == null || !flow.isHashed(Sidx.side(sidx))) {
            return;
        }
        int bucket = home(sidx);
        while (buckets[bucket] != sidx) {
            if (buckets[bucket] == Sidx.INVALID) {
                throw new IllegalStateException("side changed while hashed: flow " + flow.index());
            }
            bucket = bucket - 1 & mask;
        }
        if (log.debugging()) {
            logBucket(flow, sidx, "removed from", bucket);
        }
        close(bucket);
        if (latest == sidx) latest = Sidx.INVALID;
        count--;
        flow.hashed(Sidx.side(sidx), false);
    }

    private boolean matches(int sidx, int protocol, Pif pif, FlowSide side) {
        Flow flow = slots.get(Sidx.flow(sidx));
        int i = Sidx.side(sidx);
        return flow.side(i).sameAs(side) && flow.pif(i) == pif
            && flow.type().protocol() == protocol;
    }

    private int place(int sidx, int home) {
        int bucket = home;
        while (buckets[bucket] != Sidx.INVALID) {
            bucket = bucket - 1 & mask;
        }
        buckets[bucket] = sidx;
        return bucket;
    }

    /** Empties a bucket, after moving into the hole what would no longer be found below it. */
    private void close(int hole) {
        int from = hole - 1 & mask;
        while (buckets[from] != Sidx.INVALID) {
            // An entry whose home is between itself and the hole is found without passing the
            // hole and stays; all distances are cyclic.
            boolean stays = (home(buckets[from]) - from & mask) < (hole - from & mask);
            if (!stays) {
                buckets[hole] = buckets[from];
                hole = from;
            }
            from = from - 1 & mask;
        }
        buckets[hole] = Sidx.INVALID;
    }

    /** Gives back buckets that are not needed, as long as it can double before they are. */
    void trim() {
        int size = buckets.length;
        while (size > FIRST_BUCKETS && count * 100L * 4 <= (long) size * LOAD_PERCENT) {
            size >>= 1;
        }
        if (size < buckets.length) {
            resize(size);
        }
    }

    private void grow() {
        resize(2 * buckets.length);
    }

    private void resize(int size) {
        int[] old = buckets;
        empty(size);
        for (int sidx : old) {
            if (sidx != Sidx.INVALID) {
                place(sidx, home(sidx));
            }
        }
    }

    private void empty(int size) {
        buckets = new int[size];
        Arrays.fill(buckets, Sidx.INVALID);
        mask = size - 1;
    }

    private void logBucket(Flow flow, int sidx, String verb, int bucket) {
        log.debug(flow, "side " + Sidx.side(sidx) + " " + verb + " hash bucket " + bucket);
    }
}
