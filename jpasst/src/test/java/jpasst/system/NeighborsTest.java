// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Two hosts on the host's link, each with a MAC address of its own: what the guest sees of them,
 * in its own table of neighbours and in the frames that it gets.
 */
@Order(Integer.MAX_VALUE - 57)
class NeighborsTest {
    private static final int PORT = 8080;
    private static final String OURS = "9a:55:9a:55:9a:55";
    private static final String PEER = "02:00:00:00:00:21", OTHER = "02:00:00:00:00:22";
    private static final String MOVED = "02:00:00:00:00:23";
    private static final String PEER_V4 = "192.0.2.21", PEER_V6 = "2001:db8:1::21";
    private static final String OTHER_V4 = "192.0.2.22", OTHER_V6 = "2001:db8:1::22";

    private static Lab lab;
    private static NetworkNamespace peer;
    private static NetworkNamespace other;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        var link = new SharedLink(lab);
        peer = link.join("peer", PEER, PEER_V4, PEER_V6);
        other = link.join("other", OTHER, OTHER_V4, OTHER_V6);
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    private static Guest guest(String file, String... options) {
        var all = new ArrayList<>(List.of("-p", file(file), "-t", "" + PORT, "-u", "" + PORT));
        all.addAll(List.of(options));
        return lab.guest(all.toArray(String[]::new));
    }

    private static String file(String name) {
        return lab.directory().resolve(name).toString();
    }

    /** What the guest's kernel believes to be the MAC address; empty if it does not know. */
    private static String known(Guest guest, String address) {
        var words = List.of(guest.inside().run("ip", "neigh", "show", address, "dev",
                Lab.INTERFACE).strip().split("\\s+"));
        int at = words.indexOf("lladdr");
        return at < 0 ? "" : words.get(at + 1);
    }

    private static void awaitKnown(Guest guest, String address, String mac) {
        Patience.until(address + " at " + mac, Duration.ofSeconds(10), () -> {
            // A datagram nobody wants: the guest has to ask for the address, once.
            if (known(guest, address).isEmpty()) {
                new Client(guest.inside()).udp(address, 9, 50);
            }
            return known(guest, address).equals(mac);
        });
    }

    private static void ping(String address) {
        lab.host().run("ping", "-c", "1", "-W", "5", "-q", address);
    }

    private static List<String> tshark(String file, String filter, String... fields) {
        var command = new ArrayList<>(List.of("tshark", "-n", "-r", file(file), "-Y", filter, "-T",
                "fields"));
        for (var field : fields) command.addAll(List.of("-e", field));
        return Tool.run(command.toArray(String[]::new)).lines()
                .filter(line -> !line.startsWith("Running as user")).toList();
    }

    @Test
    void theGuestSeesEachHostsOwnMacAddress() {
        for (var address : List.of(PEER_V4, PEER_V6, OTHER_V4, OTHER_V6)) ping(address);
        try (var guest = guest("own.pcap")) {
            awaitKnown(guest, PEER_V4, PEER);
            awaitKnown(guest, PEER_V6, PEER);
            awaitKnown(guest, OTHER_V4, OTHER);
            awaitKnown(guest, OTHER_V6, OTHER);
            // The gateway means the host's loopback, so it is us; so are those whom nobody knows.
            awaitKnown(guest, Lab.GATEWAY_V4, OURS);
            awaitKnown(guest, "192.0.2.99", OURS);
        }
    }

    @Test
    void theGatewaysMacAddressIsItsOwnIfItIsNotOurs() {
        ping(Lab.GATEWAY_V4);
        ping(Lab.GATEWAY_V6);
        var gateway = lab.world().run("ip", "-br", "link", "show", "dev", "switch")
                .split("\\s+")[2];
        try (var guest = guest("gateway.pcap", "--no-map-gw")) {
            awaitKnown(guest, Lab.GATEWAY_V4, gateway);
            awaitKnown(guest, Lab.GATEWAY_V6, gateway);
            awaitKnown(guest, "192.0.2.98", gateway);
        }
    }

