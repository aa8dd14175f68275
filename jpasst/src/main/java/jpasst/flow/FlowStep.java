// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * A flow under construction, in one of its states: each step offers only what that state allows,
 * is used up by going on to the next or by {@link #cancel}, and throws when used after that.
 *
 * <p>There is one object per step and table, used for all flows, since one flow at most is under
 * construction. Every way out of the code that makes a flow ends in cancel or
 * {@link Typed#activate}. Loop thread only.
 */
public abstract sealed class FlowStep permits New, Ini, Tgt, Typed {
    private final Construction construction;
    private boolean usable;

    FlowStep(Construction construction) {
        this.construction = construction;
    }

    /**
     * The flow, to be read as its state allows.
     *
     * @throws IllegalStateException if this step is used up
     */
    public final Flow flow() {
        return current().flow();
    }

    /**
     * Gives the flow up: its slot is free again. Whatever was acquired for it, sides in the hash
     * included, must have been released.
     *
     * @throws IllegalStateException if this step is used up, or a side is in the hash
     */
    public final void cancel() {
        current().cancel();
    }

    /** The construction, as long as it is at this step. */
    final Construction current() {
        if (!usable) {
            throw new IllegalStateException("construction step used up");
        }
        return construction;
    }

    final void usable(boolean usable) {
        this.usable = usable;
    }
}
