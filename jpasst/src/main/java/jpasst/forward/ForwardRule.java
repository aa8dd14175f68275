// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.wire.IpProtocol;

/**
 * One rule of port forwarding: sockets listen on its ports, and what comes to them goes on to its
 * target. Whether the values make sense is for {@link RuleTable.Builder} to see to.
 *
 * @param protocol IP protocol number, TCP or UDP
 * @param address where to listen; null listens on any address of both families with one socket
 * @param interfaceName the only interface to listen on (SO_BINDTODEVICE), or null
 * @param firstPort first port to listen on, 1 to 65535
 * @param lastPort last port to listen on, 1 to 65535, not below {@code firstPort}
 * @param targetPort where what comes to {@code firstPort} goes; the other ports follow in order
 * @param targetAddress where it goes, or null if that is decided flow by flow
 * @param weak whether ports that cannot be had are passed over
 * @param scan whether to listen only while the target port is bound on the other side
 */
public record ForwardRule(int protocol, IpAddress address, String interfaceName, int firstPort,
        int lastPort, int targetPort, IpAddress targetAddress, boolean weak, boolean scan) {

    /** Whether one socket listens on any address of both families. */
    public boolean isDualStack() {
        return address == null;
    }

    /** How many ports the rule has. */
    public int portCount() {
        return lastPort - firstPort + 1;
    }

    /** Where what comes to a port of the rule goes. */
    public int targetOf(int port) {
        return targetPort + (port - firstPort);
    }

    /** Whether something that came to an address and port of ours falls under the rule. */
    public boolean matches(int protocol, long high, long low, int port) {
        return protocol == this.protocol && port >= firstPort && port <= lastPort
                && listensOn(high, low);
    }

    private boolean listensOn(long high, long low) {
        if (address == null) {
            return true;
        }
        if (address.isUnspecified()) {
            return address.isV4() == Ip.isV4(high, low);
        }
        return address.high() == high && address.low() == low;
    }

    /**
     * Whether something could fall under this rule and another one. Names of interfaces make no
     * difference: what came in does not show its socket's.
     */
    public boolean conflictsWith(ForwardRule other) {
        return protocol == other.protocol && firstPort <= other.lastPort
                && other.firstPort <= lastPort && sharesAddressWith(other);
    }

    private boolean sharesAddressWith(ForwardRule other) {
        return address == null || other.address == null
                || listensOn(other.address.high(), other.address.low())
                || other.listensOn(address.high(), address.low());
    }

    /** As the original shows it, where each flag begins with a blank, and one precedes them all. */
    @Override
    public String toString() {
        var text = new StringBuilder(80).append(protocolName(protocol)).append(" [")
                .append(address == null ? "*" : address.toString()).append(']');
        if (interfaceName != null) {
            text.append('%').append(interfaceName);
        }
        text.append(':');
        appendPorts(text, firstPort);
        text.append("  =>  ");
        if (targetAddress != null) {
            text.append(targetAddress).append(':');
        }
        appendPorts(text, targetPort);
        return text.append(' ').append(weak ? " (best effort)" : "")
                .append(scan ? " (auto-scan)" : "").toString();
    }

    private void appendPorts(StringBuilder text, int first) {
        text.append(first);
        if (lastPort != firstPort) {
            text.append('-').append(first + (lastPort - firstPort));
        }
    }

    private static String protocolName(int protocol) {
        if (protocol == IpProtocol.TCP) {
            return "TCP";
        }
        return protocol == IpProtocol.UDP ? "UDP" : "protocol " + protocol;
    }
}
