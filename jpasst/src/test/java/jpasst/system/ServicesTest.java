// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Clients of others configure an interface which pasta left alone. */
@Order(Integer.MAX_VALUE - 80)
class ServicesTest {
    /** Up, with its link-local address in use at once. */
    private static final String UP = "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad; "
            + "ip link set eth0 up; ";
    private static final String[] TELL = {"--dhcp-dns", "--dhcp-search", "-D", Lab.SERVER_V4,
        "-D", Lab.SERVER_V6, "-S", "a.example", "-S", "b.example", "-m", "9000", "-H", "guest",
        "--fqdn", "guest.example"};

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        lab.copyOf("lease.sh");
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    private static Pasta pasta(String... more) {
        var options = new ArrayList<>(List.of(TELL));
        options.addAll(List.of(more));
        return lab.pasta(options.toArray(String[]::new));
    }

    private static String fetch(String address, int port) {
        return "; curl -s --max-time 20 http://" + address + ":" + port + "/";
    }

    private static String dhclient(String mode, String leases) {
        return ": > " + leases + ".leases; dhclient " + mode + " -1 -cf /dev/null -lf " + leases
                + ".leases -pf none -sf ./lease.sh eth0 2>&1";
    }

    private static void assertLines(String output, String... lines) {
        var all = output.lines().toList();
        for (var line : lines) {
            assertTrue(all.contains(line), () -> line + " is not among\n" + output);
        }
    }

