// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * How much of a flow is complete. The order matters: a later state has all that an earlier one
 * has. The state itself may always be read; {@link #mayBecome} is the whole truth about
 * transitions, and {@link Flow#moveTo} the only place that makes one.
 */
public enum FlowState {
    /** Nothing. The slot belongs to a cluster of free slots; only the allocator may touch it. */
    FREE,
    /** An empty slot, taken out of the free ones. */
    NEW,
    /** Pif and addresses of the initiating side; our address there may still be refined. */
    INI,
    /** Pifs and addresses of both sides. */
    TGT,
    /** Everything common, and the type's own body, which its creator now fills in. */
    TYPED,
    /** A live flow. It ends only in the deferred pass, when its handler says so. */
    ACTIVE;

    private int successors; // bit n: may become values()[n]

    static {
        FREE.leadsTo(NEW);
        NEW.leadsTo(INI, FREE);
        INI.leadsTo(TGT, FREE);
        TGT.leadsTo(TYPED, FREE);
        TYPED.leadsTo(ACTIVE, FREE);
        ACTIVE.leadsTo(FREE);
    }

    private void leadsTo(FlowState... next) {
        for (FlowState state : next) {
            successors |= 1 << state.ordinal();
        }
    }

    /** Whether a flow in this state may go to that one. */
    public boolean mayBecome(FlowState next) {
        return (successors & 1 << next.ordinal()) != 0;
    }

    /** Whether this state has all that {@code other} has. */
    public boolean isAtLeast(FlowState other) {
        return ordinal() >= other.ordinal();
    }

    /** Whether a flow in this state is the one being made: neither FREE nor ACTIVE. */
    public boolean isUnderConstruction() {
        return this != FREE && this != ACTIVE;
    }
}
