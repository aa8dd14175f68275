// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.LINK_LOCAL;
import static jpasst.responder.ServiceGuest.OUR_LINK_LOCAL;
import static jpasst.responder.ServiceGuest.hex;
import static jpasst.responder.ServiceGuest.message6;
import static jpasst.responder.ServiceGuest.settings;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ipv6;
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
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import jpasst.addr.IpAddress;
import jpasst.metrics.Counter;
import org.junit.jupiter.api.Test;

/** DHCPv6; the expected options are those that the original was seen to send. */
class Dhcpv6ResponderTest {
    private static final String CLIENT = "0001000a 00030001525400123456";
    private static final String EMPTY_IA = "0003000c 0a0b0c0d 00000001 00000002";
    private static final String GRANTED = "00030028 0a0b0c0d ffffffff ffffffff"
            + "00050018 fd990000000000000000000000000001 ffffffff ffffffff";
    private static final String DNS = "00170010 20010db8000000000000000000000053";
    private static final String SEARCH = "00180016 0161076578616d706c6500 0162076578616d706c6500";
    private static final String FQDN = "00270012 00 026d7904686f7374076578616d706c6500";
    private static final String OURS = "00050018 fd990000000000000000000000000001"
            + "00000010 00000020";
    private static final String FOREIGN = "00050018 fd990000000000000000000000000009"
            + "00000010 00000020";
    private static final String REFUSAL = "000d 0021 0004"
            + HexFormat.of().formatHex("the address is not of this link".getBytes());

    private final ServiceGuest guest = new ServiceGuest();
    /** Our identifier as an option; it holds the time of start. */
    private final String server = guest.ask6("01000000" + CLIENT).substring(8, 8 + 36);

    private static String plain(String... parts) {
        return String.join("", parts).replace(" ", "");
    }

    private String granted(String head) {
        return plain(head, server, GRANTED, CLIENT, DNS, SEARCH, FQDN);
    }

    @Test
    void identifiesItselfByTimeAndAddress() {
        assertArrayEquals(hex("00010001 32968274 9a559a559a55"),
                Services.serverId(OUR_MAC, 0x32968274L + 946_684_800));
        assertTrue(server.startsWith("0002000e00010001"), server);
        assertTrue(server.endsWith("9a559a559a55"), server);
    }

    @Test
    void advertisesItsAddress() {
        assertEquals(granted("02abcdef"), guest.ask6("01abcdef" + CLIENT + EMPTY_IA));
        assertEquals("DHCPv6: received SOLICIT, sending ADVERTISE", guest.logged.getLast());
    }

    @Test
    void answersTheClientsAddress() {
        guest.send6("01abcdef" + CLIENT + EMPTY_IA);
        var frame = guest.tap.take();
        assertEquals(0x600bcdef, java.nio.ByteBuffer.wrap(frame.bytes()).getInt(14));
        assertFrame(frame, sourceMac(OUR_MAC), targetMac(GUEST_MAC),
                ipv6(source(OUR_LINK_LOCAL), target(LINK_LOCAL),
                        udp(sourcePort(547), targetPort(546))));
    }

    @Test
    void grantsItsAddress() {
        for (var type : new String[] {"03", "05"}) {
            assertEquals(granted("07abcdef"),
                    guest.ask6(type + "abcdef" + CLIENT + server + EMPTY_IA));
            assertEquals(granted("07abcdef"), guest.ask6(type + "abcdef" + CLIENT + server
                    + "00030028 0a0b0c0d 00000001 00000002" + OURS));
        }
        assertEquals(granted("07abcdef"), guest.ask6("04abcdef" + CLIENT
                + "00030028 0a0b0c0d 00000001 00000002" + OURS));
    }

    @Test
    void rebindsWhetherOrNotTheServerIsNamed() {
        assertEquals(granted("07abcdef"), guest.ask6("06abcdef" + CLIENT + EMPTY_IA));
        assertEquals(granted("07abcdef"), guest.ask6("06abcdef" + CLIENT + server + EMPTY_IA));
    }

    @Test
    void informsWithoutAddresses() {
        for (var named : new String[] {"", server}) {
            assertEquals(plain("07abcdef", server, CLIENT, DNS, SEARCH, FQDN),
                    guest.ask6("0babcdef" + CLIENT + named));
        }
        assertEquals(plain("07abcdef", server, DNS, SEARCH, FQDN), guest.ask6("0babcdef"));
    }

