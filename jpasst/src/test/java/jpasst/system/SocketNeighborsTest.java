// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The host's neighbours as a client of passt's socket sees them: news, answers, frames. */
@Order(Integer.MAX_VALUE - 58)
class SocketNeighborsTest {
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final long PEER = 0x02_00_00_00_00_31L;
    private static final String PEER_MAC = "02:00:00:00:00:31", MOVED_MAC = "02:00:00:00:00:32";
    private static final long MOVED = PEER + 1;
    private static final String PEER_V4 = "192.0.2.31", PEER_V6 = "2001:db8:1::31";

    private static Lab lab;
    private static NetworkNamespace peer;
    private static Passt passt;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        peer = new SharedLink(lab).join("peer", PEER_MAC, PEER_V4, PEER_V6);
        passt = Passt.start(lab, "neighbors");
    }

    @AfterAll
    static void close() {
        passt.close();
        lab.close();
    }

    @BeforeEach
    void theHostKnowsNobody() {
        lab.host().run("ip", "neigh", "flush", "dev", Lab.INTERFACE);
        lab.host().run("ip", "-6", "neigh", "flush", "dev", Lab.INTERFACE);
    }

    @Test
    void newsAreAnnounced() {
        try (var guest = connect()) {
            ping(PEER_V4);
            awaitArpAnnouncement(guest, PEER);
            ping(PEER_V6);
            awaitAdvertisement(guest, PEER);
            for (var address : new String[] {PEER_V4, PEER_V6}) {
                lab.host().run("ip", "neigh", "replace", address, "lladdr", MOVED_MAC, "dev",
                        Lab.INTERFACE, "nud", "reachable");
            }
            awaitArpAnnouncement(guest, MOVED);
            awaitAdvertisement(guest, MOVED);
        }
    }

    @Test
    void questionsAreAnsweredWithTheNeighboursOwnAddress() {
        try (var guest = connect()) {
            assertEquals(OUR_MAC, askV4(guest, PEER_V4));
            assertEquals(OUR_MAC, askV6(guest, PEER_V6));
            ping(PEER_V4);
            ping(PEER_V6);
            awaitArpAnnouncement(guest, PEER);
            awaitAdvertisement(guest, PEER);
            assertEquals(PEER, askV4(guest, PEER_V4));
            assertEquals(PEER, askV6(guest, PEER_V6));
            // The gateway stands for the host's loopback, so it is us.
            assertEquals(OUR_MAC, askV4(guest, Lab.GATEWAY_V4));
        }
    }

    /** Not even the first: the host finds the neighbour when it sends the guest's datagram. */
    @Test
    void noFrameOfANeighbourComesFromUs() {
        try (var guest = connect(); var v4 = new UdpEcho(peer, PEER_V4);
                var v6 = new UdpEcho(peer, PEER_V6)) {
            guest.send(frame().ipv4(Lab.HOST_V4, PEER_V4).udp(4001, v4.port()).payload("who")
                    .bytes());
            guest.send(frame().ipv6(Lab.HOST_V6, PEER_V6).udp(4002, v6.port()).payload("who")
                    .bytes());
            assertEquals(PEER, mac(guest.await("answer", p -> p.isTo(Packet.UDP, 4001)), 6));
        }
        try (var guest = connect(); var v6 = new UdpEcho(peer, PEER_V6)) {
            guest.send(frame().ipv6(Lab.HOST_V6, PEER_V6).udp(4003, v6.port()).payload("who")
                    .bytes());
            assertEquals(PEER, mac(guest.await("answer", p -> p.isTo(Packet.UDP, 4003)), 6));
        }
    }

    /** Nobody is told what happened while nobody was there; who asks is told what is. */
    @Test
    void newsOfTheTimeWithoutAGuestAreKnownButNotAnnounced() {
        try (var guest = connect()) {
            assertEquals(OUR_MAC, askV4(guest, PEER_V4));
        }
        ping(PEER_V4);
        ping(PEER_V6);
        try (var guest = connect()) {
            guest.send(solicitation(PEER_V6));
            var answer = guest.await("answer", packet -> {
                assertFalse(isArpAnnouncement(packet) || isAnnouncement(packet));
                return packet.isIcmpv6(136);
            });
            assertEquals(PEER, mac(answer, 80));
            assertEquals(PEER, askV4(guest, PEER_V4));
        }
    }

    private static SocketGuest connect() {
        var guest = SocketGuest.connect(lab, passt.socket());
        // Once it is asked for, it is also told of news.
        guest.await("question", Packet::isArp);
        return guest;
    }

    private static void ping(String address) {
        lab.host().run("ping", "-c", "1", "-W", "5", "-q", address);
    }

    private static void awaitArpAnnouncement(SocketGuest guest, long mac) {
        var told = guest.await("announcement", SocketNeighborsTest::isArpAnnouncement);
        var expected = frame().ethernet(mac, BROADCAST).arp(1, mac, PEER_V4, 0, PEER_V4).bytes();
        assertArrayEquals(Arrays.copyOf(expected, 60), told.frame());
    }

    private static void awaitAdvertisement(SocketGuest guest, long mac) {
        var told = guest.await("advertisement", SocketNeighborsTest::isAnnouncement);
        assertEquals(mac, mac(told, 6));
        assertEquals(0x3333_0000_0001L, mac(told, 0));
        assertEquals(255, told.hops());
        // Of a router, and to be believed; but nobody asked.
        assertEquals(0xa000_0000, ByteBuffer.wrap(told.frame()).getInt(58));
        assertArrayEquals(bytes(PEER_V6), Arrays.copyOfRange(told.frame(), 62, 78));
        assertEquals(mac, mac(told, 80));
    }

    private static boolean isArpAnnouncement(Packet packet) {
        return packet.isArp() && Arrays.equals(packet.frame(), 28, 32, packet.frame(), 38, 42);
    }

    private static boolean isAnnouncement(Packet packet) {
        return packet.isIcmpv6(136) && packet.frame()[38] == (byte) 0xff;
    }

    private static long askV4(SocketGuest guest, String address) {
        guest.send(frame().ethernet(GUEST_MAC, BROADCAST)
                .arp(1, GUEST_MAC, Lab.HOST_V4, 0, address).bytes());
        var answer = guest.await("answer", p -> p.isArp() && p.frame()[21] == 2
                && Arrays.equals(bytes(address), Arrays.copyOfRange(p.frame(), 28, 32)));
        return mac(answer, 22);
    }

    private static long askV6(SocketGuest guest, String address) {
        guest.send(solicitation(address));
        return mac(guest.await("answer", p -> p.isIcmpv6(136) && !isAnnouncement(p)), 80);
    }

    private static byte[] solicitation(String address) {
        return frame().neighborSolicitation(Lab.HOST_V6, address, address).bytes();
    }

    private static long mac(Packet packet, int at) {
        var bytes = ByteBuffer.wrap(packet.frame());
        return Short.toUnsignedLong(bytes.getShort(at)) << 32
                | Integer.toUnsignedLong(bytes.getInt(at + 2));
    }

    private static byte[] bytes(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
