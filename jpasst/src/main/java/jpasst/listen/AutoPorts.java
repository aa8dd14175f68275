// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;
import jpasst.linux.Sockets;

/**
 * Which ports rules that scan may listen on: those others are bound to on the other side. What we
 * listen on there ourselves does not count, or we would forward our own sockets back. See the
 * package for why this neither loops nor swings. Loop thread only; looking allocates nothing.
 */
final class AutoPorts {
    private final BoundPorts source;
    private final Side host = new Side(Pif.HOST);
    private final Side inside = new Side(Pif.SPLICE);

    AutoPorts(BoundPorts source) {
        this.source = source;
    }

    /** What is known of one side. */
    private static final class Side {
        final Pif pif;
        /** Bound there, by others and by us. */
        final PortSet tcp = new PortSet();
        final PortSet udp = new PortSet();
        /** Bound there by others: to be offered on the other side. */
        final PortSet othersTcp = new PortSet();
        final PortSet othersUdp = new PortSet();
        /** Bound to there by others in UDP proper, without what {@link #othersUdp} adds. */
        final PortSet takenUdp = new PortSet();

        Side(Pif pif) {
            this.pif = pif;
        }
    }

    /** Looks at both sides, as far as rules need it. */
    void look(PifSockets onHost, PifSockets onSplice) {
        look(host, onHost, onSplice);
        look(inside, onSplice, onHost);
    }

    /**
     * Looks at one side.
     *
     * @param own our sockets there
     * @param opposite our sockets on the other side, which follow this one
     */
    private void look(Side side, PifSockets own, PifSockets opposite) {
        boolean udpFollows = opposite.scans(Sockets.IPPROTO_UDP);
        if (udpFollows || opposite.scans(Sockets.IPPROTO_TCP)) {
            source.read(side.pif, Sockets.IPPROTO_TCP, side.tcp);
            side.othersTcp.copyFrom(side.tcp);
            side.othersTcp.removeAll(own.listening(Sockets.IPPROTO_TCP));
        }
        if (udpFollows || own.scans(Sockets.IPPROTO_UDP)) {
            source.read(side.pif, Sockets.IPPROTO_UDP, side.udp);
            side.takenUdp.copyFrom(side.udp);
            side.takenUdp.removeAll(own.listening(Sockets.IPPROTO_UDP));
        }
        if (udpFollows) {
            // Protocols such as iperf3's use the same port of both. Only others' TCP counts here:
            // what we listen on must not vouch for itself by way of the other protocol either.
            side.othersUdp.copyFrom(side.takenUdp);
            side.othersUdp.addAll(side.othersTcp);
            side.othersUdp.removeAll(own.listening(Sockets.IPPROTO_UDP));
        }
    }

    /**
     * Takes back, where a port is bound on both sides, what the namespace would be offered: the
     * host just got the namespace's.
     */
    void settle(PifSockets onHost) {
        host.othersTcp.removeAll(onHost.listening(Sockets.IPPROTO_TCP));
        host.othersUdp.removeAll(onHost.listening(Sockets.IPPROTO_UDP));
    }

    /** The target ports that rules of a table may forward to. */
    PortSet offered(Pif pif, int protocol) {
        Side target = pif == Pif.HOST ? inside : host;
        return protocol == Sockets.IPPROTO_TCP ? target.othersTcp : target.othersUdp;
    }

    /**
     * Whether somebody else has a UDP port where we would listen. The kernel would let us share
     * it if both say SO_REUSEADDR, and we would get what is the other's.
     */
    boolean isUdpTaken(Pif pif, int port) {
        return (pif == Pif.HOST ? host : inside).takenUdp.contains(port);
    }
}
