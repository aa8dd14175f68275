// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.log.Log;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is found in namespaces made for it. */
class HostNetworkTest {
    private final List<String> logged = new ArrayList<>();
    private final Log log = new Log((level, sinceNs, text) -> logged.add(text));
    private NetworkNamespace host;

    @BeforeEach
    void makeHost() {
        host = new NetworkNamespace();
    }

    @AfterEach
    void removeHost() {
        host.close();
    }

    private HostNetwork discover() throws Exception {
        return discover(DiscoveryOptions.Family.AUTOMATIC, DiscoveryOptions.Family.AUTOMATIC);
    }

    private HostNetwork discover(DiscoveryOptions.Family v4, DiscoveryOptions.Family v6)
            throws Exception {
        return discover(new DiscoveryOptions(null, v4, v6));
    }

    private HostNetwork discover(DiscoveryOptions options) throws Exception {
        return host.inside(() -> HostNetwork.discover(options, log));
    }

    private static DiscoveryOptions.Family given(String address, int prefixLength,
            String gateway) {
        return new DiscoveryOptions.Family(true, null,
                address == null ? null : IpAddress.parse(address), prefixLength,
                gateway == null ? null : IpAddress.parse(gateway));
    }

    @Test
    void takesTheInterfaceOfTheDefaultRoute() throws Exception {
        host.addInterface("aa");
        host.addInterface("bb");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.2.0.5/24 dev bb");
        host.ip("link set bb mtu 1400");
        host.ip("route add 10.9.0.0/16 via 10.1.0.1");
        host.ip("route add default via 10.2.0.1");
        FamilyNetwork v4 = discover().v4();
        assertEquals("bb", v4.templateName());
        assertEquals(host.index("bb"), v4.templateIndex());
        assertEquals(1400, v4.mtu());
        assertEquals(IpAddress.parse("10.2.0.5"), v4.address());
        assertEquals(24, v4.prefixLength());
        assertEquals(IpAddress.parse("10.2.0.1"), v4.gateway());
        assertEquals(v4.gateway(), v4.ourAddress());
        assertEquals(2, v4.routes().size());
        assertEquals("bb", discover().namespaceInterface(null));
        assertEquals("x0", discover().namespaceInterface("x0"));
    }

    @Test
    void saysWhenThereIsMoreThanOneDefaultRoute() throws Exception {
        host.addInterface("aa");
        host.addInterface("bb");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.2.0.5/24 dev bb");
        host.ip("route add default via 10.1.0.1 metric 20");
        host.ip("route add default via 10.2.0.1 metric 10");
        assertEquals("bb", discover().v4().templateName());
        assertTrue(logged.contains("More than one default IPv4 route: using the first"),
                logged::toString);
    }

