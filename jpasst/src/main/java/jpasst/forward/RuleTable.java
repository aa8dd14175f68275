// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.util.List;

/**
 * The rules for what comes in on one pif, in the order in which they are tried. Immutable.
 */
public final class RuleTable {
    /** A table without rules. */
    public static final RuleTable EMPTY = new RuleTable(List.of());

    private final ForwardRule[] rules;

    /** The rules as given; whether they fit together is for whoever made them to see to. */
    public RuleTable(List<ForwardRule> rules) {
        this.rules = rules.toArray(new ForwardRule[0]);
    }

    /** How many rules there are. */
    public int size() {
        return rules.length;
    }

    /** The rule at an index below {@link #size}. */
    public ForwardRule rule(int index) {
        return rules[index];
    }

    /**
     * The first rule for what came to an address and port of ours.
     *
     * @param hint index of the rule that is likely, or any number that is no index
     * @return the rule, or null if there is none
     */
    public ForwardRule find(int protocol, long high, long low, int port, int hint) {
        if (hint >= 0 && hint < rules.length && rules[hint].matches(protocol, high, low, port)) {
            return rules[hint];
        }
        for (ForwardRule rule : rules) {
            if (rule.matches(protocol, high, low, port)) {
                return rule;
            }
        }
        return null;
    }
}
