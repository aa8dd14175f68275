// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.dhcp;
import static jpasst.responder.ServiceGuest.hex;
import static jpasst.responder.ServiceGuest.message;
import static jpasst.responder.ServiceGuest.options;
import static jpasst.responder.ServiceGuest.settings;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.sourcePort;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.targetPort;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.metrics.Counter;
import org.junit.jupiter.api.Test;

/** DHCP; but for pointers, the expected options are those the original was seen to send. */
class DhcpResponderTest {
    private static final String MASK_TO_DNS = "0104ffffff00 03040a630002 0604c0000235";
    private static final String NAME = "0c066d79686f7374";
    private static final String MTU = "1a02fff0";
    private static final String LEASE = "3304ffffffff";
    private static final String SERVER = "36040a630002";
    private static final String FQDN = "511404ffff026d7904686f7374076578616d706c6500";
    private static final String SEARCH = "770f 0161076578616d706c6500 0162c002";
    private static final String DISCOVER = "350101", REQUEST = "350103";

    private final ServiceGuest guest = new ServiceGuest();

    private static String plain(String... parts) {
        return String.join("", parts).replace(" ", "");
    }

    @Test
    void offersWithListedOptionsFirstAndTheTypeInFront() {
        assertEquals(plain("350102", "0104ffffff00 03040a630002 0604c0000235", MTU, NAME, LEASE,
                SERVER, FQDN, SEARCH, "ff"), options(guest.ask(DISCOVER + "37040103061a")));
        assertEquals(List.of("DHCP: offer to discover", "    from 52:54:00:12:34:56"),
                guest.logged);
    }

    @Test
    void keepsTheTypeWhereTheClientListsIt() {
        assertEquals(plain(SERVER, "350102", MASK_TO_DNS, NAME, MTU, LEASE, FQDN, SEARCH, "ff"),
                options(guest.ask(DISCOVER + "37073635010306c8ff")));
    }

    @Test
    void writesEachOptionOnce() {
        assertEquals(plain("350102", "0104ffffff00", "03040a630002", "0604c0000235", NAME, MTU,
                LEASE, SERVER, FQDN, SEARCH, "ff"),
                options(guest.ask(DISCOVER + "370401010301")));
    }

    @Test
    void acknowledgesInAscendingOrderWithoutAList() {
        assertEquals(plain(MASK_TO_DNS, NAME, MTU, LEASE, "350105", SERVER, FQDN, SEARCH, "ff"),
                options(guest.ask(REQUEST)));
        assertEquals("DHCP: ack to request", guest.logged.getFirst());
    }

    @Test
    void commitsRapidlyIfAskedTo() {
        assertEquals(plain(MASK_TO_DNS, NAME, MTU, LEASE, "350105", SERVER, "5000", FQDN, SEARCH,
                "ff"), options(guest.ask(DISCOVER + "5000")));
        assertFalse(options(guest.ask(REQUEST + "5000")).contains(SERVER + "5000"));
        assertFalse(options(guest.ask(DISCOVER)).contains(SERVER + "5000"));
    }

    @Test
    void answersBootp() {
        assertEquals(plain(MASK_TO_DNS, NAME, MTU, LEASE, "350105", SERVER, FQDN, SEARCH, "ff"),
                options(guest.ask("")));
        assertEquals("BOOTP: reply to request", guest.logged.getFirst());
    }

    /** A request for another address is granted with ours, and so is any client's identifier. */
    @Test
    void givesItsOneAddressWhateverIsAskedFor() {
        var reply = guest.ask(REQUEST + "3204c0a80009");
        assertArrayEquals(hex("02010600 11223344 00000000"), Arrays.copyOf(reply, 12));
        assertArrayEquals(hex("00000000 0a630001 00000000 00000000"),
                Arrays.copyOfRange(reply, 12, 28));
        assertArrayEquals(hex("525400123456"), Arrays.copyOfRange(reply, 28, 34));
        assertArrayEquals(new byte[202], Arrays.copyOfRange(reply, 34, 236));
        assertArrayEquals(hex("63825363"), Arrays.copyOfRange(reply, 236, 240));
    }

