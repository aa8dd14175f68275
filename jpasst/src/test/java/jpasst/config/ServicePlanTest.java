// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.netlink.FamilyNetwork;
import jpasst.netlink.HostNetwork;
import jpasst.addr.IpAddress;
import jpasst.responder.ServiceSettings;
import jpasst.wire.DomainName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which services there are, and which resolvers and domains the guest is told. */
class ServicePlanTest {
    private static final String FILE = "nameserver 127.0.0.53\nnameserver 127.0.0.54\n"
            + "nameserver 192.0.2.9\nnameserver 2001:db8::9%eth0\nsearch a.example b.example.\n"
            + "search c.example\n";
    private static final String TELL = "--dhcp-dns --dhcp-search ";

    private final List<String> messages = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();
    private final Log log = new Log((level, sinceStartNs, message) -> {
        messages.add(message);
        levels.add(level);
    });

    private static FamilyNetwork family(int index, String address, int length, String gateway,
            String ours) {
        return new FamilyNetwork(index, "eth0", 1500, IpAddress.parse(address), length,
                IpAddress.parse(gateway), IpAddress.parse(ours), List.of(), List.of());
    }

    private static Settings settings(String options) {
        var arguments = ("-f " + options + " 1").replaceAll(" +", " ").split(" ");
        return CommandLine.parse("pasta", arguments).settings();
    }

    private static String refusal(String options) {
        return assertThrows(ConfigurationException.class, () -> settings(options)).getMessage();
    }

    private NetworkPlan plan(String options, String resolvers, String gateway, String v6) {
        var host = new HostNetwork(family(3, "10.99.0.1", 24, gateway, gateway),
                family(3, v6, 64, "fd99::2", "fe80::9"));
        var settings = settings(options);
        return NetworkPlan.of(settings, host, ServicePlan.needsFile(settings)
                ? ResolverFile.parse(resolvers) : ResolverFile.EMPTY, log);
    }

    private ServiceSettings services(String options) {
        return plan(options, FILE, "10.99.0.2", "fd99::1").services();
    }

    private static List<String> texts(List<?> values) {
        return values.stream().map(Object::toString).toList();
    }

    private void assertTold(String options, List<String> v4, List<String> v6,
            List<String> search) {
        var services = services(options);
        assertEquals(v4, texts(services.resolversV4()), options);
        assertEquals(v6, texts(services.resolversV6()), options);
        assertEquals(search, texts(services.search()), options);
    }

    @Test
    void pastaTellsNothingUnlessAskedTo() {
        assertTold("", List.of(), List.of(), List.of());
        assertTold("--dhcp-dns", List.of("10.99.0.2", "192.0.2.9"), List.of("2001:db8::9"),
                List.of());
        assertTold("--dhcp-search", List.of(), List.of(), List.of("a.example", "b.example"));
        assertEquals(List.of(), messages);
    }

    @Test
    void tellsTheMappingForWhatTheGuestCannotReach() {
        assertTold(TELL + "--dns-forward 10.1.1.1", List.of("10.1.1.1", "192.0.2.9"),
                List.of("2001:db8::9"), List.of("a.example", "b.example"));
        assertTold("--dhcp-dns --no-map-gw", List.of("192.0.2.9"), List.of("2001:db8::9"),
                List.of());
        assertTold("--dhcp-dns --map-host-loopback 192.0.2.9", List.of("192.0.2.9"),
                List.of("2001:db8::9"), List.of());
    }

    /** To resolvers of C libraries the unspecified address means this host. */
    @Test
    void theHostItselfIsReachedByTheMapping() {
        var plan = plan("--dhcp-dns", "nameserver 0.0.0.0\nnameserver ::\n", "10.99.0.2",
                "fd99::1");
        assertEquals(List.of("10.99.0.2"), texts(plan.services().resolversV4()));
        assertEquals(IpAddress.LOOPBACK_V4, plan.addresses().v4().dnsHost());
        assertEquals(IpAddress.parse("10.99.0.2"), plan.addresses().v4().dnsMatch());
        assertEquals(IpAddress.LOOPBACK_V6, plan.addresses().v6().dnsHost());
    }

