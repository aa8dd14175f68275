// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;

/**
 * One rule of port forwarding: sockets listen on its ports, and what comes to them goes on to its
 * target.
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
}
