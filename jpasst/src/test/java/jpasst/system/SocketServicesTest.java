// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.system.DhcpMessage.option;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourcePort;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.ttl;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jpasst.testing.Checks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** ARP, NDP, DHCP and DHCPv6 over the socket, byte by byte: the reference exchanges. */
@Order(Integer.MAX_VALUE - 48)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SocketServicesTest {
    private static final String LINK_LOCAL = "fe80::5054:ff:fe12:3456";
    private static final int SOLICITATION = 135, ADVERTISEMENT = 136, ROUTER_ADVERTISEMENT = 134;

    private static Lab lab;
    private static Passt passt;
    private static SocketGuest guest;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        passt = Passt.start(lab, "services", "-H", "guest1", "--fqdn", "guest1.example.org",
                "-S", "example.org", "-D", Lab.SERVER_V4, "-D", Lab.SERVER_V6,
                "-p", lab.directory().resolve("services.pcap").toString());
        guest = SocketGuest.connect(lab, passt.socket());
    }

    @AfterAll
    static void close() {
        guest.close();
        passt.close();
        lab.close();
    }

    /** To learn its MAC address before it speaks. */
    @Test
    @Order(1)
    void whoConnectsIsAskedForItsAddresses() {
        var asked = guest.await("ARP request", Packet::isArp);
        assertEquals(60, asked.frame().length);
        // The target's MAC address is what is asked for: the original writes ones, RFC 826 nothing.
        var arp = ByteBuffer.wrap(asked.frame());
        long unknown = arp.getLong(14 + 16) & 0xffff_ffff_ffffL;
        assertFrame(asked.frame(), targetMac(0xffff_ffff_ffffL),
                Checks.arp(1, OUR_MAC, Lab.GATEWAY_V4, unknown, Lab.HOST_V4));
        var solicited = guest.await("solicitation", p -> p.isIcmpv6(SOLICITATION));
        assertFrame(solicited.frame(), ipv6(target(Lab.HOST_V6), ttl(255),
                icmp(SOLICITATION, 0)));
        assertArrayEquals(bytes(Lab.HOST_V6), Arrays.copyOf(solicited.payload(), 16));
    }

    @Test
    void aRouterAdvertisementHasAllOptionsInOrder() {
        guest.send(frame().ipv6(LINK_LOCAL, "ff02::2").ttl(255).icmp(133, 0, 0).bytes());
        var told = guest.await("advertisement", p -> p.isIcmpv6(ROUTER_ADVERTISEMENT));
        assertFrame(told.frame(), targetMac(GUEST_MAC), ipv6(target(LINK_LOCAL), ttl(255),
                // Hop limit 255, managed, for 65535 s.
                icmp(ROUTER_ADVERTISEMENT, 0, Checks.icmpRest(0xff80ffff))));
        var message = told.payload();
        assertEquals(0, ByteBuffer.wrap(message).getLong());
        var order = new ArrayList<Integer>();
        for (int at = 8; at < message.length; at += message[at + 1] * 8)
            order.add((int) message[at]);
        assertEquals(List.of(3, 1, 5, 25, 31), order);
        assertEquals(166, told.ipEnd());
    }

    @Test
    void anyAddressIsSolicitedWithSuccess() {
        var anyone = "2001:db8:1::77";
        guest.send(frame().neighborSolicitation(LINK_LOCAL, "ff02::1:ff00:77", anyone).bytes());
        var told = guest.await("advertisement", p -> p.isIcmpv6(ADVERTISEMENT));
        // Router, solicited, override.
        assertFrame(told.frame(), ipv6(target(LINK_LOCAL), ttl(255),
                icmp(ADVERTISEMENT, 0, Checks.icmpRest(0xe000_0000))));
        var expected = ByteBuffer.allocate(24).put(bytes(anyone)).put((byte) 2).put((byte) 1)
                .putShort((short) (OUR_MAC >> 32)).putInt((int) OUR_MAC).array();
        assertArrayEquals(expected, told.payload());
    }

    @Test
    void detectionOfDuplicatesIsNotAnswered() {
        var mine = "2001:db8:1::78";
        var other = "2001:db8:1::79";
        guest.send(frame().neighborSolicitation("::", "ff02::1:ff00:78", mine).bytes());
        guest.send(frame().neighborSolicitation(LINK_LOCAL, "ff02::1:ff00:79", other).bytes());
        var told = guest.await("advertisement", p -> p.isIcmpv6(ADVERTISEMENT));
        assertArrayEquals(bytes(other), Arrays.copyOf(told.payload(), 16));
    }

    @Test
    void dhcpOffersInTheOrderAskedFor() {
        guest.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER), option(55, 1, 3, 6, 26)));
        var offer = guest.await("offer", DhcpMessage::isReply);
        assertFrame(offer.frame(), targetMac(GUEST_MAC), ipv4(source(Lab.GATEWAY_V4),
                target(Lab.HOST_V4), udp(sourcePort(67))));
        assertArrayEquals(bytes(Lab.HOST_V4), DhcpMessage.address(offer));
        var options = DhcpMessage.options(offer);
        assertEquals(List.of(53, 1, 3, 6, 26, 12, 51, 54, 81, 119), List.copyOf(options.keySet()));
        assertArrayEquals(new byte[] {DhcpMessage.OFFER}, options.get(53));
        assertArrayEquals(bytes("255.255.255.0"), options.get(1));
        assertArrayEquals(bytes(Lab.GATEWAY_V4), options.get(3));
        assertArrayEquals(bytes(Lab.SERVER_V4), options.get(6));
        assertArrayEquals(new byte[] {(byte) 0xff, (byte) 0xf0}, options.get(26));
        assertArrayEquals(new byte[] {-1, -1, -1, -1}, options.get(51));
        assertArrayEquals(bytes(Lab.GATEWAY_V4), options.get(54));
    }

    @Test
    void dhcpAcknowledgesWhateverAddressIsAskedFor() {
        guest.send(DhcpMessage.request(option(53, DhcpMessage.REQUEST),
                option(50, 192, 0, 2, 99)));
        var reply = guest.await("acknowledgment", DhcpMessage::isReply);
        assertArrayEquals(bytes(Lab.HOST_V4), DhcpMessage.address(reply));
        assertArrayEquals(new byte[] {DhcpMessage.ACK}, DhcpMessage.options(reply).get(53));
    }

    @Test
    void dhcpCommitsRapidly() {
        guest.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER), option(80)));
        var options = DhcpMessage.options(guest.await("reply", DhcpMessage::isReply));
        assertArrayEquals(new byte[] {DhcpMessage.ACK}, options.get(53));
        assertEquals(0, options.get(80).length);
    }

    @Test
    void dhcpLeavesOtherMessagesAlone() {
        guest.send(DhcpMessage.request(option(53, DhcpMessage.INFORM)));
        guest.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER)));
        var options = DhcpMessage.options(guest.await("offer", DhcpMessage::isReply));
        assertArrayEquals(new byte[] {DhcpMessage.OFFER}, options.get(53));
    }

    /** A route to the gateway first, then the default route through it (RFC 3442). */
    @Test
    void dhcpGivesRoutesToAGatewayOutsideTheSubnet() {
        try (var other = Passt.start(lab, "outside", "-g", "198.51.100.1");
                var client = SocketGuest.connect(lab, other.socket())) {
            client.send(DhcpMessage.request(option(53, DhcpMessage.DISCOVER)));
            var options = DhcpMessage.options(client.await("offer", DhcpMessage::isReply));
            assertArrayEquals(bytes("198.51.100.1"), options.get(3));
            assertArrayEquals(new byte[] {32, (byte) 198, 51, 100, 1, 0, 0, 0, 0,
                    0, (byte) 198, 51, 100, 1}, options.get(121));
        }
    }

    @Test
    void dhcp6Advertises() throws IOException {
        guest.send(Dhcp6Message.request(Dhcp6Message.SOLICIT, Dhcp6Message.CLIENT_ID,
                Dhcp6Message.association(7)));
        var reply = guest.await("advertisement", Dhcp6Message::isReply);
        assertFrame(reply.frame(), ipv6(target(LINK_LOCAL), udp(sourcePort(547))));
        assertEquals(Dhcp6Message.ADVERTISE, Dhcp6Message.type(reply));
        var options = Dhcp6Message.options(reply);
        assertEquals(List.of(2, 3, 1, 23, 24, 39), List.copyOf(options.keySet()));
        assertEquals(7, ByteBuffer.wrap(options.get(3)).getInt());
        var given = Dhcp6Message.parse(options.get(3), 12).get(5);
        assertArrayEquals(bytes(Lab.HOST_V6), Arrays.copyOf(given, 16));
        assertArrayEquals(bytes(Lab.SERVER_V6), options.get(23));
    }

    @Test
    void dhcp6SaysWhatIsNotOnTheLink() {
        guest.send(Dhcp6Message.request(Dhcp6Message.CONFIRM, Dhcp6Message.CLIENT_ID,
                Dhcp6Message.association(1, Dhcp6Message.address(bytes("2001:db8:2::1")))));
        var reply = guest.await("reply", Dhcp6Message::isReply);
        assertEquals(Dhcp6Message.REPLY, Dhcp6Message.type(reply));
        var options = Dhcp6Message.options(reply);
        assertEquals(List.of(2, 3, 1), List.copyOf(options.keySet()));
        var status = Dhcp6Message.parse(options.get(3), 12).get(13);
        assertEquals(4, ByteBuffer.wrap(status).getShort());
    }

    /** passt's own capture, read by somebody who knows all these protocols. */
    @Test
    @Order(Integer.MAX_VALUE)
    void nothingIsMalformed() {
        var capture = lab.directory().resolve("services.pcap").toString();
        var ours = "eth.src == 9a:55:9a:55:9a:55";
        var complaint = "_ws.malformed || _ws.expert.severity >= warning"
                + " || ip.checksum.status == Bad || udp.checksum.status == Bad"
                + " || icmpv6.checksum.status == Bad";
        Patience.until("capture", SocketGuest.PATIENCE,
                () -> read(capture, ours).lines().count() >= 10);
        assertEquals("", read(capture, ours + " && (" + complaint + ")"));
        assertTrue(read(capture, "eth.src == 52:54:00:12:34:56").lines().count() >= 10);
    }

    private static String read(String capture, String filter) {
        return Tool.run("sh", "-c", "tshark -r \"$0\" -o ip.check_checksum:TRUE"
                + " -o udp.check_checksum:TRUE -Y \"$1\" 2>/dev/null", capture, filter);
    }

    private static byte[] bytes(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
