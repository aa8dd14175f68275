// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.IpAddress;
import jpasst.linux.Interface;
import jpasst.wire.IpProtocol;

/** What can be wrong with a rule by itself: each question gives the answer's text, or null. */
final class RuleCheck {
    private RuleCheck() {}

    /** What is wrong with a rule, or null if nothing is. */
    static String problem(ForwardRule rule, RuleCapabilities may) {
        String problem = protocol(rule.protocol(), may);
        if (problem == null) {
            problem = ports(rule);
        }
        if (problem == null) {
            problem = addresses(rule, may);
        }
        return problem != null ? problem : flags(rule, may);
    }

    private static String protocol(int protocol, RuleCapabilities may) {
        if (protocol == IpProtocol.TCP) {
            return may.tcp() ? null : "TCP is not enabled";
        }
        if (protocol == IpProtocol.UDP) {
            return may.udp() ? null : "UDP is not enabled";
        }
        return "only TCP and UDP have ports";
    }

    private static String ports(ForwardRule rule) {
        if (rule.firstPort() > rule.lastPort()) {
            return "its first port is above its last one";
        }
        if (rule.firstPort() <= 0 || rule.lastPort() > PortRange.MAX_PORT) {
            return "its ports are not from 1 to 65535";
        }
        // Subtractions which cannot overflow once the listening ports are known to be in range.
        if (rule.targetPort() <= 0
                || rule.targetPort() > PortRange.MAX_PORT - (rule.portCount() - 1)) {
            return "its target ports are not from 1 to 65535";
        }
        return null;
    }

    private static String addresses(ForwardRule rule, RuleCapabilities may) {
        IpAddress address = rule.address();
        IpAddress target = rule.targetAddress();
        if (!may.v4() && (address == null || address.isV4())) {
            return "IPv4 is not enabled";
        }
        if (!may.v6() && (address == null || !address.isV4())) {
            return "IPv6 is not enabled";
        }
        if (target == null) {
            return null;
        }
        if (target.isMulticast()) {
            return "its target is a multicast address";
        }
        if (address == null) {
            return "a socket for both families cannot have " + target + " as target, did you mean "
                + (target.isV4() ? "0.0.0.0/ before the ports, or -4?"
                    : "[::]/ before the ports, or -6?");
        }
        return address.isV4() == target.isV4()
            ? null : "its target is not of the family it listens on";
    }

    private static String flags(ForwardRule rule, RuleCapabilities may) {
        if (rule.scan() && !may.scan()) {
            return "ports can follow those of a namespace only";
        }
        if (rule.interfaceName() == null) {
            return null;
        }
        if (!Interface.isName(rule.interfaceName())) {
            return "no interface can have that name";
        }
        return may.interfaceNames()
            ? null : "listening on one interface only takes Linux 5.7 or CAP_NET_RAW";
    }
}
