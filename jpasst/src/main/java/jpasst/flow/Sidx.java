// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * One side of one flow, packed in an int: bit 0 is the side, bits 1 to 17 the index of the flow.
 * Hash buckets hold it, and so does the payload of a socket's event tag. Plain ints, not objects:
 * they are made per packet.
 */
public final class Sidx {
    /** The index no flow has; it bounds the capacity of a table. */
    public static final int NO_FLOW = (1 << 17) - 1;

    /** No side of no flow. */
    public static final int INVALID = NO_FLOW << 1;

    private Sidx() {}

    /** A side, 0 or 1, of the flow with an index from 0 to {@link #NO_FLOW}. */
    public static int of(int flow, int side) {
        assert flow >= 0 && flow <= NO_FLOW && (side == 0 || side == 1);
        return flow << 1 | side;
    }

    /** The index of the flow, {@link #NO_FLOW} if invalid. */
    public static int flow(int sidx) {
        return sidx >>> 1;
    }

    /** The side, 0 or 1. */
    public static int side(int sidx) {
        return sidx & 1;
    }

    /** The other side of the same flow; what is invalid stays invalid. */
    public static int opposite(int sidx) {
        return isValid(sidx) ? sidx ^ 1 : INVALID;
    }

    /** Whether it names a flow; false for anything out of range, too. */
    public static boolean isValid(int sidx) {
        return sidx >= 0 && sidx < INVALID;
    }
}
