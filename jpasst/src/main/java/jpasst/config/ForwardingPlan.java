// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.DeviceBinding;
import jpasst.forward.EphemeralPorts;
import jpasst.forward.PortRange;
import jpasst.forward.PortSpec;
import jpasst.forward.RuleCapabilities;
import jpasst.forward.RuleException;
import jpasst.forward.RuleTable;
import jpasst.forward.Rules;
import jpasst.log.Log;
import jpasst.wire.IpProtocol;

/**
 * Makes forwarding rules of the port options, once it is known which families there are. The
 * options count in their order; after them, what was not mentioned gets its default.
 */
public final class ForwardingPlan {
    private final ForwardingOptions options;
    private final RuleCapabilities capabilities;
    private final RuleTable.Builder host;
    private final RuleTable.Builder splice;
    private final Log log;
    private PortRange ephemeral;

    private ForwardingPlan(ForwardingOptions options, RuleCapabilities capabilities,
            PortRange ephemeral, Log log) {
        this.options = options;
        this.capabilities = capabilities;
        this.ephemeral = ephemeral;
        this.log = log;
        host = new RuleTable.Builder(capabilities);
        splice = new RuleTable.Builder(capabilities);
    }

    /**
     * Makes the rules. Tries what sockets may do, and perhaps reads the ephemeral ports, in the
     * calling thread's network namespace, which must be the host's.
     *
     * @param settings what the user wants
     * @param addresses which families are enabled
     * @param log for warnings
     * @return the rules
     * @throws ConfigurationException if a rule cannot be added
     */
    public static Rules discover(Settings settings, Addresses addresses, Log log) {
        return of(settings, capabilities(settings, addresses, DeviceBinding.isAllowed()), null,
                log);
    }

    /**
     * What the rules may ask for.
     *
     * @param interfaceNames whether sockets may listen on one interface
     */
    static RuleCapabilities capabilities(Settings settings, Addresses addresses,
            boolean interfaceNames) {
        return new RuleCapabilities(addresses.v4().isEnabled(), addresses.v6().isEnabled(),
                settings.protocols().tcp(), settings.protocols().udp(),
                settings.forwarding().automatic(), interfaceNames);
    }

    /**
     * The rules for a given host.
     *
     * @param ephemeral its ephemeral ports, null to have them read if they matter
     */
    static Rules of(Settings settings, RuleCapabilities capabilities, PortRange ephemeral,
            Log log) {
        return new ForwardingPlan(settings.forwarding(), capabilities, ephemeral, log).rules();
    }

    private Rules rules() {
        for (var option : options.ports()) {
            add(option);
        }
        for (int i = 0; options.automatic() && i < PortOption.LETTERS.length(); i++) {
            var option = new PortOption(PortOption.LETTERS.charAt(i), PortSpec.AUTO);
            if (!isGiven(option.letter()) && isEnabled(option)) {
                add(option);
            }
        }
        var rules = new Rules(host.build(), splice.build());
        if (!capabilities.interfaceNames() && rules.splice().size() > 0) {
            log.warn("cannot listen on one interface only (that takes Linux 5.7 or CAP_NET_RAW):"
                    + " -T and -U listen on 127.0.0.1 and ::1 in the namespace");
        }
        return rules;
    }

    private boolean isGiven(char letter) {
        for (var option : options.ports()) {
            if (option.letter() == letter) {
                return true;
            }
        }
        return false;
    }

    /** A default must not fail because of what the user turned off. */
    private boolean isEnabled(PortOption option) {
        boolean tcp = option.protocol() == IpProtocol.TCP;
        return (tcp ? capabilities.tcp() : capabilities.udp())
                && (capabilities.v4() || capabilities.v6());
    }

    private void add(PortOption option) {
        var ports = option.ports();
        if (ports.leavesOutEphemeralPorts() && ephemeral == null) {
            ephemeral = EphemeralPorts.read(log);
        }
        try {
            if (option.pif() == Pif.HOST) {
                ports.addInbound(host, option.protocol(), ephemeral);
            } else {
                ports.addOutbound(splice, option.protocol(), ephemeral);
            }
        } catch (RuleException e) {
            throw new ConfigurationException("-" + option.letter() + ": " + e.getMessage());
        }
    }
}
