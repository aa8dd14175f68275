// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules for what comes in on one pif, in the order in which they are tried. Immutable.
 */
public final class RuleTable {
    /** How many rules a table has at most: their index must fit in a listening socket's tag. */
    public static final int MAX_RULES = 255;

    /** How many sockets the rules of a table take at most. */
    public static final int MAX_SOCKETS = 5 * 65536;

    /** A table without rules. */
    public static final RuleTable EMPTY = new RuleTable(List.of());

    private final ForwardRule[] rules;

    /** The rules as given, unchecked; {@link Builder} checks them. */
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
     * The first rule for what came to an address and port of ours. Allocates nothing.
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

    /** Takes rules one by one, those only that make sense and fit together. One thread only. */
    public static final class Builder {
        private final RuleCapabilities capabilities;
        private final List<ForwardRule> rules = new ArrayList<>();
        private int sockets;

        /** A table to be, without rules, in which rules may ask for so much. */
        public Builder(RuleCapabilities capabilities) {
            this.capabilities = capabilities;
        }

        /** What its rules may ask for. */
        public RuleCapabilities capabilities() {
            return capabilities;
        }

        /**
         * Adds a rule after the others.
         *
         * @throws RuleException if it makes no sense, asks for what the capabilities lack, could
         *     take what is another's, or exceeds the limits; nothing was added then
         */
        public Builder add(ForwardRule rule) {
            String problem = RuleCheck.problem(rule, capabilities);
            if (problem == null) {
                problem = conflict(rule);
            }
            if (problem == null && rules.size() == MAX_RULES) {
                problem = "there are too many rules (maximum " + MAX_RULES + ")";
            }
            if (problem == null && sockets + rule.portCount() > MAX_SOCKETS) {
                problem = "too many listening sockets would be needed (maximum " + MAX_SOCKETS
                    + ")";
            }
            if (problem != null) {
                throw new RuleException(
                    "cannot add rule '" + rule.toString().strip() + "': " + problem);
            }
            rules.add(rule);
            sockets += rule.portCount();
            return this;
        }

        private String conflict(ForwardRule rule) {
            for (ForwardRule other : rules) {
                if (rule.conflictsWith(other)) {
                    return "it conflicts with '" + other.toString().strip() + "'";
                }
            }
            return null;
        }

        /** Whether there is a rule for a protocol. */
        public boolean hasRules(int protocol) {
            for (ForwardRule rule : rules) {
                if (rule.protocol() == protocol) {
                    return true;
                }
            }
            return false;
        }

        /** The rules so far, as a table. */
        public RuleTable build() {
            return new RuleTable(rules);
        }
    }
}