    @Test
    void saysThatAForeignAddressIsNotOnTheLink() {
        var ia = "00030028 0a0b0c0d 00000001 00000002" + FOREIGN;
        for (var asked : new String[] {"03abcdef" + server, "05abcdef" + server, "04abcdef"}) {
            assertEquals(plain("07abcdef", server, "00030031 0a0b0c0d 00000001 00000002",
                    REFUSAL, CLIENT), guest.ask6(asked + CLIENT + ia));
        }
        assertEquals("DHCPv6: received CONFIRM, sending NotOnLink: fd99::9 is not fd99::1",
                guest.logged.getLast());
        assertEquals(granted("07abcdef"), guest.ask6("06abcdef" + CLIENT + ia));
    }

    @Test
    void looksAtAllAssociations() {
        var good = "00030028 0a0b0c0d 00000001 00000002" + OURS;
        assertEquals(plain("07abcdef", server, "00040029 0a0b0c0e", REFUSAL, CLIENT),
                guest.ask6("04abcdef" + CLIENT + good + "00040020 0a0b0c0e" + FOREIGN));
        assertEquals(plain("07abcdef", server, "00030031 0a0b0c0f 00000003 00000004", REFUSAL,
                CLIENT), guest.ask6("04abcdef" + good + CLIENT
                        + "00030028 0a0b0c0f 00000003 00000004" + FOREIGN));
        assertEquals(plain("07abcdef", server, "00030031 0a0b0c0d 00000001 00000002", REFUSAL,
                CLIENT), guest.ask6("04abcdef" + CLIENT
                        + "00030044 0a0b0c0d 00000001 00000002" + OURS + FOREIGN));
    }

    @Test
    void namesTheFirstOfSeveral() {
        assertEquals(granted("02abcdef"), guest.ask6("01abcdef" + CLIENT + EMPTY_IA
                + "0003000c 01010101 00000001 00000002"));
        assertEquals(plain("07abcdef", server, "00030031 0a0b0c0d 00000001 00000002", REFUSAL,
                CLIENT), guest.ask6("04abcdef" + CLIENT
                        + "00030028 0a0b0c0d 00000001 00000002" + FOREIGN
                        + "00030028 01010101 00000001 00000002" + FOREIGN));
    }

    /** Among all transactions there is one for which the sum comes to 0 (RFC 768). */
    @Test
    void neverSendsTheChecksumThatMeansNone() {
        for (int transaction = 0; transaction < 0x10000; transaction++) {
            guest.send(frame().ipv6(LINK_LOCAL, "ff02::1:2").udp(546, 547)
                    .payload(hex(HexFormat.of().toHexDigits(0x0100_0000 | transaction) + CLIENT)));
            var bytes = guest.tap.take().bytes();
            assertTrue((bytes[60] | bytes[61]) != 0);
        }
    }

    @Test
    void hasAnIdentifierForWhoAsksForNoAssociation() {
        assertEquals(granted("02abcdef").replace("0a0b0c0d", "00000001"),
                guest.ask6("01abcdef" + CLIENT));
    }

    @Test
    void saysThatItDoesNotUpdateNames() {
        assertEquals(granted("02abcdef").replace("0027001200", "0027001202"),
                guest.ask6("01abcdef" + CLIENT + EMPTY_IA + "00270005 01 03677374"));
        assertEquals(granted("02abcdef"),
                guest.ask6("01abcdef" + CLIENT + EMPTY_IA + "00270005 04 03677374"));
    }

    @Test
    void tellsOnlyWhatIsToBeTold() {
        guest.with(settings(false, "h", null));
        var reply = guest.ask6("01abcdef" + CLIENT + EMPTY_IA);
        assertEquals(plain("02abcdef", reply.substring(8, 44), GRANTED, CLIENT), reply);
    }

    @Test
    void keepsWithinTheSmallestMtu() {
        var name = ("a".repeat(63) + ".").repeat(3) + "b".repeat(60);
        guest.with(settings(true, null, name + "0", name + "1", name + "2", name + "3",
                "c.example"));
        guest.send6("01abcdef" + "00010080" + "11".repeat(128) + EMPTY_IA);
        var bytes = guest.tap.take().bytes();
        assertTrue(bytes.length > 900 && bytes.length - 14 <= 1280, "" + bytes.length);
    }

