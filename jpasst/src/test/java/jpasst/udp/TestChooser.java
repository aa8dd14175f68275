// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.testing.FlowHarness;

/** Sends what comes by listening sockets where a test wants it. */
final class TestChooser implements TargetChooser {
    /** The hint that listening sockets have. */
    static final int RULE = 3;
    /** Our own addresses on a spliced target's side. */
    static final String SPLICED4 = "127.0.0.77", SPLICED6 = "::1";

    TargetChooser fromTap;
    /** Where to; NONE refuses. */
    Pif to = Pif.TAP;
    /** The target's port. */
    int port = UdpHarness.GUEST_PORT;
    /** The spliced target over IPv4. */
    String endpoint4 = "127.0.0.1";
    private int splicedPort;
    private int serverPort;
    /** Flows asked for. */
    int asked;

    /** Forwards what comes to one port to that of a server, whatever else is said. */
    void splice(int port, int server) {
        splicedPort = port;
        serverPort = server;
    }

    @Override
    public Pif choose(Pif initiating, FlowSide side, int protocol, int ruleHint,
            FlowSide target) {
        if (initiating == Pif.TAP) {
            return fromTap.choose(initiating, side, protocol, ruleHint, target);
        }
        asked++;
        assertEquals(17, protocol);
        assertTrue(ruleHint == RULE || ruleHint == NO_RULE_HINT);
        boolean v4 = Ip.isV4(side.endpointHigh(), side.endpointLow());
        assertEquals(v4, Ip.isV4(side.ourHigh(), side.ourLow()), "families differ");
        boolean spliced = side.ourPort() == splicedPort;
        if (to == Pif.TAP && !spliced) {
            set(target, port, v4 ? FlowHarness.GUEST4 : FlowHarness.GUEST6,
                    v4 ? FlowHarness.HOST4 : FlowHarness.HOST6, side.endpointPort());
        } else {
            set(target, spliced ? serverPort : port, v4 ? endpoint4 : "::1", v4 ? SPLICED4
                    : SPLICED6, side.endpointPort());
        }
        return spliced ? Pif.SPLICE : to;
    }

    private static void set(FlowSide target, int port, String endpoint, String our, int ourPort) {
        var to = IpAddress.parse(endpoint);
        var from = IpAddress.parse(our);
        target.set(to.high(), to.low(), port, from.high(), from.low(), ourPort);
    }
}
