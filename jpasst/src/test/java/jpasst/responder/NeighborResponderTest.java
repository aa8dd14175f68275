// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.icmpRest;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.ttl;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.FakeTap;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;

class NeighborResponderTest {
    private static final String GUEST = "fd00::5", GUEST_LINK = "fe80::5", ROUTER = "fe80::1";
    private static final long PEER_MAC = 0x0200_0000_0077L;
    private static final byte[] OUR_OPTION = {2, 1, (byte) 0x9a, 0x55, (byte) 0x9a, 0x55,
        (byte) 0x9a, 0x55};

    private final FakeTap tap = new FakeTap();
    private final Counters counters = new Counters();
    private final Addresses addresses = new Addresses(new Log()).guestMac(GUEST_MAC);
    private final NeighborResponder responder =
            new NeighborResponder(addresses, tap, counters, Arena.ofAuto());

    NeighborResponderTest() {
        addresses.v6().templateIndex(1).address(IpAddress.parse(GUEST))
                .ourTapAddress(IpAddress.parse(ROUTER));
    }

    private void guestSends(FrameBuilder builder) {
        var loaded = new GuestFrame().load(builder.bytes());
        assertTrue(loaded.parse());
        assertTrue(NeighborResponder.isNeighborDiscovery(loaded.packet()));
        responder.fromTap(loaded.frame(), loaded.packet());
    }

    private static FrameBuilder solicitation(String target) {
        return frame().neighborSolicitation(GUEST_LINK, "ff02::1:ff00:1", target);
    }

    /** The target and an option with its MAC address. */
    private static byte[] body(String target, long mac) throws Exception {
        var body = Arrays.copyOf(InetAddress.getByName(target).getAddress(), 24);
        body[16] = 2;
        body[17] = 1;
        for (int i = 0; i < 6; i++) body[18 + i] = (byte) (mac >> 40 - 8 * i);
        return body;
    }

    @Test
    void neighboursOfTheHostResolveToThemselves() throws Exception {
        var peer = IpAddress.parse("fd00::77");
        addresses.neighbors().learn(peer.high(), peer.low(), PEER_MAC);
        guestSends(solicitation("fd00::77"));
        assertFrame(tap.take(), sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                ipv6(source(ROUTER), target(GUEST_LINK), ttl(255),
                        icmp(136, 0, icmpRest(0xe000_0000), payload(body("fd00::77", PEER_MAC)))));
    }

    @Test
    void announcesToAllNodes() throws Exception {
        var peer = IpAddress.parse("fd00::77");
        responder.announce(peer.high(), peer.low(), PEER_MAC);
        assertFrame(tap.take(), sourceMac(PEER_MAC), targetMac(0x3333_0000_0001L),
                ipv6(source(ROUTER), target("ff02::1"), ttl(255),
                        icmp(136, 0, icmpRest(0xa000_0000), payload(body("fd00::77", PEER_MAC)))));
        assertEquals(1, counters.get(Counter.NEIGHBOR_ANNOUNCEMENTS));
        assertEquals(0, counters.get(Counter.NEIGHBOR_ADVERTISEMENTS));
    }

    @Test
    void everyAddressResolvesToUs() throws Exception {
        for (var asked : new String[] {ROUTER, "fd00::77", "2001:db8::1"}) {
            guestSends(solicitation(asked));
            var address = InetAddress.getByName(asked).getAddress();
            var body = Arrays.copyOf(address, 24);
            System.arraycopy(OUR_OPTION, 0, body, 16, 8);
            assertFrame(tap.take(), sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                    ipv6(source(ROUTER), target(GUEST_LINK), ttl(255),
                            icmp(136, 0, icmpRest(0xe000_0000), payload(body))));
        }
        assertEquals(3, counters.get(Counter.NEIGHBOR_ADVERTISEMENTS));
    }

    @Test
    void answersWithOptionsToo() {
        guestSends(frame().neighborSolicitation(GUEST, ROUTER, ROUTER,
                new byte[] {1, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56}));
        assertFrame(tap.take(), ipv6(target(GUEST), icmp(136, 0)));
    }

    /** Port 34443 begins with the byte that means a solicitation in ICMPv6. */
    @Test
    void takesNoDatagramForNeighborDiscovery() {
        var datagram = new GuestFrame().load(frame().ipv6(GUEST, ROUTER).udp(34443, 53).bytes());
        assertTrue(datagram.parse());
        assertFalse(NeighborResponder.isNeighborDiscovery(datagram.packet()));
    }