    @Test
    void copiesWhatIdentifiesTheClient() {
        var asked = message(0, DISCOVER);
        for (int i = 0; i < 44; i++) {
            asked[i] = i == 0 ? 1 : (byte) (i * 3);
        }
        asked[10] = 0;
        guest.send(dhcp(asked));
        var reply = Arrays.copyOfRange(guest.tap.take().bytes(), 42, 42 + 44);
        var expected = Arrays.copyOf(asked, 44);
        expected[0] = 2;
        Arrays.fill(expected, 3, 4, (byte) 0);
        Arrays.fill(expected, 8, 10, (byte) 0);
        System.arraycopy(hex("0a630001 00000000"), 0, expected, 16, 8);
        assertArrayEquals(expected, reply);
    }

    @Test
    void answersTheAddressOrEverybody() {
        guest.send(dhcp(message(0, DISCOVER)));
        assertFrame(guest.tap.take(), sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                ipv4(source("10.99.0.2"), target("10.99.0.1"),
                        udp(sourcePort(67), targetPort(68))));
        guest.send(dhcp(message(0x8000, DISCOVER)));
        var broadcast = guest.tap.take();
        assertFalse(broadcast.needsChecksum());
        assertFrame(broadcast, targetMac(GUEST_MAC),
                ipv4(target("255.255.255.255"), udp(targetPort(68))));
        assertEquals(2, guest.count(Counter.DHCP_REPLIES));
    }

    @Test
    void padsShortReplies() {
        guest.with(new ServiceSettings(true, true, true, true, 0, null, null, List.of(),
                List.of(), List.of()));
        var reply = guest.ask(DISCOVER);
        assertEquals(300, reply.length);
        assertEquals(plain("0104ffffff00 03040a630002", LEASE, "350102", SERVER, "ff")
                + "00".repeat(60 - 28), options(reply));
    }

    @Test
    void namesARouteToAGatewayOutsideTheNetwork() {
        guest.addresses.v4().prefixLength(32);
        guest.with(settings(false, null, null));
        var reply = options(guest.ask(DISCOVER));
        assertTrue(reply.startsWith("0104ffffffff"), reply);
        assertTrue(reply.contains("790e 20 0a630002 00000000 00 0a630002 ff".replace(" ", "")),
                reply);
    }

    @Test
    void neverWritesBeyondTheOptionsArea() {
        var long253 = ("a".repeat(63) + ".").repeat(3) + "b".repeat(61);
        guest.with(settings(true, "h".repeat(253), null, long253, "c.example"));
        var reply = guest.ask(DISCOVER);
        var text = options(reply);
        assertTrue(reply.length <= 548);
        assertTrue(text.contains("0cfd6868"), text);
        assertFalse(text.contains("77ff"), text);
        assertTrue(guest.logged.contains("DHCP: 1 options did not fit into the reply"));
        // The name asked for first gets the room.
        guest.with(settings(true, "h".repeat(253), long253, long253, "c.example"));
        text = options(guest.ask(DISCOVER + "370177"));
        assertTrue(text.startsWith("35010277ff3f6161"), text);
        assertFalse(text.contains("0cfd6868"), text);
    }

    /** A lease is of no use without them, so names asked for first do not take their room. */
    @Test
    void neverLeavesOutWhatALeaseNeeds() {
        guest.addresses.v4().prefixLength(32);
        for (int length = 1; length < 254; length++) {
            guest.with(settings(true, "h".repeat(length), "f.example",
                    ("a".repeat(63) + ".").repeat(3) + "b".repeat(61)));
            for (var list : List.of("370477510c35", "37040c775135", "3703513377", "")) {
                var reply = guest.ask(DISCOVER + list);
                assertTrue(reply.length <= 548);
                for (var needed : List.of("350102", LEASE, SERVER, "0104ffffffff",
                        "03040a630002", "790e200a630002")) {
                    assertTrue(options(reply).contains(needed), needed + " in " + options(reply));
                }
            }
        }
    }

