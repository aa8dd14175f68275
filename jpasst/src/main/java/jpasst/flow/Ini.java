// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** A flow in state INI: its initiating side is complete. */
public final class Ini extends FlowStep {
    Ini(Construction construction) {
        super(construction);
    }

    /** Completes our address and port of side 0, as found by {@code getsockname(2)}. */
    public Ini refineOur(long high, long low, int port) {
        flow().refineOur(0, high, low, port);
        return this;
    }

    /**
     * Has the target chosen.
     *
     * @param protocol IP protocol number
     * @param ruleHint index of the forwarding rule that is likely to match, or
     *     {@link TargetChooser#NO_RULE_HINT}
     * @return the next step, or null if the flow is refused, which is logged: then cancel this one
     */
    public Tgt target(int protocol, int ruleHint) {
        return current().target(protocol, ruleHint);
    }
}
