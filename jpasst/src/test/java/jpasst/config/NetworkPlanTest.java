// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.log.Log;
import jpasst.netlink.FamilyNetwork;
import jpasst.netlink.HostNetwork;
import org.junit.jupiter.api.Test;

class NetworkPlanTest {
    private static final HostNetwork HOST = new HostNetwork(
            family(3, "eth0", "10.99.0.1", 24, "10.99.0.2", "10.99.0.2"),
            family(4, "wlan0", "fd99::1", 64, "fd99::2", "fe80::9"));

    private final List<String> messages = new ArrayList<>();
    private final Log log = new Log((level, sinceStartNs, message) -> messages.add(message));

    private static FamilyNetwork family(int index, String name, String address, int length,
            String gateway, String ours) {
        return new FamilyNetwork(index, name, 1500, IpAddress.parse(address), length,
                IpAddress.parse(gateway), IpAddress.parse(ours), List.of(), List.of());
    }

    private NetworkPlan plan(String options, String resolvers) {
        var arguments = ("-f " + options + " 1").replaceAll(" +", " ").split(" ");
        var settings = CommandLine.parse("pasta", arguments).settings();
        return NetworkPlan.of(settings, HOST, ResolverFile.parse(resolvers), log);
    }

    private Addresses addresses(String options, String resolvers) {
        return plan(options, resolvers).addresses();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    @Test
    void takesTheHostsAddresses() {
        var addresses = addresses("", "nameserver 192.0.2.53");
        assertEquals(3, addresses.v4().templateIndex());
        assertEquals(ip("10.99.0.1"), addresses.v4().address());
        assertEquals(24, addresses.v4().prefixLength());
        assertEquals(ip("10.99.0.2"), addresses.v4().guestGateway());
        assertEquals(ip("fe80::9"), addresses.v6().ourTapAddress());
        assertFalse(addresses.v4().isFixed());
        assertEquals(65520, addresses.mtu());
    }

    @Test
    void mapsTheGatewayToTheHostUnlessToldOtherwise() {
        assertEquals(ip("10.99.0.2"), addresses("", "").v4().mapHostLoopback());
        assertEquals(ip("fd99::2"), addresses("", "").v6().mapHostLoopback());
        assertNull(addresses("--no-map-gw", "").v4().mapHostLoopback());
        assertNull(addresses("--map-host-loopback none", "").v6().mapHostLoopback());
        var mapped = addresses("--no-map-gw --map-host-loopback 192.0.2.6", "");
        assertEquals(ip("192.0.2.6"), mapped.v4().mapHostLoopback());
        assertNull(mapped.v6().mapHostLoopback());
    }

    @Test
    void asksTheFirstResolverOfEachFamily() {
        var addresses = addresses("", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
                + "nameserver 2001:db8::53");
        assertEquals(ip("192.0.2.1"), addresses.v4().dnsHost());
        assertEquals(ip("2001:db8::53"), addresses.v6().dnsHost());
        assertNull(addresses.v4().dnsMatch());
    }

    @Test
    void reachesAResolverOnTheHostsLoopbackThroughTheMapping() {
        var addresses = addresses("", "nameserver 127.0.0.53");
        assertEquals(ip("127.0.0.53"), addresses.v4().dnsHost());
        assertEquals(ip("10.99.0.2"), addresses.v4().dnsMatch());
    }

    @Test
    void reachesAResolverThatTheMappingHides() {
        var addresses = addresses("", "nameserver 10.99.0.2");
        assertEquals(ip("10.99.0.2"), addresses.v4().dnsHost());
        assertEquals(ip("10.99.0.2"), addresses.v4().dnsMatch());
    }

    @Test
    void leavesALoopbackResolverAloneWithoutMapping() {
        assertNull(addresses("--no-map-gw", "nameserver 127.0.0.53").v4().dnsMatch());
    }

    @Test
    void prefersTheUsersResolver() {
        var addresses = addresses("--dns-forward 192.0.2.7 --dns-host 127.0.0.1",
                "nameserver 127.0.0.53");
        assertEquals(ip("127.0.0.1"), addresses.v4().dnsHost());
        assertEquals(ip("192.0.2.7"), addresses.v4().dnsMatch());
    }

    @Test
    void warnsWhenThereIsNoResolver() {
        plan("--dns-forward 192.0.2.7", "");
        assertEquals(List.of("couldn't get any nameserver address from the host",
                "no IPv4 nameserver on the host for --dns-forward 192.0.2.7"), messages);
    }

    @Test
    void copiesOnlyWhatTheUserDidNotGive() {
        var namespace = plan("-a 192.0.2.1 -g fe80::5", "").namespace();
        assertFalse(namespace.v4().copyAddresses());
        assertTrue(namespace.v4().copyRoutes());
        assertTrue(namespace.v6().copyAddresses());
        assertFalse(namespace.v6().copyRoutes());
    }

    @Test
    void passesTheOptionsToDiscovery() {
        var options = CommandLine.parse("pasta", new String[] {"-4", "-i", "eth7", "-a",
            "192.0.2.1/24", "-g", "192.0.2.9", "--outbound-if4", "eth8"}).settings().addresses();
        var discovery = NetworkPlan.discoveryOptions(options, true);
        assertEquals("eth7", discovery.interfaceName());
        assertEquals("eth8", discovery.v4().outboundInterface());
        assertEquals(24, discovery.v4().prefixLength());
        assertEquals(ip("192.0.2.9"), discovery.v4().gateway());
        assertFalse(discovery.v6().enabled());
    }

    @Test
    void leavesOutIpv6WithoutAnInKernelOne() {
        var options = CommandLine.parse("pasta", new String[0]).settings().addresses();
        assertFalse(NetworkPlan.discoveryOptions(options, false).v6().enabled());
    }

    @Test
    void showsWhatItMade() {
        var plan = plan("-o 192.0.2.9 --outbound-if6 wlan0 --no-map-gw"
                + " --map-host-loopback 192.0.2.6 --no-dhcp --no-dhcpv6 --no-ra",
                "nameserver 192.0.2.1");
        Banner.show(plan, log);
        assertEquals(List.of("Template interface: eth0 (IPv4), wlan0 (IPv6)",
                "Outbound interface: wlan0 (IPv6)", "Outbound IPv4 address: 192.0.2.9",
                "Namespace interface: eth0", "MAC:", "    host: 9a:55:9a:55:9a:55",
                "    NAT to host 127.0.0.1: 192.0.2.6"), messages);
    }

    @Test
    void needsNothingOfTheHostFromLoopbackToLoopback() {
        var settings = CommandLine.parse("pasta", new String[] {"--splice-only"}).settings();
        var plan = NetworkPlan.withoutTap(settings, true, log);
        assertTrue(plan.addresses().v4().isEnabled());
        assertTrue(plan.addresses().v6().isEnabled());
        assertNull(plan.addresses().v4().address());
        assertNull(plan.interfaceName());
        Banner.show(plan, log);
        assertEquals(List.of("MAC:", "    host: 9a:55:9a:55:9a:55"), messages);
    }

    @Test
    void leavesOutFamiliesFromLoopbackToLoopbackToo() {
        var settings = CommandLine.parse("pasta", new String[] {"--splice-only", "-4"}).settings();
        assertFalse(NetworkPlan.withoutTap(settings, true, log).addresses().v6().isEnabled());
        settings = CommandLine.parse("pasta", new String[] {"--splice-only"}).settings();
        assertFalse(NetworkPlan.withoutTap(settings, false, log).addresses().v6().isEnabled());
    }
}
