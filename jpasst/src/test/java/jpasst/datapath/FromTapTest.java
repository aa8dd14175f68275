// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.forward.SideSockets;
import jpasst.loop.TimingWheel;
import jpasst.metrics.Counter;
import jpasst.ping.PingFlows;
import jpasst.responder.ArpResponder;
import jpasst.responder.ServiceSettings;
import jpasst.responder.Services;
import jpasst.tcp.TcpFlows;
import jpasst.tcp.TcpSettings;
import jpasst.testing.FlowHarness;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import jpasst.udp.UdpFlows;
import jpasst.udp.UdpSettings;
import jpasst.udp.UdpTimeouts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What gets in, what is dropped and counted, and what is learned on the way. */
class FromTapTest {
    private static final String GUEST4 = FlowHarness.GUEST4;
    private static final String GUEST6 = FlowHarness.GUEST6;

    private static final ServiceSettings NEIGHBORS_ONLY = new ServiceSettings(false, true, false,
            false, 0, null, null, List.of(), List.of(), List.of());

    private final FlowHarness harness = new FlowHarness(100);
    private final GuestFrame guest = new GuestFrame();
    private final TcpFlows tcp = new TcpFlows(harness.arena, TcpSettings.defaults(1500),
            harness.table, harness.addresses, harness.tap, harness.loop,
            new TimingWheel(16, harness.nowNs()), harness.counters, harness.log);
    private final UdpFlows udp = new UdpFlows(new UdpSettings(UdpTimeouts.DEFAULT, false),
            harness.table, harness.loop, harness.addresses, harness.forwarding,
            new SideSockets(harness.addresses, harness.arena), harness.tap, harness.counters,
            harness.log, harness.arena);
    private final PingFlows ping = new PingFlows(harness.table, harness.loop, harness.addresses,
            harness.tap, harness.counters, harness.log, harness.arena);
    private final ArpResponder arp = new ArpResponder(harness.addresses, harness.tap,
            harness.counters, harness.arena);
    private final Services services = new Services(harness.addresses, NEIGHBORS_ONLY,
            harness.tap, harness.counters, harness.log, harness.arena);
    private FromTap fromTap = fromTap(tcp, udp, ping, services);

    FromTapTest() {
        harness.register(FlowType.TCP, tcp);
        harness.register(FlowType.UDP, udp);
        harness.register(FlowType.PING4, ping);
    }

    @AfterEach
    void close() {
        harness.close();
    }

    private FromTap fromTap(TcpFlows tcp, UdpFlows udp, PingFlows ping,
            Services services) {
        return new FromTap(arp, new Protocols(tcp, udp, ping, services, harness.counters),
                harness.table, harness.addresses, harness.counters, harness.log);
    }

    private void send(byte[] bytes) {
        fromTap.frame(guest.load(bytes).frame(), harness.nowNs());
        fromTap.endBatch(harness.nowNs());
    }

    /** Sends, and expects that nothing comes of it but this count. */
    private void dropped(Counter reason, byte[] bytes) {
        long before = harness.count(reason);
        send(bytes);
        assertEquals(before + 1, harness.count(reason), reason.name());
        harness.tap.assertSilent();
        assertEquals(0, harness.table.activeCount());
    }

    private static FrameBuilder datagram(String from, String to) {
        return frame().ip(from, to).udp(4000, 5000).payload("hello");
    }

    @Test
    void dropsFramesThatNoSaneGuestSends() {
        dropped(Counter.DROP_MALFORMED_ETHERNET, new byte[13]);
        dropped(Counter.DROP_UNKNOWN_ETHERTYPE, frame().etherType(0x88cc).bytes());
        dropped(Counter.DROP_BAD_MAC,
                datagram(GUEST4, "192.0.2.1").ethernet(OUR_MAC, OUR_MAC).bytes());
        dropped(Counter.DROP_BAD_MAC,
                datagram(GUEST4, "192.0.2.1").ethernet(0x0100_5e00_0001L, OUR_MAC).bytes());
        dropped(Counter.DROP_FRAGMENT,
                datagram(GUEST4, "192.0.2.1").fragment(0x2000, 7).bytes());
        dropped(Counter.DROP_LOOPBACK_ADDRESS, datagram("127.0.0.1", "192.0.2.1").bytes());
        dropped(Counter.DROP_LOOPBACK_ADDRESS, datagram(GUEST4, "127.0.0.1").bytes());
        dropped(Counter.DROP_LOOPBACK_ADDRESS, datagram(GUEST6, "::1").bytes());
        dropped(Counter.DROP_BAD_ADDRESS, datagram("0.0.0.0", "192.0.2.1").bytes());
        dropped(Counter.DROP_BAD_ADDRESS, datagram("224.0.0.1", "192.0.2.1").bytes());
        dropped(Counter.DROP_UNSUPPORTED_PROTOCOL,
                frame().ip(GUEST4, "192.0.2.1").protocol(132).payload("sctp").bytes());
    }

