// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** A flow in state TGT: both sides are complete. */
public final class Tgt extends FlowStep {
    Tgt(Construction construction) {
        super(construction);
    }

    /**
     * Chooses the type and attaches the type's own part of the entry.
     *
     * @param type a type with a registered handler and the protocol the target was chosen for
     * @param body what {@link Flow#body} returns until the flow is freed, not null
     * @return the next step
     */
    public Typed type(FlowType type, Object body) {
        return current().type(type, body);
    }
}
