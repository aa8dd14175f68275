// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.flow.Pif;

/**
 * All forwarding rules, an immutable value that is swapped as a whole.
 *
 * @param host for what comes in on the host ({@code -t}, {@code -u})
 * @param splice for what processes in the namespace send to its loopback ({@code -T}, {@code -U})
 */
public record Rules(RuleTable host, RuleTable splice) {
    /** No rule at all. */
    public static final Rules NONE = new Rules(RuleTable.EMPTY, RuleTable.EMPTY);

    /** The table for what comes in on a pif that is made of sockets. */
    public RuleTable of(Pif pif) {
        return switch (pif) {
            case HOST -> host;
            case SPLICE -> splice;
            case NONE, TAP -> throw new IllegalArgumentException("no rules for " + pif);
        };
    }

    /** Whether there is no rule. */
    public boolean isEmpty() {
        return host.size() == 0 && splice.size() == 0;
    }

    /** Whether a rule follows the ports bound on the other side. */
    public boolean scan() {
        return host.scan() || splice.scan();
    }
}
