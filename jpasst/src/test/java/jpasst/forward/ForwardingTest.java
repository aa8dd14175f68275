// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import jpasst.metrics.Counters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The host is 10.99.0.1 and fd99::1, its gateway 10.99.0.2 and fe80::2; so is the guest's. */
class ForwardingTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int PING = 1;
    private static final int PING6 = 58;

    private final RecordingDestination logged = new RecordingDestination();
    private final Log log = new Log(logged);
    private final Addresses addresses = new Addresses(log);
    private final FamilyAddresses v4 = addresses.v4();
    private final FamilyAddresses v6 = addresses.v6();
    private final Forwarding forwarding = new Forwarding(addresses, log);
    private final FlowSide target = new FlowSide();

    private static IpAddress ip(String text) {
        return IpAddress.parse(text);
    }

    @BeforeEach
    void takeTheDefaults() {
        v4.templateIndex(2).address(ip("10.99.0.1")).guestGateway(ip("10.99.0.2"))
            .ourTapAddress(ip("10.99.0.2")).mapHostLoopback(ip("10.99.0.2"));
        v6.templateIndex(2).address(ip("fd99::1")).guestGateway(ip("fe80::2"))
            .ourTapAddress(ip("fe80::2")).mapHostLoopback(ip("fe80::2"));
    }

    private static FlowSide side(String from, int fromPort, String to, int toPort) {
        IpAddress endpoint = ip(from);
        IpAddress our = ip(to);
        return new FlowSide().set(endpoint.high(), endpoint.low(), fromPort,
            our.high(), our.low(), toPort);
    }

    /** What the guest reaches, as "our address, our port, endpoint, endpoint port". */
    private String fromGuest(int protocol, String to, int port) {
        String from = ip(to).isV4() ? "10.99.0.1" : "fd99::1";
        Pif pif = forwarding.choose(Pif.TAP, side(from, 40000, to, port), protocol,
            TargetChooser.NO_RULE_HINT, target);
        assertEquals(Pif.HOST, pif);
        return Ip.text(target.ourHigh(), target.ourLow()) + " " + target.ourPort() + " "
            + Ip.text(target.endpointHigh(), target.endpointLow()) + " " + target.endpointPort();
    }

    @Test
    void passesOrdinaryDestinationsUnchanged() {
        assertEquals("0.0.0.0 0 192.0.2.9 80", fromGuest(TCP, "192.0.2.9", 80));
        assertEquals(":: 0 2001:db8::9 80", fromGuest(TCP, "2001:db8::9", 80));
        assertEquals("0.0.0.0 40000 224.0.0.251 5353", fromGuest(UDP, "224.0.0.251", 5353));
    }

    @Test
    void keepsTheSourcePortOfUdpOnly() {
        assertEquals("0.0.0.0 0 192.0.2.9 80", fromGuest(TCP, "192.0.2.9", 80));
        assertEquals("0.0.0.0 40000 192.0.2.9 80", fromGuest(UDP, "192.0.2.9", 80));
        assertEquals("0.0.0.0 0 192.0.2.9 77", fromGuest(PING, "192.0.2.9", 77));
        assertEquals(":: 0 2001:db8::9 77", fromGuest(PING6, "2001:db8::9", 77));
    }

    @Test
    void reachesTheHostsLoopbackThroughTheGateway() {
        assertEquals("0.0.0.0 0 127.0.0.1 80", fromGuest(TCP, "10.99.0.2", 80));
        assertEquals("0.0.0.0 40000 127.0.0.1 53", fromGuest(UDP, "10.99.0.2", 53));
        assertEquals("0.0.0.0 0 127.0.0.1 7", fromGuest(PING, "10.99.0.2", 7));
        assertEquals(":: 0 ::1 80", fromGuest(TCP, "fe80::2", 80));
    }

    @Test
    void reachesTheRealGatewayWithoutMapping() {
        v4.mapHostLoopback(null);
        v6.mapHostLoopback(null);
        assertEquals("0.0.0.0 0 10.99.0.2 80", fromGuest(TCP, "10.99.0.2", 80));
        assertEquals(":: 0 fe80::2 80", fromGuest(TCP, "fe80::2", 80));
    }

    @Test
    void reachesTheHostsLoopbackThroughAnotherAddress() {
        v4.mapHostLoopback(ip("192.0.2.77"));
        assertEquals("0.0.0.0 0 127.0.0.1 80", fromGuest(TCP, "192.0.2.77", 80));
        assertEquals("0.0.0.0 0 10.99.0.2 80", fromGuest(TCP, "10.99.0.2", 80));
        assertEquals(":: 0 ::1 80", fromGuest(TCP, "fe80::2", 80));
    }

    @Test
    void reachesTheHostsOwnAddressThroughTheGuestMapping() {
        v4.mapGuestAddress(ip("192.0.2.78"));
        v6.mapGuestAddress(ip("2001:db8::78"));
        assertEquals("0.0.0.0 0 10.99.0.1 80", fromGuest(TCP, "192.0.2.78", 80));
        assertEquals(":: 0 fd99::1 80", fromGuest(TCP, "2001:db8::78", 80));
    }

    @Test
    void forwardsDnsOnItsPortsOnly() {
        v4.dnsMatch(ip("192.0.2.53")).dnsHost(ip("198.51.100.53"));
        v6.dnsMatch(ip("2001:db8::53")).dnsHost(ip("fd99::53"));
        assertEquals("0.0.0.0 40000 198.51.100.53 53", fromGuest(UDP, "192.0.2.53", 53));
        assertEquals("0.0.0.0 0 198.51.100.53 53", fromGuest(TCP, "192.0.2.53", 53));
        assertEquals("0.0.0.0 40000 198.51.100.53 853", fromGuest(UDP, "192.0.2.53", 853));
        assertEquals("0.0.0.0 0 198.51.100.53 853", fromGuest(TCP, "192.0.2.53", 853));
        assertEquals(":: 40000 fd99::53 53", fromGuest(UDP, "2001:db8::53", 53));
        assertEquals("0.0.0.0 0 192.0.2.53 80", fromGuest(TCP, "192.0.2.53", 80));
        assertEquals("0.0.0.0 0 192.0.2.53 53", fromGuest(PING, "192.0.2.53", 53));
    }

    @Test
    void prefersDnsToTheLoopbackMappingOfTheSameAddress() {
        v4.dnsMatch(ip("10.99.0.2")).dnsHost(ip("127.0.0.53"));
        assertEquals("0.0.0.0 40000 127.0.0.53 53", fromGuest(UDP, "10.99.0.2", 53));
        assertEquals("0.0.0.0 40000 127.0.0.1 123", fromGuest(UDP, "10.99.0.2", 123));
    }

    @Test
    void usesTheOutboundAddressOfTheFamily() {
        v4.outboundAddress(ip("10.99.0.3"));
        assertEquals("10.99.0.3 0 192.0.2.9 80", fromGuest(TCP, "192.0.2.9", 80));
        assertEquals("10.99.0.3 40000 192.0.2.9 80", fromGuest(UDP, "192.0.2.9", 80));
        assertEquals(":: 0 2001:db8::9 80", fromGuest(TCP, "2001:db8::9", 80));
    }

    @Test
    void refusesWhatSocketsInitiateWithoutARule() {
        log.level(Level.DEBUG);
        for (Pif pif : new Pif[] {Pif.HOST, Pif.SPLICE}) {
            assertEquals(Pif.NONE, forwarding.choose(pif,
                side("127.0.0.1", 1, "127.0.0.1", 2), TCP, 0, target));
            assertEquals("no rules to forward from " + pif + " [127.0.0.1]:1 -> [127.0.0.1]:2",
                logged.lines().getLast());
        }
    }

    private String inbound(String peer) {
        IpAddress seen = forwarding.translateInbound(ip(peer).high(), ip(peer).low());
        return seen == null ? null : seen.toString();
    }

    @Test
    void showsPeersOfTheHostToTheGuestAsThemselves() {
        assertEquals("192.0.2.1", inbound("192.0.2.1"));
        assertEquals("2001:db8::1", inbound("2001:db8::1"));
        assertEquals("fe80::77", inbound("fe80::77"));
    }

    @Test
    void showsLoopbackAsItsMapping() {
        v4.mapHostLoopback(ip("192.0.2.77"));
        assertEquals("192.0.2.77", inbound("127.0.0.1"));
        assertEquals("fe80::2", inbound("::1"));
    }

    @Test
    void showsWhatTheGuestCannotReachAsOurTapAddress() {
        assertEquals("10.99.0.2", inbound("127.0.0.5"));
        assertEquals("10.99.0.2", inbound("0.0.0.0"));
        assertEquals("10.99.0.2", inbound("10.99.0.1"));
        assertEquals("fe80::2", inbound("fd99::1"));
        assertEquals("fe80::2", inbound("::"));
        addresses.learnV4(ip("10.99.0.44").v4());
        assertEquals("10.99.0.2", inbound("10.99.0.44"));
        v4.mapHostLoopback(null);
        assertEquals("10.99.0.2", inbound("127.0.0.1"));
    }

    @Test
    void showsTheHostsOwnAddressAsTheGuestMapping() {
        v4.mapGuestAddress(ip("192.0.2.78"));
        assertEquals("192.0.2.78", inbound("10.99.0.1"));
        assertEquals("fe80::2", inbound("fd99::1"));
    }

    @Test
    void hasNothingToShowWithoutAnAddressOfOurOwn() {
        v4.ourTapAddress(null).mapHostLoopback(null);
        assertNull(inbound("127.0.0.1"));
    }

    @Test
    void showsTheOffendingEndpointUnderTheNameTheGuestUses() {
        v4.dnsMatch(ip("192.0.2.53")).dnsHost(ip("198.51.100.53"));
        var table = new FlowTable(1, 1, 2, forwarding, log, new Counters());
        table.handler(FlowType.UDP, new FlowHandler() {
            @Override
            public boolean deferred(Flow flow, long nowNs) {
                return true;
            }

            @Override
            public boolean timer(Flow flow, long nowNs) {
                return true;
            }
        });
        Flow flow = table.allocate().initiate(Pif.TAP, side("10.99.0.1", 40000, "192.0.2.53", 53))
            .target(UDP, TargetChooser.NO_RULE_HINT).type(FlowType.UDP, "body").activate();
        IpAddress endpoint = ip("198.51.100.53");
        assertEquals(ip("192.0.2.53"),
            forwarding.offenderForGuest(flow, endpoint.high(), endpoint.low()));
        IpAddress router = ip("203.0.113.1");
        assertEquals(router, forwarding.offenderForGuest(flow, router.high(), router.low()));
        IpAddress loopback = ip("127.0.0.1");
        assertEquals(ip("10.99.0.2"),
            forwarding.offenderForGuest(flow, loopback.high(), loopback.low()));
    }
}
