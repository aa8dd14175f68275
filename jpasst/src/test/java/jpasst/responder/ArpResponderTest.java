// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.testing.Checks.arp;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.log.Log;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.FakeTap;
import jpasst.testing.GuestFrame;

class ArpResponderTest {
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long PEER_MAC = 0x0200_0000_0077L;
    private static final String GUEST = "10.0.0.5", GATEWAY = "10.0.0.1";

    private final FakeTap tap = new FakeTap();
    private final Counters counters = new Counters();
    private final Addresses addresses = new Addresses(new Log());
    private final ArpResponder responder =
            new ArpResponder(addresses, tap, counters, Arena.ofAuto());

    ArpResponderTest() {
        addresses.v4().templateIndex(1).address(IpAddress.parse(GUEST))
                .ourTapAddress(IpAddress.parse(GATEWAY));
    }

    private void guestSends(byte[] bytes) {
        responder.fromTap(new GuestFrame().load(bytes).frame());
    }

    @Test
    void everyAddressResolvesToUs() {
        for (var address : new String[] {GATEWAY, "10.0.0.77", "192.0.2.1"}) {
            guestSends(frame().ethernet(GUEST_MAC, BROADCAST)
                    .arp(1, GUEST_MAC, GUEST, 0, address).bytes());
            var answer = tap.take();
            assertEquals(60, answer.bytes().length);
            assertFrame(answer, sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                    arp(2, OUR_MAC, address, GUEST_MAC, GUEST));
        }
        assertEquals(3, counters.get(Counter.ARP_REPLIES));
    }

    @Test
    void neighboursOfTheHostResolveToThemselves() {
        var peer = IpAddress.parse("10.0.0.77");
        addresses.neighbors().learn(peer.high(), peer.low(), PEER_MAC);
        guestSends(frame().ethernet(GUEST_MAC, BROADCAST)
                .arp(1, GUEST_MAC, GUEST, 0, "10.0.0.77").bytes());
        assertFrame(tap.take(), sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                arp(2, PEER_MAC, "10.0.0.77", GUEST_MAC, GUEST));
    }

    @Test
    void announcesAsTheNeighbourWould() {
        responder.announce(IpAddress.parse("10.0.0.77").v4(), PEER_MAC);
        var frame = tap.take();
        assertEquals(60, frame.bytes().length);
        assertFrame(frame, sourceMac(PEER_MAC), targetMac(BROADCAST),
                arp(1, PEER_MAC, "10.0.0.77", 0, "10.0.0.77"));
        tap.refuse(true);
        responder.announce(IpAddress.parse("10.0.0.77").v4(), PEER_MAC);
        assertEquals(1, counters.get(Counter.NEIGHBOR_ANNOUNCEMENTS));
        assertEquals(1, counters.get(Counter.DROP_TAP_REFUSED));
    }

    @Test
    void answersProbesForOthersAddresses() {
        guestSends(frame().arp(1, GUEST_MAC, "0.0.0.0", 0, "10.0.0.6").bytes());
        assertFrame(tap.take(), arp(2, OUR_MAC, "10.0.0.6", GUEST_MAC, "0.0.0.0"));
    }

    @Test
    void leavesTheGuestItsOwnAddress() {
        guestSends(frame().arp(1, GUEST_MAC, "0.0.0.0", 0, GUEST).bytes());
        guestSends(frame().arp(1, GUEST_MAC, "10.0.0.9", 0, "10.0.0.9").bytes());
        guestSends(frame().arp(2, GUEST_MAC, GUEST, OUR_MAC, GATEWAY).bytes());
        tap.assertSilent();
        assertEquals(3, counters.get(Counter.DROP_SERVICE_IGNORED));
    }

    @Test
    void survivesTruncationAndMutation() {
        var good = frame().arp(1, GUEST_MAC, GUEST, 0, GATEWAY).bytes();
        for (int length = 14; length < good.length; length++) {
            guestSends(Arrays.copyOf(good, length));
        }
        tap.assertSilent();
        assertEquals(good.length - 14, counters.get(Counter.DROP_MALFORMED_ARP));
        var random = new Random(3);
        for (int i = 0; i < 5000; i++) {
            var bytes = good.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            guestSends(bytes);
            if (tap.waiting() > 0) {
                assertEquals(60, tap.take().bytes().length);
            }
        }
    }

    @Test
    void asksForTheGuest() {
        responder.askForGuest();
        assertFrame(tap.take(), sourceMac(OUR_MAC), targetMac(BROADCAST),
                arp(1, OUR_MAC, GATEWAY, 0, GUEST));
        addresses.v4().address(null);
        responder.askForGuest();
        tap.assertSilent();
    }
}
