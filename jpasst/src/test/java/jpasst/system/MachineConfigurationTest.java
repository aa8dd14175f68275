// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A virtual machine configures itself through passt as it would on the host's own network: by
 * DHCP (busybox's client), by router advertisement (the kernel) and by DHCPv6 (ISC's client).
 */
@Order(Integer.MAX_VALUE - 40)
@ExtendWith(MachineScene.Provider.class)
class MachineConfigurationTest {
    private static VirtualMachine machine;
    private static MachineScene.Plugged plugged;
    private static Map<String, String> lease;

    @BeforeAll
    static void plug(MachineScene scene) {
        machine = scene.machine();
        plugged = scene.plug("-H", "guest1", "-D", Lab.SERVER_V4, "-D", Lab.SERVER_V6,
                "-S", "example.org", "-S", "lab.example.com");
        machine.configure();
        lease = read("/run/lease");
    }

    @AfterAll
    static void unplug() {
        plugged.close();
    }

    @Test
    void dhcpGivesTheHostsAddressForEver() {
        assertEquals(Lab.HOST_V4, lease.get("ip"));
        assertEquals("24", lease.get("mask"));
        assertEquals(Lab.GATEWAY_V4, lease.get("serverid"));
        assertEquals(0xffff_ffffL, Long.parseLong(lease.get("lease")));
        var shown = machine.ok("ip -4 address show dev eth0");
        assertTrue(shown.contains("inet " + Lab.HOST_V4 + "/24 "), shown);
    }

    @Test
    void dhcpGivesTheRoute() {
        assertEquals(Lab.GATEWAY_V4, lease.get("router"));
        assertEquals("default via " + Lab.GATEWAY_V4 + " dev eth0",
                machine.ok("ip -4 route show default").strip());
        assertEquals(null, lease.get("staticroutes"));
    }

    @Test
    void dhcpGivesResolversSearchListAndHostName() {
        assertEquals(Lab.SERVER_V4, lease.get("dns"));
        assertEquals("example.org lab.example.com", lease.get("search"));
        assertEquals("guest1", lease.get("hostname"));
        assertEquals("guest1", machine.ok("hostname"));
        assertEquals("search example.org lab.example.com\nnameserver " + Lab.SERVER_V4,
                machine.ok("cat /etc/resolv.conf"));
    }

    @Test
    void dhcpGivesTheMtu() {
        assertEquals("65520", lease.get("mtu"));
        assertEquals("65520", machine.ok("cat /sys/class/net/eth0/mtu"));
    }

    @Test
    void aRouterAdvertisementGivesPrefixRouteAndMtu() {
        var addresses = machine.ok("ip -6 address show dev eth0 scope global");
        assertTrue(addresses.contains("inet6 2001:db8:1:0:5054:ff:fe12:3456/64"), addresses);
        var route = machine.ok("ip -6 route show default");
        assertTrue(route.startsWith("default via fe80::"), route);
        assertEquals("65520", machine.ok("cat /proc/sys/net/ipv6/conf/eth0/mtu"));
    }

    @Test
    void aRouterAdvertisementGivesResolversAndSearchList() {
        var said = machine.ok("rdisc6 -1 -r 5 -w 2000 eth0").replaceAll("[ \t]+", " ");
        assertTrue(said.contains("Stateful address conf. : Yes"), said);
        assertTrue(said.contains("Recursive DNS server : " + Lab.SERVER_V6), said);
        // Some versions write dots at the ends of names, some a name to a line.
        var names = said.substring(said.indexOf("DNS search list"));
        var both = "(?s)DNS search list : example\\.org\\b.*lab\\.example\\.com\\b.*";
        assertTrue(names.matches(both), said);
        assertTrue(said.contains("Source link-layer address: 9A:55:9A:55:9A:55"), said);
    }

    /** dhclient stays as a daemon, which writes its PID after the program has already ended. */
    @Test
    void dhcp6GivesTheHostsAddressAndNames() {
        machine.ok("dhclient -6 -1 -sf /etc/dhclient.sh -lf /tmp/leases6 -pf /tmp/pid6 eth0;"
                + " for i in $(seq 50); do [ -s /tmp/pid6 ] && break; sleep 0.1; done;"
                + " kill $(cat /tmp/pid6)");
        var lease6 = read("/run/lease6");
        assertEquals(Lab.HOST_V6, lease6.get("new_ip6_address"));
        assertEquals(Lab.SERVER_V6, lease6.get("new_dhcp6_name_servers"));
        assertEquals("example.org. lab.example.com.", lease6.get("new_dhcp6_domain_search"));
        assertEquals(0xffff_ffffL, Long.parseLong(lease6.get("new_max_life")));
        var shown = machine.ok("ip -6 address show dev eth0");
        assertTrue(shown.contains("inet6 " + Lab.HOST_V6 + "/"), shown);
    }

    @Test
    void everyAddressOnTheLinkAnswersArp() {
        for (var address : new String[] {Lab.GATEWAY_V4, Lab.SERVER_V4, "192.0.2.77"})
            machine.ok("arping -c 1 -w 5 -I eth0 " + address);
    }

    /** Else the guest would find its own address taken. */
    @Test
    void nobodyClaimsTheGuestsOwnAddress() {
        machine.ok("arping -D -c 1 -w 1 -I eth0 " + Lab.HOST_V4);
    }

    private static Map<String, String> read(String file) {
        return machine.ok("cat " + file).lines().filter(line -> line.contains("="))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (one, _) -> one));
    }
}