    @Test
    void answersOnlyWhatIsForIt() {
        long before = guest.count(Counter.DROP_SERVICE_IGNORED);
        var other = server.replace("9a559a559a55", "9a559a559a56");
        var shorter = "0002000c" + server.substring(8, 32);
        for (var message : new String[] {
            "01abcdef" + server + CLIENT, "01abcdef" + EMPTY_IA, "03abcdef" + CLIENT + EMPTY_IA,
            "03abcdef" + CLIENT + other, "05abcdef" + CLIENT + shorter, "05abcdef" + CLIENT,
            "04abcdef" + CLIENT + server, "06abcdef" + CLIENT + other, "0babcdef" + other,
            "0babcdef" + CLIENT + EMPTY_IA, "0babcdef" + "00040004 00000001",
            "08abcdef" + CLIENT + server, "09abcdef" + CLIENT + server, "02abcdef" + CLIENT,
            "07abcdef" + CLIENT, "0aabcdef" + CLIENT, "0cabcdef" + CLIENT, "0dabcdef" + CLIENT,
            "00abcdef" + CLIENT, "ffabcdef" + CLIENT}) {
            guest.send6(message);
            guest.tap.assertSilent();
            assertEquals(++before, guest.count(Counter.DROP_SERVICE_IGNORED), message);
        }
    }

    @Test
    void refusesMalformedMessages() {
        long before = 0;
        for (var message : new String[] {"", "01abcd", "01abcdef" + CLIENT + "00", "01abcdef"
            + CLIENT + "000300", "01abcdef" + CLIENT + "0006000200",
            "01abcdef" + "00010081" + "11".repeat(129), "01abcdef" + "00010000",
            "01abcdef" + CLIENT + "0003000b" + "11".repeat(11),
            "01abcdef" + CLIENT + "00040003" + "11".repeat(3),
            "01abcdef" + CLIENT + "0003000e" + "11".repeat(12) + "0005",
            "01abcdef" + CLIENT + "00030010" + "11".repeat(12) + "00050018",
            "01abcdef" + CLIENT + "00030027" + "11".repeat(12) + "00050017" + "11".repeat(23),
            "01abcdef" + CLIENT + "00270000"}) {
            guest.send6(message);
            guest.tap.assertSilent();
            assertEquals(++before, guest.count(Counter.DROP_MALFORMED_SERVICE), message);
        }
        guest.send6("01abcdef" + "00010080" + "11".repeat(128));
        guest.tap.take();
    }

    @Test
    void refusesEveryTruncation() {
        var whole = hex("04abcdef" + EMPTY_IA + CLIENT
                + "00030028 0a0b0c0d 00000001 00000002" + OURS);
        long answered = 0;
        for (int length = 0; length <= whole.length; length++) {
            guest.send6(HexFormat.of().formatHex(whole, 0, length));
            if (guest.tap.waiting() > 0) {
                answered++;
                message6(guest.tap.take());
            }
        }
        // Behind the client's identifier, and at the end.
        assertEquals(2, answered);
    }

    @Test
    void asksToBeAskedByMulticast() {
        assertEquals(false, guest.offer(frame().ipv6(LINK_LOCAL, OUR_LINK_LOCAL).udp(546, 547)
                .payload(hex("01abcdef" + CLIENT)).bytes(), false));
        guest.send(frame().ipv6("::", "ff02::1:2").udp(546, 547)
                .payload(hex("01abcdef" + CLIENT)));
        guest.tap.assertSilent();
        assertEquals(1, guest.count(Counter.DROP_BAD_ADDRESS));
    }

    @Test
    void takesTheGuestToUseItsAddress() {
        guest.addresses.learnV6(IpAddress.parse("fd99::77").high(), 0x77);
        guest.ask6("04abcdef" + CLIENT + "00030028 0a0b0c0d 00000001 00000002" + FOREIGN);
        assertEquals("fd99::77", guest.addresses.v6().seen().toString());
        guest.ask6("01abcdef" + CLIENT);
        assertEquals("fd99::1", guest.addresses.v6().seen().toString());
    }

    @Test
    void isSilentIfSwitchedOff() {
        guest.with(ServiceSettings.none());
        guest.send6("01abcdef" + CLIENT);
        guest.tap.assertSilent();
        assertEquals(1, guest.count(Counter.DROP_SERVICE_IGNORED));
    }
}
