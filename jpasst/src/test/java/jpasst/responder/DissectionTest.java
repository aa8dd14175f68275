// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.LINK_LOCAL;
import static jpasst.responder.ServiceGuest.dhcp;
import static jpasst.responder.ServiceGuest.message;
import static jpasst.responder.ServiceGuest.settings;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jpasst.addr.IpAddress;
import jpasst.addr.MacAddress;
import jpasst.pcap.Capture;
import jpasst.testing.GuestFrame;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tshark, which knows the protocols from elsewhere, makes of all that the services send. */
class DissectionTest {
    private static final String CLIENT = "0001000a00030001525400123456";
    private static final String IA = "0003000c0a0b0c0d0000000100000002";
    private static final String WITH_CHECKSUMS = "-oudp.check_checksum:TRUE";

    @TempDir
    Path directory;

    private final ServiceGuest guest = new ServiceGuest();
    private Path file;

    /** One frame of each kind, in this order. */
    @BeforeEach
    void sendEverything() {
        guest.addresses.v4().prefixLength(32);
        guest.with(settings(true, "myhost", "my.host.example", "a.example", "b.example"));
        file = directory.resolve("services.pcap");
        guest.send(dhcp(message(0, "350101" + "37040103061a")));
        guest.send(dhcp(message(0x8000, "350103")));
        guest.send(dhcp(message(0, "3501015000")));
        guest.send(dhcp(message(0, "")));
        guest.send(frame().ipv6(LINK_LOCAL, "ff02::2").ttl(255).icmp(133, 0, 0));
        guest.send(frame().neighborSolicitation(LINK_LOCAL, "ff02::1:ff00:1", "fd99::2"));
        guest.services.askForGuest();
        guest.send6("01abcdef" + CLIENT + IA);
        guest.send6("06abcdef" + CLIENT + IA + "002700050103677374");
        guest.send6("0babcdef" + CLIENT);
        guest.send6("04abcdef" + CLIENT + "000300280a0b0c0d0000000100000002"
                + "00050018fd9900000000000000000000000000090000001000000020");
        announce("10.99.0.7", "02:00:00:00:00:07");
        announce("fd99::7", "02:00:00:00:00:07");
        try (var arena = Arena.ofConfined()) {
            var capture = Capture.open(file.toString(), arena, guest.log);
            while (guest.tap.waiting() > 0) {
                capture.record(new GuestFrame().load(guest.tap.take().bytes()).frame());
            }
            capture.close();
        }
    }

    /** Has a mirror of the host's neighbours hear of one on the template interface. */
    private void announce(String address, String mac) {
        var arp = new ArpResponder(guest.addresses, guest.tap, guest.counters, Arena.ofAuto());
        var mirror = new NeighborMirror(guest.addresses, arp, guest.services, guest.log);
        mirror.follow(1, 1);
        mirror.announcing(true);
        var at = IpAddress.parse(address);
        mirror.neighbor(1, at.high(), at.low(), MacAddress.parse(mac).bits());
    }

    @Test
    void readsAnnouncementsAsTheyAreMeant() throws Exception {
        assertEquals(List.of("02:00:00:00:00:07|ff:ff:ff:ff:ff:ff|1|1|02:00:00:00:00:07|"
                        + "10.99.0.7|00:00:00:00:00:00|10.99.0.7"),
                tshark("arp", "eth.src", "eth.dst", "arp.opcode", "arp.isannouncement",
                        "arp.src.hw_mac", "arp.src.proto_ipv4", "arp.dst.hw_mac",
                        "arp.dst.proto_ipv4"));
        assertEquals(List.of("02:00:00:00:00:07|33:33:00:00:00:01|ff02::1|fd99::7|1|0|1|"
                        + "02:00:00:00:00:07"),
                tshark("icmpv6.type == 136 && ipv6.dst == ff02::1", "eth.src", "eth.dst",
                        "ipv6.dst", "icmpv6.nd.na.target_address", "icmpv6.nd.na.flag.r",
                        "icmpv6.nd.na.flag.s", "icmpv6.nd.na.flag.o",
                        "icmpv6.opt.target_linkaddr"));
    }