    @Test
    void leavesDuplicateAddressDetectionAlone() {
        guestSends(frame().neighborSolicitation("::", "ff02::1:ff00:5", GUEST));
        tap.assertSilent();
    }

    @Test
    void ignoresRouterSolicitationsAndAdvertisements() {
        guestSends(frame().ipv6(GUEST_LINK, "ff02::2").ttl(255).icmp(133, 0, 0));
        guestSends(frame().ipv6(GUEST_LINK, "ff02::1").ttl(255).icmp(134, 0, 0));
        guestSends(frame().ipv6(GUEST_LINK, "ff02::1").ttl(255).icmp(136, 0, 0));
        tap.assertSilent();
        assertEquals(3, counters.get(Counter.DROP_SERVICE_IGNORED));
    }

    @Test
    void refusesWhatRfc4861SaysIsInvalid() {
        guestSends(solicitation(ROUTER).ttl(254));
        guestSends(solicitation("ff02::1"));
        guestSends(frame().neighborSolicitation(GUEST, ROUTER, ROUTER, new byte[8]));
        guestSends(frame().neighborSolicitation(GUEST, ROUTER, ROUTER, new byte[3]));
        guestSends(frame().ipv6(GUEST, ROUTER).ttl(255).icmp(135, 0, 0).payload(new byte[15]));
        guestSends(frame().ipv6(GUEST, ROUTER).ttl(255).icmp(135, 1, 0).payload(new byte[16]));
        tap.assertSilent();
        assertEquals(6, counters.get(Counter.DROP_MALFORMED_ICMP));
    }

    @Test
    void refusesWrongChecksumUnlessTheLinkVouches() {
        var bytes = solicitation(ROUTER).bytes();
        bytes[56] ^= 1;
        var loaded = new GuestFrame().load(bytes);
        loaded.parse();
        responder.fromTap(loaded.frame(), loaded.packet());
        tap.assertSilent();
        assertEquals(1, counters.get(Counter.DROP_BAD_CHECKSUM));
        loaded.frame().trusted(true);
        responder.fromTap(loaded.frame(), loaded.packet());
        assertEquals(1, tap.waiting());
    }

    @Test
    void survivesMutation() {
        var random = new Random(5);
        var good = frame().neighborSolicitation(GUEST, ROUTER, ROUTER,
                new byte[] {1, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56}).bytes();
        for (int i = 0; i < 5000; i++) {
            var bytes = Arrays.copyOf(good, good.length - random.nextInt(30));
            bytes[14 + random.nextInt(bytes.length - 14)] = (byte) random.nextInt();
            bytes[19] = (byte) (bytes.length - 54);
            var loaded = new GuestFrame().load(bytes);
            if (loaded.parse() && NeighborResponder.isNeighborDiscovery(loaded.packet())) {
                loaded.frame().trusted(true);
                responder.fromTap(loaded.frame(), loaded.packet());
            }
        }
        assertTrue(tap.waiting() > 100);
    }

    @Test
    void doesNotTakeOtherMessages() {
        var loaded = new GuestFrame().load(frame().ipv6(GUEST, ROUTER).echoRequest(1, 1).bytes());
        loaded.parse();
        assertFalse(NeighborResponder.isNeighborDiscovery(loaded.packet()));
        // The source port of this begins like the type of a solicitation.
        loaded.load(frame().ipv6(GUEST, ROUTER).udp(135 << 8, 53).bytes()).parse();
        assertFalse(NeighborResponder.isNeighborDiscovery(loaded.packet()));
        loaded.load(frame().ipv4("10.0.0.1", "10.0.0.2").icmp(135, 0, 0).bytes()).parse();
        assertFalse(NeighborResponder.isNeighborDiscovery(loaded.packet()));
    }

    /** Whoever is there now: another guest than the last one has another MAC address. */
    @Test
    void asksForTheGuest() throws Exception {
        responder.askForGuest();
        assertFrame(tap.take(), sourceMac(OUR_MAC), targetMac(0xffff_ffff_ffffL),
                ipv6(source(ROUTER), target(GUEST), ttl(255), icmp(135, 0, icmpRest(0),
                        payload(InetAddress.getByName(GUEST).getAddress()))));
        addresses.v6().address(null);
        responder.askForGuest();
        tap.assertSilent();
    }
}
