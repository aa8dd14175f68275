// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.util.List;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.forward.Addresses;
import jpasst.forward.ForwardRule;
import jpasst.forward.RuleTable;

/**
 * Sends what falls under a rule to the guest, which sees the host's loopback under the address it
 * knows it by, and other clients under their own.
 */
final class RuleChooser implements TargetChooser {
    private final TargetChooser fromTap;
    private final Addresses addresses;
    RuleTable rules = RuleTable.EMPTY;
    /** Where what falls under a rule goes. */
    Pif target = Pif.TAP;
    /** The hint that was given last. */
    int lastHint = NO_RULE_HINT;
    /** Our address, as it was given last. */
    String lastOur;

    RuleChooser(TargetChooser fromTap, Addresses addresses) {
        this.fromTap = fromTap;
        this.addresses = addresses;
    }

    void rules(ForwardRule... rules) {
        this.rules = new RuleTable(List.of(rules));
    }

    @Override
    public Pif choose(Pif initiating, FlowSide side, int protocol, int ruleHint,
            FlowSide chosen) {
        if (initiating == Pif.TAP) {
            return fromTap.choose(initiating, side, protocol, ruleHint, chosen);
        }
        lastHint = ruleHint;
        lastOur = Ip.text(side.ourHigh(), side.ourLow()) + " " + side.ourPort();
        ForwardRule rule = rules.find(protocol, side.ourHigh(), side.ourLow(), side.ourPort(),
                ruleHint);
        if (rule == null) return Pif.NONE;
        var family = addresses.family(side.endpointHigh(), side.endpointLow());
        var client = new IpAddress(side.endpointHigh(), side.endpointLow());
        IpAddress seen = client.isLoopback() ? family.mapHostLoopback() : client;
        IpAddress guest = family.address();
        chosen.set(guest.high(), guest.low(), rule.targetOf(side.ourPort()), seen.high(),
                seen.low(), side.endpointPort());
        return target;
    }
}