    private List<String> tshark(String filter, String... fields) throws Exception {
        var command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(),
                WITH_CHECKSUMS, "-Y", filter, "-T", "fields", "-E", "separator=|"));
        for (var field : fields) {
            command.addAll(List.of("-e", field));
        }
        return output(command);
    }

    private static List<String> output(List<String> command)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var text = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        return text.lines().toList();
    }

    @Test
    void complainsAboutNothing() throws Exception {
        assertEquals(13, tshark("frame", "frame.number").size());
        assertEquals(List.of(), tshark("_ws.malformed || _ws.expert.severity == \"Error\" "
                + "|| _ws.expert.severity == \"Warning\" || udp.checksum.status == 0 "
                + "|| icmpv6.checksum.status == 0", "frame.number", "_ws.expert.message"));
        assertEquals(8, tshark("udp.checksum.status == 1", "frame.number").size());
        assertEquals(4, tshark("icmpv6.checksum.status == 1", "frame.number").size());
    }

    @Test
    void readsDhcpAsItIsMeant() throws Exception {
        var common = "255.255.255.255|10.99.0.2|192.0.2.53|65520|myhost|4294967295|10.99.0.2|"
                + "my.host.example|a.example,b.example";
        var lines = tshark("dhcp", "dhcp.option.dhcp", "dhcp.ip.your",
                "dhcp.option.subnet_mask", "dhcp.option.router",
                "dhcp.option.domain_name_server", "dhcp.option.interface_mtu",
                "dhcp.option.hostname", "dhcp.option.ip_address_lease_time",
                "dhcp.option.dhcp_server_id", "dhcp.fqdn.name",
                "dhcp.option.dhcp_dns_domain_search_list_fqdn");
        assertEquals(List.of("2|10.99.0.1|" + common, "5|10.99.0.1|" + common,
                "5|10.99.0.1|" + common, "5|10.99.0.1|" + common), lines);
    }

    @Test
    void readsRouterAdvertisementsAsTheyAreMeant() throws Exception {
        assertEquals(List.of("65535|1|0|fd99::1|64|1|1|9a:55:9a:55:9a:55|65520|"
                + "2001:db8::53|a.example,b.example"),
                tshark("icmpv6.type == 134 && icmpv6.nd.ra.cur_hop_limit == 255",
                        "icmpv6.nd.ra.router_lifetime", "icmpv6.nd.ra.flag.m",
                        "icmpv6.nd.ra.flag.o", "icmpv6.opt.prefix", "icmpv6.opt.prefix.length",
                        "icmpv6.opt.prefix.flag.l", "icmpv6.opt.prefix.flag.a",
                        "icmpv6.opt.src_linkaddr", "icmpv6.opt.mtu", "icmpv6.opt.rdnss",
                        "icmpv6.opt.dnssl"));
    }

    @Test
    void readsDhcpv6AsItIsMeant() throws Exception {
        assertEquals(List.of("2|fd99::1|4294967295|2001:db8::53|a.example.,b.example.|"
                        + "my.host.example.|0x00|",
                "7|fd99::1|4294967295|2001:db8::53|a.example.,b.example.|"
                        + "my.host.example.|0x02|",
                "7|||2001:db8::53|a.example.,b.example.|my.host.example.|0x00|",
                "7|||||||4"),
                tshark("dhcpv6", "dhcpv6.msgtype", "dhcpv6.iaaddr.ip",
                        "dhcpv6.iaaddr.valid_lifetime", "dhcpv6.dns_server",
                        "dhcpv6.search_list_entry", "dhcpv6.client_domain",
                        "dhcpv6.client_fqdn_flags", "dhcpv6.status_code"));
    }
}