    @Test
    void tellsThreeResolversOfAFamilyAtMost() {
        var file = "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.1\n"
                + "nameserver 192.0.2.3\nnameserver 192.0.2.4\n";
        var services = plan("--dhcp-dns -4", file, "10.99.0.2", "fd99::1").services();
        assertEquals(List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"),
                texts(services.resolversV4()));
        assertTold("--dhcp-dns -4 -D 192.0.2.1 -D 192.0.2.2 -D 192.0.2.3 -D 192.0.2.4",
                List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"), List.of(), List.of());
    }

    @Test
    void prefersTheUsersResolversPerFamily() {
        assertTold("--dhcp-dns -D 127.0.0.1", List.of("127.0.0.1"), List.of("2001:db8::9"),
                List.of());
        assertTold("--dhcp-dns -D 192.0.2.1 -D none -D 192.0.2.2", List.of("192.0.2.2"),
                List.of("2001:db8::9"), List.of());
        assertTold("--dhcp-dns -D 192.0.2.1 -D none", List.of(), List.of(), List.of());
        var addresses = plan("-D 192.0.2.1", FILE, "10.99.0.2", "fd99::1").addresses();
        assertNull(addresses.v4().dnsHost());
        assertEquals(IpAddress.parse("2001:db8::9"), addresses.v6().dnsHost());
        assertEquals(List.of(), messages);
    }

    @Test
    void noneClearsWhatWasSaidBefore() {
        var choices = settings("--dns-forward 10.1.1.1 --dns-host 192.0.2.1 -D none").addresses();
        assertNull(choices.v4().dnsForward());
        assertNull(choices.v4().dnsHost());
        choices = settings("-D none --dns-forward 10.1.1.1 --dns-host 192.0.2.1").addresses();
        assertEquals(IpAddress.parse("10.1.1.1"), choices.v4().dnsForward());
        assertEquals(IpAddress.parse("192.0.2.1"), choices.v4().dnsHost());
    }

    @Test
    void prefersTheUsersSearchDomains() {
        assertEquals(List.of("x.example", "y"), texts(services(TELL + "-S x.example -S y.")
                .search()));
        assertEquals(List.of(), services(TELL + "-S x.example -S none").search());
        assertEquals(List.of("x"), texts(services(TELL + "-S none -S x").search()));
        assertEquals(List.of(), services(TELL + "-S .").search());
        assertEquals("too many search domains: at most 6, without 7",
                refusal("-S 1 -S 2 -S 3 -S 4 -S 5 -S 6 -S 7"));
        assertTrue(refusal("-S a..b").startsWith("invalid search domain: a..b ("));
    }

    @Test
    void readsNoFileThatCannotMatter() {
        assertTrue(ServicePlan.needsFile(settings("")));
        assertTrue(ServicePlan.needsFile(settings("-D none")));
        assertTrue(ServicePlan.needsFile(settings("-D 192.0.2.1 -S none")));
        assertFalse(ServicePlan.needsFile(settings("-D none -S none")));
        assertFalse(ServicePlan.needsFile(settings("-D none -S x")));
        assertFalse(ServicePlan.needsFile(settings("-4 -D 192.0.2.1 -S none")));
        assertFalse(ServicePlan.needsFile(settings("-D 192.0.2.1 -D ::2 -S none")));
    }

    @Test
    void warnsOfResolversThatAreNotThere() {
        plan(TELL, "", "10.99.0.2", "fd99::1");
        assertEquals(List.of("couldn't get any nameserver address from the host",
                "no IPv4 nameserver to tell by DHCP: give one with -D",
                "no IPv6 nameserver to tell by NDP or DHCPv6: give one with -D"), messages);
        assertEquals(Collections.nCopies(3, Level.WARNING), levels);
        messages.clear();
        levels.clear();
        log.level(Level.DEBUG);
        plan(TELL, "nameserver 127.0.0.1", "10.99.0.2", "fd99::1");
        plan(TELL, "nameserver ::1", "10.99.0.2", "fd99::1");
        assertEquals(List.of("no IPv6 nameserver to tell by NDP or DHCPv6: give one with -D",
                "no IPv4 nameserver to tell by DHCP: give one with -D"), messages);
        assertEquals(Collections.nCopies(2, Level.DEBUG), levels);
        messages.clear();
        plan(TELL + "-D none", "", "10.99.0.2", "fd99::1");
        plan(TELL + "--no-dhcp --no-dhcpv6 --no-ra", "nameserver 127.0.0.1", "10.99.0.2",
                "fd99::1");
        plan("-D 192.0.2.1 -D ::2", "", "10.99.0.2", "fd99::1");
        assertEquals(List.of(), messages);
    }

    @Test
    void servesAllUnlessToldOtherwise() {
        var all = services("-m 1400 -H guest --fqdn guest.example.");
        assertTrue(all.dhcp() && all.ndp() && all.routerAdvertisements() && all.dhcpv6());
        assertEquals(1400, all.mtu());
        assertEquals("guest", all.hostName());
        assertEquals(DomainName.tryParse("guest.example"), all.fullName());
        assertFalse(services("--no-dhcp").dhcp());
        assertFalse(services("--no-ra").routerAdvertisements());
        assertTrue(services("--no-ra").ndp());
        assertFalse(services("--no-dhcpv6").dhcpv6());
        for (var off : new String[] {"--no-ndp", "--no-icmp"}) {
            assertFalse(services(off).ndp());
            assertFalse(services(off).routerAdvertisements());
            assertTrue(services(off).dhcpv6());
        }
        assertEquals(0, services("-m 0").mtu());
    }

    @Test
    void advertisesNoRouterWhereTheInterfaceIsConfigured() {
        assertFalse(services("--config-net").routerAdvertisements());
        assertTrue(services("--config-net").ndp());
        assertTrue(services("--config-net").dhcp());
    }

    @Test
    void servesOnlyWhatThereAreAddressesFor() {
        var services = plan("", FILE, "0.0.0.0", "::").services();
        assertFalse(services.dhcp());
        assertFalse(services.dhcpv6());
        assertTrue(services.routerAdvertisements());
        var none = NetworkPlan.of(settings(""), new HostNetwork(FamilyNetwork.disabled(true),
                FamilyNetwork.disabled(false)), ResolverFile.EMPTY, log).services();
        assertFalse(none.dhcp() || none.ndp() || none.routerAdvertisements() || none.dhcpv6());
    }

    @Test
    void showsWhatIsTold() {
        Banner.show(plan(TELL, FILE, "10.99.0.2", "fd99::1"), log);
        assertEquals(List.of("    NAT to host 127.0.0.1: 10.99.0.2", "DHCP:",
                "    assign: 10.99.0.1", "    mask: 255.255.255.0", "    router: 10.99.0.2",
                "DNS:", "    10.99.0.2", "    192.0.2.9", "DNS search list:", "    a.example",
                "    b.example", "    NAT to host ::1: fd99::2", "NDP/DHCPv6:",
                "    assign: fd99::1", "    router: fd99::2", "    our link-local: fe80::9",
                "DNS:", "    2001:db8::9", "DNS search list:", "    a.example",
                "    b.example"), messages.subList(messages.indexOf("MAC:") + 2,
                messages.size()));
    }

    @Test
    void showsTheServicesThatThereAre() {
        assertTrue(shown("").contains("NDP/DHCPv6:"));
        assertTrue(shown("--no-ra").contains("DHCPv6:"));
        assertTrue(shown("--no-dhcpv6").contains("NDP:"));
        assertEquals(List.of("    NAT to host 127.0.0.1: 10.99.0.2",
                "    NAT to host ::1: fd99::2"),
                shown("--no-dhcp --no-dhcpv6 --no-ra").subList(4, 6));
        assertEquals(6, shown("--no-dhcp --no-dhcpv6 --no-ra").size());
    }

    private List<String> shown(String options) {
        messages.clear();
        Banner.show(plan(options, FILE, "10.99.0.2", "fd99::1"), log);
        return List.copyOf(messages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-D x", "-D 0.0.0.0", "-D 224.0.0.1", "-D ::ffff:192.0.2.1",
        "--fqdn a..b", "--fqdn .", "-H a\u00e4", "--no-dhcp-dns", "--no-dhcp-search"})
    void refusesWhatCannotBe(String options) {
        assertFalse(refusal(options).isEmpty());
    }

    @Test
    void limitsTheLengthOfNames() {
        assertEquals(253, settings("-H " + "h".repeat(253)).services().hostName().length());
        assertTrue(refusal("-H " + "h".repeat(254)).startsWith("invalid host name: hhh"));
        var three = ("a".repeat(63) + ".").repeat(3);
        assertEquals(255, settings("--fqdn " + three + "b".repeat(61)).services().fullName()
                .length());
        assertTrue(refusal("--fqdn " + three + "b".repeat(62)).startsWith("invalid full name"));
    }
}