    @Test
    void fillsTheOptionsAreaToTheLastByte() {
        for (int length = 230; length < 254; length++) {
            guest.logged.clear();
            guest.with(settings(true, "h".repeat(length), "f", "c.example"));
            var reply = guest.ask(DISCOVER);
            // All but the host name take 60 bytes, the end one, the search list 13.
            boolean fits = length <= 247;
            assertEquals(240 + length + 61 - (fits ? 0 : 13), reply.length);
            assertEquals(fits ? 2 : 3, guest.logged.size());
        }
    }

    @Test
    void ignoresOtherMessages() {
        for (int type : new int[] {0, 2, 4, 5, 6, 7, 8, 9, 255}) {
            guest.send(dhcp(message(0, HexFormat.of().formatHex(
                    new byte[] {53, 1, (byte) type}))));
        }
        guest.send(dhcp(message(0, "3500")));
        guest.send(dhcp(message(0, "35020101")));
        var reply = message(0, DISCOVER);
        reply[0] = 2;
        guest.send(dhcp(reply));
        guest.tap.assertSilent();
        assertEquals(12, guest.count(Counter.DROP_SERVICE_IGNORED));
    }

    @Test
    void ignoresEveryTruncationButOfPaddingAndEnd() {
        var whole = message(0, DISCOVER + "0000" + "3d0701525400123456" + "3702" + "0103");
        for (int length = 0; length < whole.length; length++) {
            guest.send(dhcp(Arrays.copyOf(whole, length)));
            boolean between = Arrays.binarySearch(
                    new int[] {240, 243, 244, 245, 254, 258}, length) >= 0;
            assertEquals(between ? 1 : 0, guest.tap.waiting(), "length " + length);
            if (between) guest.tap.take();
        }
        assertEquals(whole.length - 6, guest.count(Counter.DROP_MALFORMED_SERVICE));
    }

    @Test
    void refusesBadDatagrams() {
        var bytes = dhcp(message(0, DISCOVER)).bytes();
        bytes[100] ^= 1;
        assertTrue(guest.offer(bytes, false));
        assertEquals(1, guest.count(Counter.DROP_BAD_CHECKSUM));
        bytes[39] = 3;
        assertTrue(guest.offer(bytes, true));
        bytes[38] = 3;
        assertTrue(guest.offer(bytes, true));
        guest.tap.assertSilent();
        assertEquals(2, guest.count(Counter.DROP_MALFORMED_UDP));
    }

    @Test
    void keepsRequestsOnTheLinkIfSwitchedOff() {
        guest.with(ServiceSettings.none());
        guest.send(dhcp(message(0, DISCOVER)));
        guest.send(frame().ipv4("10.99.0.1", "198.51.100.1").udp(68, 67).payload("x"));
        guest.tap.assertSilent();
        assertEquals(2, guest.count(Counter.DROP_SERVICE_IGNORED));
    }

    @Test
    void logsFewOfManyAnswers() {
        for (int i = 0; i < 100; i++) {
            guest.ask(DISCOVER);
        }
        assertEquals(2 * 5 + 1, guest.logged.size());
    }

    @Test
    void countsWhatTheTapRefuses() {
        guest.tap.refuse(true);
        guest.send(dhcp(message(0, DISCOVER)));
        assertEquals(1, guest.count(Counter.DROP_TAP_REFUSED));
        assertEquals(0, guest.count(Counter.DHCP_REPLIES));
    }

    @Test
    void usesTheAddressesOfItsNetwork() {
        guest.addresses.v4().address(IpAddress.parse("192.0.2.130")).prefixLength(25)
                .guestGateway(IpAddress.parse("192.0.2.129"))
                .ourTapAddress(IpAddress.parse("192.0.2.129"));
        guest.with(settings(false, null, null));
        assertTrue(options(guest.ask(DISCOVER)).startsWith("0104ffffff800304c0000281"));
    }
}
