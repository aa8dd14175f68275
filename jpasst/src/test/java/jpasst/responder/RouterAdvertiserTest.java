// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.LINK_LOCAL;
import static jpasst.responder.ServiceGuest.OUR_LINK_LOCAL;
import static jpasst.responder.ServiceGuest.hex;
import static jpasst.responder.ServiceGuest.settings;
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
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import org.junit.jupiter.api.Test;

/** Router advertisements; the expected bytes are those that the original was seen to send. */
class RouterAdvertiserTest {
    private static final long SECOND = 1_000_000_000;
    private static final String TIMERS = "0000000000000000";
    private static final String PREFIX = "030440c0 ffffffff ffffffff 00000000"
            + "fd990000000000000000000000000001";
    private static final String OUR_ADDRESS = "01019a559a559a55";
    private static final String MTU = "0501 0000 0000fff0";
    private static final String DNS = "1903 0000 ffffffff 20010db8000000000000000000000053";
    private static final String SEARCH = "1f04 0000 ffffffff 0161076578616d706c6500"
            + "0162076578616d706c6500 0000";

    private final ServiceGuest guest = new ServiceGuest();

    private static FrameBuilder solicitation(String from) {
        return frame().ipv6(from, "ff02::2").ttl(255).icmp(133, 0, 0);
    }

    private void assertAdvertised(String to, String... options) {
        assertFrame(guest.tap.take(), sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                ipv6(source(OUR_LINK_LOCAL), target(to), ttl(255),
                        icmp(134, 0, icmpRest(0xff80ffff),
                                payload(hex(TIMERS + String.join("", options))))));
    }

    @Test
    void answersWithAllOptionsInOrder() {
        guest.send(solicitation(LINK_LOCAL));
        assertAdvertised(LINK_LOCAL, PREFIX, OUR_ADDRESS, MTU, DNS, SEARCH);
        assertEquals(List.of("NDP: received RS, sending RA"), guest.logged);
        assertEquals(1, guest.count(Counter.ROUTER_ADVERTISEMENTS));
    }

    @Test
    void logsFewOfManyAnswers() {
        for (int i = 0; i < 100; i++) {
            guest.send(solicitation(LINK_LOCAL));
        }
        assertEquals(5 + 1, guest.logged.size());
    }

    @Test
    void answersEverybodyIfTheAskerHasNoAddress() {
        guest.send(solicitation("::"));
        assertAdvertised("ff02::1", PREFIX, OUR_ADDRESS, MTU, DNS, SEARCH);
    }

    @Test
    void leavesOutWhatIsNotToBeTold() {
        guest.with(settings(false, null, null, "a.example"));
        guest.send(solicitation(LINK_LOCAL));
        assertAdvertised(LINK_LOCAL, PREFIX, OUR_ADDRESS, MTU);
        guest.with(new ServiceSettings(true, true, true, true, 0, null, null, List.of(),
                List.of(), List.of()));
        guest.addresses.v6().address(null);
        guest.send(solicitation(LINK_LOCAL));
        assertAdvertised(LINK_LOCAL, OUR_ADDRESS);
    }

    /** In local mode the guest's own link-local address becomes its address. */
    @Test
    void advertisesNoLinkLocalPrefix() {
        guest.addresses.v6().address(null);
        guest.addresses.learnV6(0xfe80_0000_0000_0000L, 5);
        guest.with(settings(false, null, null));
        guest.send(solicitation(LINK_LOCAL));
        assertAdvertised(LINK_LOCAL, OUR_ADDRESS, MTU);
    }

    @Test
    void keepsWithinTheSmallestMtu() {
        var name = ("a".repeat(63) + ".").repeat(3) + "b".repeat(60);
        guest.with(settings(true, null, null, name + "1", name + "2", name + "3", name + "4",
                name + "5", "c.example"));
        guest.send(solicitation(LINK_LOCAL));
        var bytes = guest.tap.take().bytes();
        assertTrue(bytes.length > 1000 && bytes.length - 14 <= 1280, "" + bytes.length);
    }

    @Test
    void answersNoInvalidSolicitation() {
        guest.send(solicitation(LINK_LOCAL).ttl(254));
        guest.send(frame().ipv6(LINK_LOCAL, "ff02::2").ttl(255).icmp(133, 1, 0));
        guest.send(solicitation(LINK_LOCAL).payload(new byte[8]));
        guest.send(solicitation(LINK_LOCAL).payload(new byte[7]));
        guest.send(solicitation("ff02::1"));
        guest.send(solicitation("::").payload(hex("0101 525400123456")));
        assertEquals(6, guest.count(Counter.DROP_MALFORMED_ICMP));
        var bytes = solicitation(LINK_LOCAL).bytes();
        bytes[60] ^= 1;
        guest.offer(bytes, false);
        assertEquals(1, guest.count(Counter.DROP_BAD_CHECKSUM));
        guest.tap.assertSilent();
        guest.send(solicitation(LINK_LOCAL).payload(hex("0101 525400123456")));
        assertEquals(1, guest.tap.waiting());
    }

    @Test
    void advertisesUnaskedWhileTheGuestIsThere() {
        guest.services.run(guest.nowNs + 10_000 * SECOND);
        guest.tap.assertSilent();
        assertEquals(Long.MAX_VALUE, guest.services.run(guest.nowNs));
        long nowNs = guest.nowNs;
        guest.services.guestCame(nowNs);
        for (int i = 0; i < 50; i++) {
            long nextNs = guest.services.run(nowNs);
            guest.tap.assertSilent();
            assertTrue(nextNs >= nowNs + 200 * SECOND && nextNs < nowNs + 600 * SECOND);
            assertEquals(nextNs, guest.services.run(nextNs - 1));
            guest.tap.assertSilent();
            nowNs = nextNs;
            guest.services.run(nowNs);
            assertAdvertised("ff02::1", PREFIX, OUR_ADDRESS, MTU, DNS, SEARCH);
        }
        assertTrue(guest.logged.getLast().matches(
                "NDP: sending unsolicited RA, next in [2-5][0-9]{2}s"), guest.logged.getLast());
        guest.services.guestLeft();
        assertEquals(Long.MAX_VALUE, guest.services.run(nowNs + 10_000 * SECOND));
        guest.tap.assertSilent();
    }

    @Test
    void isSilentWithoutAdvertisementsOrNeighborDiscovery() {
        guest.with(new ServiceSettings(true, true, false, true, 65520, null, null, List.of(),
                List.of(), List.of()));
        guest.send(solicitation(LINK_LOCAL));
        guest.services.guestCame(guest.nowNs);
        assertEquals(Long.MAX_VALUE, guest.services.run(guest.nowNs + 1000 * SECOND));
        guest.tap.assertSilent();
        guest.send(frame().neighborSolicitation(LINK_LOCAL, "ff02::1:ff00:1", "fd99::2"));
        guest.tap.take();
        guest.with(ServiceSettings.none());
        guest.send(solicitation(LINK_LOCAL));
        guest.send(frame().neighborSolicitation(LINK_LOCAL, "ff02::1:ff00:1", "fd99::2"));
        guest.services.askForGuest();
        guest.tap.assertSilent();
        assertEquals(3, guest.count(Counter.DROP_SERVICE_IGNORED));
    }
}