    @Test
    void udhcpcConfiguresTheInterface() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            var output = pasta("-4").run("sh", "-c", "ip link set eth0 up; busybox udhcpc "
                    + "-i eth0 -f -n -q -t 5 -T 1 -O search -O mtu -O staticroutes -s ./lease.sh; "
                    + "ip address show eth0; hostname" + fetch(Lab.SERVER_V4, web.port())).ok();
            assertLines(output, "leased", "ip=" + Lab.HOST_V4, "mask=24", "mtu=9000",
                    "router=" + Lab.GATEWAY_V4, "dns=" + Lab.SERVER_V4, "hostname=guest",
                    "search=a.example b.example", "lease=4294967295",
                    "serverid=" + Lab.GATEWAY_V4, "guest");
            assertTrue(output.contains("mtu 9000"), output);
            assertTrue(output.contains("page for " + Lab.HOST_V4), output);
        }
    }

    @Test
    void udhcpcLearnsTheRouteToAGatewayOutsideItsNetwork() {
        var output = pasta("-4", "-a", "192.0.2.10/32").run("sh", "-c", "ip link set eth0 up; "
                + "busybox udhcpc -i eth0 -f -n -q -t 5 -T 1 -O staticroutes -s ./lease.sh").ok();
        assertLines(output, "mask=32", "staticroutes=" + Lab.GATEWAY_V4 + "/32 0.0.0.0 "
                + "0.0.0.0/0 " + Lab.GATEWAY_V4);
    }

    @Test
    void dhclientConfiguresTheInterface() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::page)) {
            var output = pasta("-4").run("sh", "-c", "printf '%s\\n' 'also request "
                    + "interface-mtu, domain-search;' 'timeout 15;' > dhclient.conf; "
                    + "ip link set eth0 up; "
                    + dhclient("-4", "four").replace("/dev/null", "dhclient.conf")
                    + fetch(Lab.SERVER_V4, web.port())).ok();
            assertLines(output, "leased", "new_ip_address=" + Lab.HOST_V4,
                    "new_subnet_mask=255.255.255.0", "new_interface_mtu=9000",
                    "new_routers=" + Lab.GATEWAY_V4, "new_host_name=guest",
                    "new_domain_name_servers=" + Lab.SERVER_V4,
                    "new_domain_search=a.example. b.example.", "new_fqdn_fqdn=guest.example",
                    "new_dhcp_lease_time=4294967295");
            assertTrue(output.contains("page for " + Lab.HOST_V4), output);
        }
    }

    @Test
    void dhclientGetsTheHostsIpv6Address() {
        var output = pasta("-6").run("sh", "-c", UP + dhclient("-6", "six") + "; "
                + "ip -6 address show dev eth0").ok();
        assertLines(output, "leased", "new_ip6_address=" + Lab.HOST_V6,
                "new_dhcp6_name_servers=" + Lab.SERVER_V6,
                "new_dhcp6_domain_search=a.example. b.example.", "new_max_life=4294967295");
        assertTrue(output.contains(Lab.HOST_V6 + "/128"), output);
    }

    /** Asks for information only, for which no address may be given. */
    @Test
    void dhclientGetsInformationWithoutAnAddress() {
        var output = pasta("-6").run("sh", "-c", UP + dhclient("-6 -S", "info")).ok();
        assertLines(output, "leased", "new_dhcp6_name_servers=" + Lab.SERVER_V6);
        assertFalse(output.contains("new_ip6_address"), output);
    }

    @Test
    void theKernelConfiguresItselfByRouterAdvertisement() {
        try (var web = new TcpServer(lab.world(), Lab.SERVER_V6, TcpServer::page)) {
            var output = pasta("-6", "-m", "1400").run("sh", "-c", UP + "for i in $(seq 100); do "
                    + "ip -6 route | grep -q ^default && break; sleep 0.1; done; "
                    + "ip -6 address show dev eth0 scope global; ip -6 route; "
                    + "cat /proc/sys/net/ipv6/conf/eth0/mtu"
                    + fetch("[" + Lab.SERVER_V6 + "]", web.port())).ok();
            assertTrue(output.contains("inet6 2001:db8:1:0:"), output);
            assertTrue(output.contains("dynamic mngtmpaddr"), output);
            assertTrue(output.matches("(?s).*default via fe80::[0-9a-f:]+ dev eth0 proto ra.*"),
                    output);
            assertLines(output, "1400");
            assertTrue(output.contains("page for 2001:db8:1:0:0:0:0:10"), output);
        }
    }

    @Test
    void whatIsSwitchedOffIsNotAnswered() {
        var silent = lab.pasta("--no-dhcp", "--no-ra", "--no-dhcpv6").run("sh", "-c", UP
                + "busybox udhcpc -i eth0 -f -n -q -t 2 -T 1 -s ./lease.sh; echo $?; "
                + "ip -6 route | grep -c ^default").out();
        assertEquals("1\n0\n", silent);
    }

    @Test
    void aConfiguredInterfaceGetsNoRouterAdvertisement() {
        var output = lab.pasta("--config-net").run("sh", "-c",
                "sleep 1; ip -6 route | grep -c 'proto ra'").out();
        assertEquals("0\n", output);
    }

    @Test
    void theBannerNamesTheServices() {
        var shown = pasta("-d").run("true").err().lines()
                .map(line -> line.substring(line.indexOf(' ') + 1)).toList();
        assertTrue(shown.containsAll(List.of("DHCP:", "    assign: " + Lab.HOST_V4,
                "    mask: 255.255.255.0", "NDP/DHCPv6:", "    assign: " + Lab.HOST_V6, "DNS:",
                "    " + Lab.SERVER_V6, "DNS search list:", "    b.example")), shown::toString);
    }

    /** All that the clients were sent, as tshark reads it. */
    @Test
    void everyFrameIsDissectedWithoutAComplaint() {
        var file = lab.directory().resolve("services.pcap").toString();
        pasta("-p", file).run("sh", "-c", UP + "busybox udhcpc -i eth0 -f -n -q -t 5 -T 1 "
                + "-s ./lease.sh; " + dhclient("-6", "all")).ok();
        var complaints = Tool.run("tshark", "-n", "-r", file, "-o", "udp.check_checksum:TRUE",
                "-Y", "eth.src == 9a:55:9a:55:9a:55 && (_ws.malformed || "
                + "_ws.expert.severity == \"Error\" || udp.checksum.status == 0 || "
                + "icmpv6.checksum.status == 0)");
        assertFalse(complaints.contains(" 9a:55:"), complaints);
        var kinds = Tool.run("tshark", "-n", "-r", file, "-T", "fields", "-e",
                "dhcp.option.dhcp", "-e", "dhcpv6.msgtype", "-e", "icmpv6.type");
        for (var kind : List.of("2\t\t", "5\t\t", "\t2\t", "\t7\t", "\t\t134")) {
            assertTrue(kinds.lines().anyMatch(kind::equals), kind.strip() + "\n" + kinds);
        }
    }
}