    @Test
    void takesTheFirstInterfaceWithARouteIfNoneIsDefault() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        FamilyNetwork v4 = discover().v4();
        assertEquals("aa", v4.templateName());
        assertTrue(v4.gateway().isUnspecified());
    }

    @Test
    void acceptsADefaultRouteWithoutGateway() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("route add default dev aa");
        FamilyNetwork v4 = discover().v4();
        assertEquals("aa", v4.templateName());
        assertTrue(v4.gateway().isUnspecified());
    }

    @Test
    void takesTheLastAmongTheHeaviestNextHops() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("route add default nexthop via 10.1.0.1 weight 2 nexthop via 10.1.0.2 weight 7"
                + " nexthop via 10.1.0.3 weight 7 nexthop via 10.1.0.4 weight 1");
        FamilyNetwork v4 = discover().v4();
        assertEquals("aa", v4.templateName());
        assertEquals(IpAddress.parse("10.1.0.3"), v4.gateway());
    }

    @Test
    void takesTheInterfaceOfTheFirstNextHop() throws Exception {
        host.addInterface("aa");
        host.addInterface("bb");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.2.0.5/16 dev bb");
        host.ip("route add default nexthop via 10.2.0.1 nexthop via 10.1.0.1");
        FamilyNetwork v4 = discover().v4();
        assertEquals("bb", v4.templateName());
        assertTrue(v4.routes().getFirst().shared());
    }

    @Test
    void findsNoGatewayOfTheOtherFamily() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("route add default via inet6 fe80::1 dev aa");
        FamilyNetwork v4 = discover().v4();
        assertEquals("aa", v4.templateName());
        assertTrue(v4.gateway().isUnspecified());
    }

    @Test
    void prefersTheLongestPrefixAndNoDeprecatedAddress() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.3.0.6/24 dev aa");
        host.ip("address add 10.4.0.7/24 dev aa");
        host.ip("address add 10.5.0.8/30 dev aa valid_lft 1000 preferred_lft 0");
        host.ip("address add 2001:db8:1::5/64 dev aa nodad");
        host.ip("address add 2001:db8:2::5/120 dev aa nodad preferred_lft 0");
        host.ip("address add 2001:db8:3::5/96 dev aa nodad");
        host.ip("-6 route add default via fe80::77 dev aa");
        HostNetwork network = discover();
        assertEquals(IpAddress.parse("10.3.0.6"), network.v4().address());
        assertEquals(IpAddress.parse("2001:db8:3::5"), network.v6().address());
        assertEquals(96, network.v6().prefixLength());
        assertEquals(IpAddress.parse("fe80::77"), network.v6().gateway());
        assertEquals(IpAddress.parse("fe80::77"), network.v6().ourAddress());
    }

    @Test
    void usesTheHostsLinkLocalAddressBehindAGlobalGateway() throws Exception {
        host.addInterface("aa");
        host.ip("address add 2001:db8::5/64 dev aa nodad");
        host.ip("-6 route add default via 2001:db8::1");
        FamilyNetwork v6 = discover().v6();
        assertEquals(IpAddress.parse("2001:db8::1"), v6.gateway());
        assertTrue(v6.ourAddress().isLinkLocal());
        assertTrue(host.ip("-6 address show dev aa").contains(v6.ourAddress().toString()));
    }

    @Test
    void needsALinkLocalAddressForIpv6() throws Exception {
        host.addInterface("aa");
        host.ip("address add 2001:db8::5/64 dev aa nodad");
        host.ip("-6 route add default via 2001:db8::1");
        host.ip("-6 address flush dev aa scope link");
        assertTrue(discover().v6().local());
    }

    @Test
    void inventsAddressesWithoutRoutes() throws Exception {
        HostNetwork network = discover();
        assertTrue(network.v4().local());
        assertEquals(FamilyNetwork.LOCAL, network.v4().templateIndex());
        assertNull(network.v4().templateName());
        assertEquals(IpAddress.parse("169.254.2.1"), network.v4().address());
        assertEquals(16, network.v4().prefixLength());
        assertEquals(IpAddress.parse("169.254.2.2"), network.v4().gateway());
        assertTrue(network.v6().address().isUnspecified());
        assertEquals(IpAddress.parse("fe80::1"), network.v6().gateway());
        assertEquals("tap0", network.namespaceInterface(null));
        assertTrue(logged.contains("No usable IPv4 routes"), logged::toString);
    }

    @Test
    void leavesADisabledFamilyAlone() throws Exception {
        HostNetwork network =
                discover(DiscoveryOptions.Family.AUTOMATIC, DiscoveryOptions.Family.OFF);
        assertFalse(network.v6().enabled());
        assertTrue(network.v4().enabled());
        assertTrue(network.v6().gateway().isUnspecified());
    }

    @Test
    void readsOnlyWhatTheCommandLineLeavesOpen() throws Exception {
        host.addInterface("aa");
        host.ip("route add default dev aa");
        FamilyNetwork v4 = discover(given("172.16.1.2", -1, "172.16.1.1"),
                DiscoveryOptions.Family.OFF).v4();
        assertEquals("aa", v4.templateName());
        assertEquals(IpAddress.parse("172.16.1.2"), v4.address());
        assertEquals(16, v4.prefixLength());
        assertEquals(IpAddress.parse("172.16.1.1"), v4.gateway());
        assertEquals(29, discover(given("172.16.1.2", 29, null),
                DiscoveryOptions.Family.OFF).v4().prefixLength());
    }

    @Test
    void usesTheInterfaceThatIsNamed() throws Exception {
        host.addInterface("aa");
        host.addInterface("bb");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.2.0.5/24 dev bb");
        host.ip("route add default via 10.2.0.1");
        var families = DiscoveryOptions.Family.AUTOMATIC;
        assertEquals("aa",
                discover(new DiscoveryOptions("aa", families, families)).v4().templateName());
        var outbound = new DiscoveryOptions.Family(true, "aa", null, -1, null);
        HostNetwork network = discover(new DiscoveryOptions(null, outbound, families));
        assertEquals("aa", network.v4().templateName());
        assertTrue(network.v4().gateway().isUnspecified());
    }

    @Test
    void refusesInterfacesThatCannotServe() throws Exception {
        host.addInterface("aa");
        var families = DiscoveryOptions.Family.AUTOMATIC;
        assertThrows(UnusableInterfaceException.class,
                () -> discover(new DiscoveryOptions("nosuch", families, families)));
        var outbound = new DiscoveryOptions.Family(true, "aa", null, -1, null);
        assertThrows(UnusableInterfaceException.class, () -> discover(outbound, families));
        var off = new DiscoveryOptions.Family(false, "aa", null, -1, null);
        assertThrows(UnusableInterfaceException.class, () -> discover(families, off));
    }

    @Test
    void readsALongListOfRoutes() throws Exception {
        host.addInterface("aa");
        host.ip("address add 10.1.0.5/16 dev aa");
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            batch.append("route add 172.16.").append(i / 256).append('.').append(i % 256)
                    .append("/32 via 10.1.0.1\n");
        }
        var file = java.nio.file.Files.createTempFile("routes", "");
        java.nio.file.Files.writeString(file, batch);
        host.ip("-batch " + file);
        java.nio.file.Files.delete(file);
        assertEquals(3001, discover().v4().routes().size());
    }
}