    @Test
    void dropsTruncatedPacketsOfBothFamilies() {
        for (String[] ends : new String[][] {{GUEST4, "192.0.2.1"}, {GUEST6, "2001:db8::1"}}) {
            byte[] whole = datagram(ends[0], ends[1]).bytes();
            for (int length = 14; length < whole.length; length++) {
                send(java.util.Arrays.copyOf(whole, length));
            }
        }
        assertEquals(0, harness.table.activeCount());
        assertEquals(0, harness.count(Counter.DROP_INTERNAL_ERROR));
        assertTrue(harness.count(Counter.DROP_MALFORMED_IPV4) > 0);
        assertTrue(harness.count(Counter.DROP_MALFORMED_IPV6) > 0);
    }

    @Test
    void dropsTheFamilyThatIsSwitchedOff() {
        harness.addresses.v6().templateIndex(0);
        dropped(Counter.DROP_DISABLED_FAMILY, datagram(GUEST6, "2001:db8::1").bytes());
        harness.addresses.v4().templateIndex(0);
        dropped(Counter.DROP_DISABLED_FAMILY, frame()
                .arp(1, GUEST_MAC, GUEST4, 0, FlowHarness.GATEWAY4).bytes());
    }

    @Test
    void dropsProtocolsThatAreSwitchedOff() {
        fromTap = fromTap(null, null, null, services);
        dropped(Counter.DROP_UNSUPPORTED_PROTOCOL, datagram(GUEST4, "192.0.2.1").bytes());
        dropped(Counter.DROP_UNSUPPORTED_PROTOCOL, frame().ip(GUEST4, "192.0.2.1")
                .tcp(4000, 80, 1, 0, FrameBuilder.SYN, 1000).bytes());
        dropped(Counter.DROP_UNSUPPORTED_PROTOCOL,
                frame().ip(GUEST4, "192.0.2.1").echoRequest(1, 1).bytes());
    }

    @Test
    void keepsRequestsForAddressesOnTheLink() {
        dropped(Counter.DROP_SERVICE_IGNORED,
                frame().ip(GUEST4, "255.255.255.255").udp(68, 67).payload("dhcp").bytes());
        dropped(Counter.DROP_SERVICE_IGNORED,
                frame().ip("fe80::5", "ff02::1:2").udp(546, 547).payload("dhcpv6").bytes());
    }

    /** Long before it speaks to anybody beyond the link, a guest asks for its neighbours. */
    @Test
    void learnsTheAddressesOfWhoAsksForServices() {
        send(frame().neighborSolicitation("fd00::77", "ff02::1:ff00:1", "fe80::1").bytes());
        assertEquals("fd00::77", harness.addresses.v6().seen().toString());
        send(frame().neighborSolicitation("::", "ff02::1:ff00:1", "fd00::78").bytes());
        assertEquals("fd00::77", harness.addresses.v6().seen().toString());
        send(frame().ip("10.0.0.78", FlowHarness.GATEWAY4).udp(68, 67).payload("dhcp").bytes());
        assertEquals("10.0.0.78", harness.addresses.v4().seen().toString());
    }

    @Test
    void answersArpAndLearnsTheGuestsMac() {
        long mac = 0x52_54_00_00_00_01L;
        send(frame().ethernet(mac, 0xffff_ffff_ffffL)
                .arp(1, mac, GUEST4, 0, FlowHarness.GATEWAY4).bytes());
        assertEquals(1, harness.tap.waiting());
        assertEquals(mac, harness.addresses.guestMac());
    }

    @Test
    void learnsTheAddressesTheGuestUses() {
        send(frame().ip("10.0.0.77", FlowHarness.HOST4).udp(4000, 5000).payload("x").bytes());
        assertEquals("10.0.0.77", harness.addresses.v4().seen().toString());
        assertEquals(1, harness.table.activeCount());
    }

    @Test
    void aFailureCostsOneFrameAndLeavesNoFlowUnderConstruction() {
        byte[] syn = frame().ip(GUEST4, FlowHarness.HOST4)
                .tcp(4000, 80, 1, 0, FrameBuilder.SYN, 1000).bytes();
        harness.table.allocate().initiate(Pif.TAP, 0, 1, 1, 0, 2, 2);
        send(syn);
        assertEquals(1, harness.count(Counter.DROP_INTERNAL_ERROR));
        assertTrue(harness.hasLogged("internal error handling a frame"));
        send(syn);
        assertEquals(1, harness.count(Counter.DROP_INTERNAL_ERROR));
        assertEquals(1, harness.table.activeCount());
    }
}
