// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.payloadLength;
import static jpasst.testing.Checks.quotedUdp;
import static jpasst.testing.Checks.quotes;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.sourcePort;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.Checks.targetPort;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.GUEST6;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.udp.UdpHarness.GUEST_PORT;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.flow.Pif;
import jpasst.linux.Interface;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.InSandbox;
import jpasst.testing.NetworkSandbox;

/** Datagrams from outside to the guest, and its answers. */
@ExtendWith(InSandbox.class)
class UdpInboundTest {
    private static final int PORT = 5300;

    @Test
    void bringsFirstDatagramToTheGuestAndItsAnswerBack() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT).answer("question");
            assertFrame(h.base.await(), sourceMac(FrameBuilder.OUR_MAC),
                    targetMac(FrameBuilder.GUEST_MAC),
                    ipv4(source(HOST4), target(GUEST4), udp(sourcePort(client.port()),
                            targetPort(GUEST_PORT), payload("question"))));
            h.guestSends(datagram(HOST4, client.port()).payload("answer"));
            assertEquals("answer", client.receiveText());
            assertEquals(PORT, client.peer.getPort());
            client.answer("more");
            assertFrame(h.base.await(), ipv4(udp(payload("more"))));
            assertEquals(1, h.base.table.activeCount());
        }
    }

    @Test
    void wildcardListenerServesBothFamilies() throws Exception {
        try (var h = new UdpHarness(); var four = new Server("127.0.0.1");
                var six = new Server("::1")) {
            h.listen(Pif.HOST, "*", PORT);
            six.to("::1", PORT).answer("six");
            assertFrame(h.base.await(), ipv6(source(HOST6), target(GUEST6),
                    udp(sourcePort(six.port()), payload("six"))));
            four.to("127.0.0.3", PORT).answer("four");
            assertFrame(h.base.await(), ipv4(source(HOST4), target(GUEST4),
                    udp(sourcePort(four.port()), payload("four"))));
            h.guestSends(datagram(HOST6, six.port()).payload("6"),
                    datagram(HOST4, four.port()).payload("4"));
            assertEquals("6", six.receiveText());
            assertEquals("4", four.receiveText());
            // From the address that was written to, not from any other of the host.
            assertEquals("127.0.0.3", four.peer.getAddress().getHostAddress());
        }
    }

    /** The guest sees both as the same address: only a port of its own tells the later one. */
    @Test
    void keepsClientsApartThatLookAlike() throws Exception {
        try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                var two = new Server("127.0.0.2", one.port())) {
            h.listen(Pif.HOST, "*", PORT);
            one.to("127.0.0.1", PORT).answer("one");
            assertFrame(h.base.await(), ipv4(source(HOST4),
                    udp(sourcePort(one.port()), payload("one"))));
            two.to("127.0.0.1", PORT).answer("two");
            var frame = h.base.await().bytes();
            int port = (frame[34] & 0xff) << 8 | frame[35] & 0xff;
            assertNotEquals(one.port(), port);
            h.guestSends(datagram(HOST4, port).payload("for two"),
                    datagram(HOST4, one.port()).payload("for one"));
            assertEquals("for two", two.receiveText());
            assertEquals("for one", one.receiveText());
        }
    }

    @Test
    void specificAddressBeatsWildcard() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.listen(Pif.HOST, "*", PORT);
            int specific = h.listen(Pif.HOST, "127.0.0.9", PORT);
            h.base.loop.remove(specific);
            client.to("127.0.0.9", PORT).answer("for the specific one");
            h.base.serve(10);
            h.base.tap.assertSilent();
            h.resume(Pif.HOST, specific, PORT);
            assertFrame(h.base.await(), ipv4(udp(payload("for the specific one"))));
            client.to("127.0.0.1", PORT).answer("for the other");
            assertFrame(h.base.await(), ipv4(udp(payload("for the other"))));
            assertEquals(2, h.base.table.activeCount());
        }
    }

    @Test
    void firstDatagramsOvertakeNothing() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            h.base.loop.remove(fd);
            client.to("127.0.0.1", PORT);
            for (int i = 0; i < 100; i++) {
                client.answer("" + i);
            }
            h.resume(Pif.HOST, fd, PORT);
            h.base.serve(10);
            for (int i = 100; i < 150; i++) {
                client.answer("" + i);
            }
            h.base.serve(20);
            var received = new Reassembly(h.base.tap);
            for (int i = 0; i < 150; i++) {
                assertEquals("" + i, new String(received.next()));
            }
            h.base.tap.assertSilent();
            assertEquals(1, h.chooser.asked);
        }
    }

    @Test
    void keepsOrderOfEachPeerInABurstOfMany() throws Exception {
        try (var h = new UdpHarness()) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            var clients = new ArrayList<Server>();
            for (int i = 0; i < 100; i++) {
                clients.add(new Server("127.0.0.1").to("127.0.0.1", PORT));
            }
            h.base.loop.remove(fd);
            send(clients, 0, 2);
            h.resume(Pif.HOST, fd, PORT);
            h.base.serve(1);
            send(clients, 2, 5);
            h.base.serve(100);
            var next = new int[65536];
            for (int i = 0; i < 500; i++) {
                var frame = h.base.tap.take();
                int peer = (frame.bytes()[34] & 0xff) << 8 | frame.bytes()[35] & 0xff;
                for (int at = 42; at < frame.bytes().length; at++) {
                    assertEquals(next[peer]++, frame.bytes()[at], "of peer " + peer);
                }
                i += frame.bytes().length - 43;
            }
            h.base.tap.assertSilent();
            for (var client : clients) {
                assertEquals(5, next[client.port()]);
                client.close();
            }
            assertEquals(100, h.base.table.activeCount());
        }
    }

    private static void send(Iterable<Server> clients, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            for (var client : clients) {
                client.answer(new byte[] {(byte) i});
            }
        }
    }

    @Test
    void doesNotDeliverWhatAnotherThanThePeerSends() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1");
                var stranger = new Server("127.0.0.1")) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT).answer("a");
            h.base.await();
            // Without the listening socket, the flow's own is the only one on that port.
            h.base.loop.remove(fd);
            stranger.to("127.0.0.1", PORT).answer("b");
            h.base.serve(10);
            h.base.tap.assertSilent();
            client.answer("c");
            assertFrame(h.base.await(), ipv4(udp(payload("c"))));
        }
    }

    @Test
    void carriesEmptyAndLongestDatagrams() throws Exception {
        for (var host : new String[] {"127.0.0.1", "::1"}) {
            try (var h = new UdpHarness(); var client = new Server(host)) {
                h.listen(Pif.HOST, "*", PORT);
                client.to(host, PORT).answer("");
                assertFrame(h.base.await(), ip(udp(payloadLength(0))));
                client.answer(UdpHarness.pattern(65507, 1));
                assertFrame(h.base.await(), ip(udp(payload(UdpHarness.pattern(65507, 1)))));
            }
            try (var h = new UdpHarness(); var client = new Server(host)) {
                h.listen(Pif.HOST, "*", PORT);
                client.to(host, PORT).answer(UdpHarness.pattern(65507, 2));
                assertFrame(h.base.await(), ip(udp(payload(UdpHarness.pattern(65507, 2)))));
                var via = host.equals("::1") ? HOST6 : HOST4;
                h.guestSends(datagram(via, client.port()));
                assertEquals(0, client.receive().length);
                h.guestSends(datagram(via, client.port()).payload(UdpHarness.pattern(65507, 3)));
                assertArrayEquals(UdpHarness.pattern(65507, 3), client.receive());
            }
        }
    }

    @Test
    void copiesTtlOfTheGuestsAnswers() throws Exception {
        try (var h = new UdpHarness(); var watch = new TtlWatch("127.0.0.1")) {
            h.listen(Pif.HOST, "*", PORT);
            watch.send("127.0.0.1", PORT);
            assertFrame(h.base.await(), ipv4(udp(sourcePort(watch.port()))));
            h.guestSends(datagram(HOST4, watch.port()).ttl(7).payload("a"),
                    datagram(HOST4, watch.port()).ttl(99).payload("b"));
            assertEquals(7, watch.next());
            assertEquals(99, watch.next());
            assertEquals(1, h.base.table.activeCount());
        }
    }

    @Test
    void tellsGuestThatThePeerIsGone() throws Exception {
        for (var host : new String[] {"127.0.0.1", "::1"}) {
            boolean v4 = host.equals("127.0.0.1");
            try (var h = new UdpHarness()) {
                h.listen(Pif.HOST, "*", PORT);
                int port;
                try (var client = new Server(host)) {
                    client.to(host, PORT).answer("hello");
                    port = client.port();
                    h.base.await();
                }
                var via = v4 ? HOST4 : HOST6;
                h.guestSends(datagram(via, port).payload("too late"));
                var quoted = quotes(source(v4 ? GUEST4 : GUEST6), target(via),
                        quotedUdp(sourcePort(GUEST_PORT), targetPort(port)));
                assertFrame(h.base.await(), v4 ? ipv4(source(HOST4), target(GUEST4),
                        icmp(3, 3, quoted)) : ipv6(source(HOST6), target(GUEST6),
                        icmp(1, 4, quoted)));
                assertEquals(1, h.base.table.activeCount());
            }
        }
    }

    /** It would only be begun anew, since the port stays forwarded. */
    @Test
    void keepsFlowWhoseGuestSaysThatItsPortIsClosed() throws Exception {
        try (var h = new UdpHarness(); var client = new Server("127.0.0.1")) {
            h.listen(Pif.HOST, "*", PORT);
            client.to("127.0.0.1", PORT).answer("hello");
            h.base.await();
            h.guestSendsIcmp(frame().ipv4(GUEST4, HOST4).icmp(3, 3, 0).payload(
                    frame().ipv4(HOST4, GUEST4).udp(client.port(), GUEST_PORT).packet()));
            h.base.advance(0);
            assertEquals(1, h.base.table.activeCount());
            assertEquals(1, h.base.count(Counter.DROP_UNSUPPORTED_ICMP));
            client.answer("again");
            assertFrame(h.base.await(), ipv4(udp(payload("again"))));
            assertEquals(1, h.chooser.asked);
        }
    }

    @Test
    void bindsToTheInterfaceOfTheListeningSocketOnly() throws Exception {
        NetworkSandbox.command("ip", "link", "add", "out", "type", "veth", "peer", "name",
                "outer");
        NetworkSandbox.command("ip", "address", "add", "192.0.2.1/24", "dev", "out");
        NetworkSandbox.command("ip", "link", "set", "out", "up");
        try (var h = new UdpHarness(); var client = new Server("192.0.2.1")) {
            int fd = h.listen(Pif.HOST, "*", PORT);
            assertEquals(0, Sockets.setString(fd, Sockets.SOL_SOCKET,
                    Sockets.SO_BINDTODEVICE, "out"));
            // What the guest begins leaves by another interface, which is not this flow's matter.
            h.base.addresses.v4().outboundInterface("lo");
            client.to("192.0.2.1", PORT).answer("a");
            assertFrame(h.base.await(), ipv4(udp(payload("a"))));
            UdpFlow body = h.base.table.flow(0).body();
            var name = h.base.arena.allocate(16);
            assertEquals(4, Sockets.getsockopt(body.side(0).socket, Sockets.SOL_SOCKET,
                    Sockets.SO_BINDTODEVICE, name, 0, 16));
            assertEquals("out", name.getString(0));
            h.guestSends(datagram(HOST4, client.port()).payload("b"));
            assertEquals("b", client.receiveText());
        } finally {
            NetworkSandbox.command("ip", "link", "delete", "out");
        }
    }

    /** Link-local addresses are another host's on each link, and so may be our own. */
    @Test
    void answersByTheLinkTheDatagramCameBy() throws Exception {
        link("usual", "usual2");
        link("other", "other2");
        NetworkSandbox.addressV6("usual2", "fe80::99", 64);
        NetworkSandbox.addressV6("other2", "fe80::99", 64);
        int usual = Interface.index("usual2");
        String usually = "fe80::99%" + usual;
        String otherwise = "fe80::99%" + Interface.index("other2");
        try (var h = new UdpHarness(); var one = new Server(usually);
                var two = new Server(otherwise)) {
            h.base.addresses.v6().templateIndex(usual);
            h.listen(Pif.HOST, "*", PORT);
            two.to(otherwise, PORT).answer("a");
            assertFrame(h.base.await(), ipv6(udp(sourcePort(two.port()), payload("a"))));
            h.guestSends(datagram(HOST6, two.port()).payload("b"));
            assertEquals("b", two.receiveText());
            assertEquals(PORT, two.peer.getPort());
            two.answer("c");
            assertFrame(h.base.await(), ipv6(udp(payload("c"))));
            assertEquals(1, h.chooser.asked);
            one.to(usually, PORT).answer("d");
            assertFrame(h.base.await(), ipv6(udp(sourcePort(one.port()), payload("d"))));
            h.guestSends(datagram(HOST6, one.port()).payload("e"));
            assertEquals("e", one.receiveText());
        } finally {
            NetworkSandbox.command("ip", "link", "delete", "usual");
            NetworkSandbox.command("ip", "link", "delete", "other");
        }
    }

    /** A socket bound to an interface is no other's, whatever the usual one is. */
    @Test
    void answersByTheInterfaceOfTheListeningSocket() throws Exception {
        link("usual", "usual2");
        link("other", "other2");
        NetworkSandbox.addressV6("other2", "fe80::98", 64);
        String otherwise = "fe80::98%" + Interface.index("other2");
        try (var h = new UdpHarness(); var client = new Server(otherwise)) {
            h.base.addresses.v6().templateIndex(Interface.index("usual2"));
            int fd = h.listen(Pif.HOST, "*", PORT);
            assertEquals(0, Sockets.setString(fd, Sockets.SOL_SOCKET,
                    Sockets.SO_BINDTODEVICE, "other2"));
            client.to(otherwise, PORT).answer("a");
            assertFrame(h.base.await(), ipv6(udp(sourcePort(client.port()), payload("a"))));
            h.guestSends(datagram(HOST6, client.port()).payload("b"));
            assertEquals("b", client.receiveText());
        } finally {
            NetworkSandbox.command("ip", "link", "delete", "usual");
            NetworkSandbox.command("ip", "link", "delete", "other");
        }
    }

    private static void link(String one, String two) throws Exception {
        NetworkSandbox.command("ip", "link", "add", one, "type", "veth", "peer", "name", two);
        NetworkSandbox.command("ip", "link", "set", one, "up");
        NetworkSandbox.command("ip", "link", "set", two, "up");
    }

    @Test
    void answersFromTheLocalAddressAlsoIfItWasTheGuestWhoBegan() throws Exception {
        try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
            h.listen(Pif.HOST, "*", GUEST_PORT);
            // The guest's socket on the host has the listening port, and the server as its peer.
            h.guestSends(datagram(HOST4, server.port()).payload("hello"));
            assertEquals("hello", server.receiveText());
            assertEquals(GUEST_PORT, server.peer.getPort());
            server.answer("answer");
            assertFrame(h.base.await(), ipv4(udp(sourcePort(server.port()), payload("answer"))));
            assertEquals(0, h.chooser.asked);
            assertEquals(1, h.base.table.activeCount());
        }
    }

    @Test
    void refusesImpossibleSenders() throws Exception {
        try (var h = new UdpHarness(); var raw = new RawSender()) {
            h.listen(Pif.HOST, "*", PORT);
            raw.send("127.0.0.1", 0, PORT);
            raw.send("127.0.0.1", PORT, PORT);
            h.base.serve(20);
            h.base.tap.assertSilent();
            assertEquals(1, h.base.count(Counter.DROP_BAD_PORT));
            assertEquals(1, h.base.count(Counter.DROP_BAD_ADDRESS));
            assertEquals(0, h.base.table.activeCount());
            assertNull(h.base.table.flow(0));
        }
    }
}
