// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.log.Log;
import jpasst.metrics.Counters;
import jpasst.wire.IpProtocol;
import org.junit.jupiter.api.Test;

class NeighborsTest {
    private static final long OURS = 0x9a55_9a55_9a55L;
    private static final long GUEST_MAC = 0x5254_0012_3456L;
    private static final long PEER = 0x0200_0000_0001L, OTHER = 0x0200_0000_0002L;
    private static final String GATEWAY = "192.0.2.1", GUEST = "192.0.2.10";

    private final Addresses addresses = new Addresses(new Log()).guestMac(GUEST_MAC);
    private final Neighbors neighbors = addresses.neighbors();

    NeighborsTest() {
        addresses.v4().templateIndex(1).address(IpAddress.parse(GUEST))
                .guestGateway(IpAddress.parse(GATEWAY)).ourTapAddress(IpAddress.parse(GATEWAY));
        addresses.v6().templateIndex(1).address(IpAddress.parse("2001:db8::10"))
                .guestGateway(IpAddress.parse("fe80::1"))
                .ourTapAddress(IpAddress.parse("fe80::1"));
    }

    private boolean learn(String address, long mac) {
        var at = IpAddress.parse(address);
        return neighbors.learn(at.high(), at.low(), mac);
    }

    private void forget(String address) {
        var at = IpAddress.parse(address);
        neighbors.forget(at.high(), at.low());
    }

    private void assertMac(long mac, String address) {
        var at = IpAddress.parse(address);
        assertEquals(mac, neighbors.macOf(at.high(), at.low()), address);
    }

    @Test
    void neighboursHaveTheirOwnAndAllOthersOurs() {
        assertTrue(learn("192.0.2.7", PEER));
        assertTrue(learn("2001:db8::7", OTHER));
        assertMac(PEER, "192.0.2.7");
        assertMac(OTHER, "2001:db8::7");
        assertMac(OURS, "192.0.2.8");
        assertMac(OURS, "2001:db8::8");
        forget("192.0.2.7");
        assertMac(OURS, "192.0.2.7");
        assertEquals(1, neighbors.size());
    }

    @Test
    void strangersComeThroughTheGatewayOfTheirFamily() {
        learn(GATEWAY, PEER);
        assertMac(PEER, "203.0.113.5");
        assertMac(PEER, GATEWAY);
        assertMac(OURS, "2001:db8:5::1");
        learn("fe80::1", OTHER);
        assertMac(OTHER, "2001:db8:5::1");
        learn("192.0.2.7", OTHER);
        assertMac(OTHER, "192.0.2.7");
        forget(GATEWAY);
        assertMac(OURS, "203.0.113.5");
    }

    @Test
    void whatStandsForTheHostHasOurs() {
        addresses.v4().mapHostLoopback(IpAddress.parse(GATEWAY))
                .mapGuestAddress(IpAddress.parse("192.0.2.9"));
        assertFalse(learn(GATEWAY, PEER));
        assertFalse(learn("192.0.2.9", PEER));
        assertMac(OURS, GATEWAY);
        assertMac(OURS, "192.0.2.9");
        assertMac(OURS, "203.0.113.5");
        assertEquals(0, neighbors.size());
    }

    /** Addresses may be mapped only after the neighbour came. */
    @Test
    void anEntryIsNoLongerSeenOnceTheAddressIsOurs() {
        learn(GATEWAY, PEER);
        addresses.v4().mapHostLoopback(IpAddress.parse(GATEWAY));
        assertMac(OURS, GATEWAY);
        learn(GATEWAY, PEER);
        assertEquals(0, neighbors.size());
    }

    @Test
    void whoHasTheGuestsAddressIsNotSeenByIt() {
        assertFalse(learn(GUEST, PEER));
        addresses.learnV4(IpAddress.parse("192.0.2.66").v4());
        assertFalse(learn("192.0.2.66", PEER));
        assertFalse(learn("127.0.0.1", PEER));
        assertFalse(learn("224.0.0.22", PEER));
        assertFalse(learn("ff02::16", PEER));
        assertFalse(learn("0.0.0.0", PEER));
        assertEquals(0, neighbors.size());
    }

    @Test
    void newsIsWhatChanges() {
        assertTrue(learn("192.0.2.7", PEER));
        assertFalse(learn("192.0.2.7", PEER));
        assertTrue(learn("192.0.2.7", OTHER));
        assertFalse(learn("192.0.2.8", OURS), "what the guest believes anyway");
        assertMac(OURS, "192.0.2.8");
    }

    @Test
    void nobodyComesWithTheGuestsOwn() {
        learn("192.0.2.7", GUEST_MAC);
        assertMac(OURS, "192.0.2.7");
    }

    @Test
    void aDumpForgetsWhomItDoesNotName() {
        learn("192.0.2.7", PEER);
        learn("192.0.2.8", PEER);
        neighbors.beginDump();
        learn("192.0.2.7", PEER);
        learn("192.0.2.9", PEER);
        neighbors.endDump();
        assertMac(PEER, "192.0.2.7");
        assertMac(OURS, "192.0.2.8");
        assertMac(PEER, "192.0.2.9");
    }

    @Test
    void knowsNoMoreThan512() {
        for (int i = 0; i < 5000; i++) {
            neighbors.learn(0x2001_0db8L << 32, i, PEER);
            assertTrue(neighbors.size() <= 512);
        }
        assertEquals(512, neighbors.size());
        assertMac(PEER, "2001:db8::" + Integer.toHexString(4999));
    }

    @Test
    void aFlowKeepsWhatItsFirstFrameHad() {
        var flow = flow();
        assertEquals(Flow.TAP_MAC_UNKNOWN, flow.tapMac());
        // Found between the flow's beginning and its first frame.
        learn("192.0.2.7", PEER);
        assertEquals(PEER, neighbors.macFor(flow));
        learn("192.0.2.7", OTHER);
        forget("192.0.2.7");
        assertEquals(PEER, neighbors.macFor(flow));
        assertEquals(OURS, neighbors.macFor(flow()));
    }

    @Test
    void newsAreReadBeforeAFlowDecides() {
        neighbors.news(() -> learn("192.0.2.7", PEER));
        assertEquals(PEER, neighbors.macFor(flow()));
        neighbors.news(() -> learn("192.0.2.7", OTHER));
        assertEquals(PEER, neighbors.macFor(flow()), "nothing is read for one who is known");
        assertMac(PEER, "192.0.2.7");
    }

    /** From the guest to 192.0.2.7. */
    private Flow flow() {
        var table = new FlowTable(4, 1, 2, new Forwarding(addresses, new Log()), new Log(),
                new Counters());
        table.handler(FlowType.UDP, new Immortal());
        var guest = IpAddress.parse(GUEST);
        var peer = IpAddress.parse("192.0.2.7");
        return table.allocate().initiate(Pif.TAP, guest.high(), guest.low(), 40000,
                peer.high(), peer.low(), 53).target(IpProtocol.UDP, -1)
                .type(FlowType.UDP, "body").activate();
    }

    private static final class Immortal implements FlowHandler {
        @Override
        public boolean deferred(Flow flow, long nowNs) {
            return false;
        }

        @Override
        public boolean timer(Flow flow, long nowNs) {
            return false;
        }
    }
}