    @Test
    void inboundFramesComeFromTheHostThatSentThem() {
        try (var guest = guest("inbound.pcap");
                var _ = new Witness(guest.inside(), PORT, Lab.HOST_V4, Lab.HOST_V6)) {
            for (var target : List.of(Lab.HOST_V4, Lab.HOST_V6)) {
                for (var host : List.of(peer, other)) {
                    new Client(host).seenByTcp(target, PORT);
                    new Client(host).seenByUdp(target, PORT);
                }
            }
        }
        for (var host : List.of(List.of(PEER_V4, PEER_V6, PEER), List.of(OTHER_V4, OTHER_V6,
                OTHER))) {
            for (var protocol : List.of("tcp", "udp")) {
                assertEquals(List.of(host.get(2)), tshark("inbound.pcap", protocol
                        + " && ip.src == " + host.get(0), "eth.src").stream().distinct().toList());
                assertEquals(List.of(host.get(2)), tshark("inbound.pcap", protocol
                        + " && ipv6.src == " + host.get(1), "eth.src").stream().distinct()
                        .toList());
            }
        }
    }

    @Test
    void answersAndTheirFramesComeFromTheHostThatWasAsked() {
        // The host has not found them yet when the guest asks: it does so for the guest.
        lab.host().run("ip", "neigh", "flush", "dev", Lab.INTERFACE);
        lab.host().run("ip", "-6", "neigh", "flush", "dev", Lab.INTERFACE);
        try (var guest = guest("outbound.pcap");
                var v4 = new UdpEcho(peer, PEER_V4); var v6 = new UdpEcho(other, OTHER_V6)) {
            assertEquals("who am I?", new Client(guest.inside()).udp(PEER_V4, v4.port()));
            assertEquals("who am I?", new Client(guest.inside()).udp(OTHER_V6, v6.port()));
            guest.inside().run("ping", "-c", "2", "-i", "0.2", "-W", "5", "-q", OTHER_V4);
            // What the guest believed before is corrected.
            Patience.until("announcements", Duration.ofSeconds(10),
                    () -> known(guest, PEER_V4).equals(PEER)
                            && known(guest, OTHER_V6).equals(OTHER));
        }
        assertEquals(List.of(PEER), tshark("outbound.pcap", "udp && ip.src == " + PEER_V4,
                "eth.src"));
        assertEquals(List.of(OTHER), tshark("outbound.pcap", "udp && ipv6.src == " + OTHER_V6,
                "eth.src"));
        assertEquals(List.of(OTHER, OTHER), tshark("outbound.pcap", "icmp && ip.src == "
                + OTHER_V4, "eth.src"));
    }

    @Test
    void changesAreAnnounced() {
        ping(OTHER_V4);
        ping(OTHER_V6);
        try (var guest = guest("changes.pcap")) {
            awaitKnown(guest, OTHER_V4, OTHER);
            awaitKnown(guest, OTHER_V6, OTHER);
            for (var address : List.of(OTHER_V4, OTHER_V6)) {
                lab.host().run("ip", "neigh", "replace", address, "lladdr", MOVED, "dev",
                        Lab.INTERFACE, "nud", "reachable");
            }
            awaitKnown(guest, OTHER_V4, MOVED);
            awaitKnown(guest, OTHER_V6, MOVED);
        } finally {
            lab.host().run("ip", "neigh", "flush", "dev", Lab.INTERFACE);
            lab.host().run("ip", "-6", "neigh", "flush", "dev", Lab.INTERFACE);
        }
        assertEquals(List.of(OTHER_V4), tshark("changes.pcap", "arp.isannouncement && eth.src == "
                + MOVED, "arp.src.proto_ipv4"));
        assertEquals(List.of(OTHER_V6), tshark("changes.pcap", "icmpv6.type == 136 && eth.src == "
                + MOVED + " && ipv6.dst == ff02::1", "icmpv6.nd.na.target_address"));
        assertEquals(List.of(), tshark("changes.pcap", "eth.src == " + MOVED
                + " && (_ws.malformed || _ws.expert.severity == \"Error\")", "frame.number"));
    }
}
