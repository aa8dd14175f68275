// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.ArrayList;
import java.util.List;
import jpasst.forward.PortSpec;
import jpasst.forward.RuleException;
import jpasst.forward.SplicePolicy;

/** {@link ForwardingOptions} while they are collected. */
final class ForwardingChoices {
    private final List<PortOption> ports = new ArrayList<>();
    private boolean freebind;
    private boolean splice = true;
    private boolean loopbackToLoopback;
    private boolean spliceOnly;

    /** Applies an option of {@link OptionGroup#FORWARDING}; false if it is not handled. */
    boolean apply(Option option, String value) {
        switch (option) {
            case TCP_PORTS, UDP_PORTS -> ports.add(ports(option, value, true));
            case TCP_NS, UDP_NS -> ports.add(ports(option, value, false));
            case FREEBIND -> freebind = true;
            case HOST_LO_TO_NS_LO -> loopbackToLoopback = true;
            case NO_SPLICE -> splice = false;
            case SPLICE_ONLY -> spliceOnly = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private static PortOption ports(Option option, String value, boolean mayListen) {
        try {
            return new PortOption(option.letter(), PortSpec.parse(value, mayListen));
        } catch (RuleException e) {
            throw new ConfigurationException("-" + option.letter() + ": " + e.getMessage());
        }
    }

    /** The whole, for pasta; what contradicts itself is refused. */
    ForwardingOptions toOptions() {
        if (!splice && (spliceOnly || loopbackToLoopback)) {
            throw new ConfigurationException("--no-splice contradicts "
                    + (spliceOnly ? "--splice-only" : "--host-lo-to-ns-lo"));
        }
        return new ForwardingOptions(List.copyOf(ports), true, freebind,
                new SplicePolicy(splice, loopbackToLoopback || spliceOnly, spliceOnly));
    }
}
