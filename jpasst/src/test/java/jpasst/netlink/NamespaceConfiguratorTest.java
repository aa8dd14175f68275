// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.addr.MacAddress;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.InterfaceRequest;
import jpasst.linux.LinuxException;
import jpasst.linux.Tun;
import jpasst.log.Log;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A host namespace copied to a guest one, judged by ip(8). */
class NamespaceConfiguratorTest {
    private final List<String> logged = new ArrayList<>();
    private final Log log = new Log((level, sinceNs, text) -> logged.add(text));
    private NetworkNamespace host;
    private NetworkNamespace guest;
    private int index;
    private int tap;

    @BeforeEach
    void make() throws Exception {
        host = new NetworkNamespace();
        host.addInterface("aa");
        guest = new NetworkNamespace();
        tap = guest.inside(() -> tap("aa"));
        index = guest.index("aa");
    }

    private static int tap(String name) {
        int fd = Errno.check(Tun.DEVICE,
                Files.open(Tun.DEVICE, Files.O_RDWR | Files.O_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            Errno.check("TUNSETIFF", Tun.create(fd, InterfaceRequest.allocate(arena), name,
                    Tun.IFF_TAP | Tun.IFF_NO_PI));
        }
        return fd;
    }

    @AfterEach
    void remove() {
        Files.close(tap);
        host.close();
        guest.close();
    }

    private HostNetwork discover(DiscoveryOptions.Family v4, DiscoveryOptions.Family v6)
            throws Exception {
        return host.inside(() -> HostNetwork.discover(new DiscoveryOptions(null, v4, v6), log));
    }

    private HostNetwork discover() throws Exception {
        return discover(DiscoveryOptions.Family.AUTOMATIC, DiscoveryOptions.Family.AUTOMATIC);
    }

    private NamespaceState configure(HostNetwork network, boolean copyAddresses,
            boolean copyRoutes) throws Exception {
        NamespacePlan plan = new NamespacePlan(9000,
                new NamespacePlan.Family(network.v4(), copyAddresses, copyRoutes),
                new NamespacePlan.Family(network.v6(), copyAddresses, copyRoutes));
        return guest.inside(() -> {
            try (NamespaceConfigurator configurator = new NamespaceConfigurator(log)) {
                configurator.loopbackUp();
                return configurator.configure(index, plan);
            }
        });
    }

    private void addresses() {
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.3.0.6/32 dev aa");
        host.ip("address add 10.4.0.7/24 dev aa preferred_lft 0 valid_lft 1000");
        host.ip("address add 2001:db8:1::5/64 dev aa nodad");
        host.ip("address add 2001:db8:2::5/128 dev aa nodad");
    }

    @Test
    void copiesAddressesWithoutDetection() throws Exception {
        addresses();
        host.ip("-6 route add default via fe80::77 dev aa");
        NamespaceState state = configure(discover(), true, true);
        String v4 = guest.ip("-4 address show dev aa");
        assertTrue(v4.contains("inet 10.1.0.5/16 ") && v4.contains("inet 10.3.0.6/32 "), v4);
        assertFalse(v4.contains("10.4.0.7"), v4);
        assertTrue(v4.contains("valid_lft forever preferred_lft forever"), v4);
        String v6 = guest.ip("-6 address show dev aa");
        assertTrue(v6.contains("inet6 2001:db8:1::5/64 scope global nodad"), v6);
        assertTrue(v6.contains("inet6 2001:db8:2::5/128 scope global nodad"), v6);
        assertFalse(v6.contains("tentative"), v6);
        assertTrue(v6.contains("inet6 " + state.linkLocal() + "/64"), v6);
        assertTrue(state.linkLocal().isLinkLocal());
        assertTrue(state.v4() && state.v6());
        String link = guest.ip("link show dev aa");
        assertTrue(link.contains("mtu 9000") && link.contains(",UP"), link);
        assertFalse(link.contains("NOARP"), link);
        assertTrue(guest.ip("link show dev lo").contains(",UP"));
    }

    @Test
    void leavesNoAddressToBeDetected() throws Exception {
        host.ip("address add 2001:db8:1::5/64 dev aa nodad");
        host.ip("-6 route add default via fe80::77 dev aa");
        HostNetwork network = discover();
        for (int i = 0; i < 20; i++) {
            guest.close();
            Files.close(tap);
            guest = new NetworkNamespace();
            tap = guest.inside(() -> tap("aa"));
            NamespaceState state = configure(network, true, true);
            String v6 = guest.ip("-6 address show dev aa");
            assertFalse(v6.contains("tentative"), v6);
            assertTrue(v6.contains("inet6 " + state.linkLocal() + "/64"), v6);
        }
    }

    @Test
    void copiesRoutesWhateverTheirOrder() throws Exception {
        host.ip("address add 10.1.0.5/32 dev aa");
        host.ip("address add 10.2.0.5/24 dev aa");
        host.ip("address add 2001:db8:1::5/64 dev aa nodad");
        // Dumped first of all, but reachable only by those that follow.
        host.ip("route add 10.1.0.1 dev aa");
        host.ip("route add default via 10.1.0.1 src 10.1.0.5 metric 7");
        host.ip("route add 10.7.0.0/16 via 10.2.0.9 mtu 1300");
        host.ip("route add 10.8.0.0/16 nexthop via 10.2.0.3 weight 2 nexthop via 10.2.0.4");
        host.ip("route add 10.9.0.0/16 via inet6 fe80::9 dev aa");
        host.ip("-6 route add default via 2001:db8:1::1 metric 50");
        host.ip("-6 route add 2001:db8:5::/48 via fe80::5 dev aa");
        configure(discover(), true, true);
        String v4 = guest.ip("-4 route show");
        assertTrue(v4.contains("default via 10.1.0.1 dev aa metric 7"), v4);
        assertTrue(v4.contains("10.1.0.1 dev aa scope link"), v4);
        assertTrue(v4.contains("10.7.0.0/16 via 10.2.0.9 dev aa mtu 1300"), v4);
        assertTrue(v4.contains("nexthop via 10.2.0.3 dev aa weight 2"), v4);
        assertTrue(v4.contains("10.9.0.0/16 via inet6 fe80::9 dev aa"), v4);
        String v6 = guest.ip("-6 route show");
        assertTrue(v6.contains("default via 2001:db8:1::1 dev aa metric 50"), v6);
        assertTrue(v6.contains("2001:db8:5::/48 via fe80::5 dev aa"), v6);
        assertTrue(logged.isEmpty(), logged::toString);
    }

    @Test
    void copiesNoRouteThatAnotherInterfaceShares() throws Exception {
        host.addInterface("bb");
        host.ip("address add 10.1.0.5/16 dev aa");
        host.ip("address add 10.2.0.5/16 dev bb");
        host.ip("route add default via 10.1.0.1");
        host.ip("route add 10.8.0.0/16 nexthop via 10.1.0.3 nexthop via 10.2.0.4");
        host.ip("route add 10.9.0.0/16 via 10.2.0.4");
        configure(discover(), true, true);
        String v4 = guest.ip("-4 route show");
        assertTrue(v4.contains("default via 10.1.0.1"), v4);
        assertFalse(v4.contains("10.8.0.0") || v4.contains("10.9.0.0"), v4);
    }

    @Test
    void configuresASingleAddressAndGateway() throws Exception {
        addresses();
        host.ip("route add default via 10.1.0.1");
        host.ip("-6 route add default via 2001:db8:1::1");
        var v4 = new DiscoveryOptions.Family(true, null, IpAddress.parse("192.0.2.9"), 28,
                IpAddress.parse("192.0.2.1"));
        var v6 = new DiscoveryOptions.Family(true, null, IpAddress.parse("2001:db8:9::9"), -1,
                IpAddress.parse("fe80::1"));
        configure(discover(v4, v6), false, false);
        assertTrue(guest.ip("-4 address show dev aa").contains("inet 192.0.2.9/28 "));
        assertTrue(guest.ip("-6 address show dev aa")
                .contains("inet6 2001:db8:9::9/64 scope global nodad"));
        assertTrue(guest.ip("-4 route show").contains("default via 192.0.2.1 dev aa"));
        assertTrue(guest.ip("-6 route show").contains("default via fe80::1 dev aa"));
    }

    @Test
    void declaresAGatewayOutsideTheNetworkToBeOnTheLink() throws Exception {
        var v4 = new DiscoveryOptions.Family(true, null, IpAddress.parse("192.0.2.9"), 32,
                IpAddress.parse("198.51.100.1"));
        configure(discover(v4, DiscoveryOptions.Family.OFF), false, false);
        assertTrue(guest.ip("-4 route show").contains("default via 198.51.100.1 dev aa onlink"));
    }

    @Test
    void configuresLocalMode() throws Exception {
        NetworkNamespace empty = new NetworkNamespace();
        HostNetwork local = empty.inside(() -> HostNetwork.discover(new DiscoveryOptions(null,
                DiscoveryOptions.Family.AUTOMATIC, DiscoveryOptions.Family.AUTOMATIC), log));
        empty.close();
        configure(local, true, true);
        assertTrue(guest.ip("-4 address show dev aa").contains("inet 169.254.2.1/16 "));
        assertTrue(guest.ip("-4 route show").contains("default via 169.254.2.2 dev aa"));
        assertTrue(guest.ip("-6 route show").contains("default via fe80::1 dev aa"));
    }

    @Test
    void doesWithoutIpv6InLocalModeWhereTheNamespaceHasNone() throws Exception {
        guest.set("ipv6/conf/aa/disable_ipv6", "1");
        var v4 = DiscoveryOptions.Family.OFF;
        var v6 = new DiscoveryOptions.Family(true, null, IpAddress.parse("2001:db8:9::9"), -1,
                null);
        NamespaceState state = configure(discover(v4, v6), true, true);
        assertFalse(state.v6());
        assertTrue(logged.getLast().startsWith("Not supported in the namespace"),
                logged::toString);
    }

    @Test
    void readsAndSetsTheMacAddress() throws Exception {
        long mac = MacAddress.parse("02:00:00:12:34:56").bits();
        long read = guest.inside(() -> {
            try (NamespaceConfigurator configurator = new NamespaceConfigurator(log)) {
                configurator.macAddress(index, mac);
                return configurator.macAddress(index);
            }
        });
        assertEquals(mac, read);
        assertTrue(guest.ip("link show dev aa").contains("02:00:00:12:34:56"));
    }

    @Test
    void namesTheStepThatFails() {
        LinuxException refused = assertThrows(LinuxException.class, () -> guest.inside(() -> {
            try (NamespaceConfigurator configurator = new NamespaceConfigurator(log)) {
                configurator.macAddress(index, 0x0100_0000_0000L);
                return null;
            }
        }));
        assertTrue(refused.getMessage().startsWith("set MAC address"), refused::getMessage);
    }
}
