// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** Decides where a new flow goes, in the step from INI to TGT. */
public interface TargetChooser {
    /** Given for {@code ruleHint} when no listening socket suggests a rule. */
    int NO_RULE_HINT = -1;

    /**
     * Chooses the target of a flow.
     *
     * @param initiating where it comes from
     * @param side the initiating side, to be read only
     * @param protocol IP protocol number
     * @param ruleHint index of the forwarding rule that is likely to match, or
     *     {@link #NO_RULE_HINT}
     * @param target is filled with the target side, unless refused
     * @return the target interface, or {@link Pif#NONE} if the flow is refused
     */
    Pif choose(Pif initiating, FlowSide side, int protocol, int ruleHint, FlowSide target);
}
