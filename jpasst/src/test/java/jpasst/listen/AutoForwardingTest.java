// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static jpasst.listen.ListenHarness.TCP;
import static jpasst.listen.ListenHarness.UDP;
import static jpasst.listen.ListenHarness.connects;
import static jpasst.listen.ListenHarness.rule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

import jpasst.forward.RuleTable;
import jpasst.forward.Rules;
import jpasst.metrics.Counter;
import jpasst.testing.Allocation;
import jpasst.testing.InSandbox;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Automatic rules between two real namespaces. */
@SuppressWarnings("try") // Resources that only have to be there.
@ExtendWith(InSandbox.class)
class AutoForwardingTest {
    private static final int PORT = 8000;

    private static Rules automatic(String address) {
        return new Rules(
                new RuleTable(List.of(rule(TCP, address, null, 1, 32767, true, true),
                        rule(UDP, address, null, 1, 32767, true, true))),
                new RuleTable(List.of(rule(TCP, null, "lo", 1, 32767, true, true),
                        rule(UDP, null, "lo", 1, 32767, true, true))));
    }

    private static ListenHarness started(InnerNamespace inner, Rules rules) {
        var h = new ListenHarness(false, inner, inner.scan);
        h.forwarding.start(rules, h.nowNs);
        return h;
    }

    @Test
    void followsServersInTheNamespace() throws Exception {
        try (var inner = new InnerNamespace(); var early = inner.tcpServer(PORT, "0.0.0.0");
                var h = started(inner, automatic(null))) {
            assertTrue(connects("127.0.0.1", PORT), "at the start");
            try (var late = inner.tcpServer(PORT + 1, "::1")) {
                h.advance(0.9);
                assertFalse(connects("127.0.0.1", PORT + 1), "not due");
                h.advance(0.1);
                assertTrue(connects("127.0.0.1", PORT + 1));
                assertTrue(connects("::1", PORT + 1));
                assertFalse(inner.connects("127.0.0.1", PORT + 1), "our own came back");
            }
            h.advance(1);
            assertFalse(connects("127.0.0.1", PORT + 1));
            assertTrue(connects("127.0.0.1", PORT));
            assertEquals(List.of(), h.logged);
        }
    }

    @Test
    void followsServersOnTheHost() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, automatic(null))) {
            try (var server = new ServerSocket(PORT)) {
                h.advance(1);
                assertTrue(inner.connects("127.0.0.1", PORT));
                assertTrue(inner.connects("::1", PORT));
                h.advance(1);
                h.advance(1);
                assertTrue(inner.connects("127.0.0.5", PORT));
            }
            h.advance(1);
            assertFalse(inner.connects("127.0.0.1", PORT));
            h.advance(1);
            assertEquals(h.count(Counter.LISTENERS_OPENED), h.count(Counter.LISTENERS_CLOSED));
        }
    }

    @Test
    void datagramsFollowBothProtocols() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, automatic(null))) {
            try (var tcp = inner.tcpServer(PORT, "127.0.0.1");
                    var udp = inner.udpServer(PORT + 1, "::1")) {
                h.advance(1);
                assertTrue(udpIsBound(PORT));
                assertTrue(udpIsBound(PORT + 1));
                assertFalse(connects("127.0.0.1", PORT + 1));
            }
            h.advance(1);
            assertFalse(udpIsBound(PORT));
            assertFalse(udpIsBound(PORT + 1));
        }
    }

    @Test
    void datagramPortThatOthersWouldShareIsLeftToThem() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, automatic(null));
                var inside = inner.udpServer(PORT, "0.0.0.0")) {
            try (var server = new DatagramSocket(null)) {
                server.setReuseAddress(true);
                server.bind(new InetSocketAddress(PORT));
                h.advance(1);
                h.advance(1);
                assertEquals(0, h.count(Counter.LISTENERS_OPENED));
            }
            h.advance(1);
            assertTrue(udpIsBound(PORT));
        }
    }

    private static boolean udpIsBound(int port) throws Exception {
        try (var probe = new DatagramSocket(port, InetAddress.getByName("127.0.0.1"))) {
            return false;
        } catch (BindException taken) {
            return true;
        }
    }

    @Test
    void portOnBothSidesIsLeftAloneUntilOneSideIsFree() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, automatic(null));
                var inside = inner.tcpServer(PORT, "0.0.0.0")) {
            try (var server = new ServerSocket(PORT)) {
                for (int i = 0; i < 4; i++) h.advance(1);
                assertEquals(0, tcpOpened(h));
                assertEquals(List.of(), h.logged);
            }
            h.advance(1);
            assertTrue(connects("127.0.0.1", PORT));
        }
    }

    private static long tcpOpened(ListenHarness h) {
        // UDP follows TCP's port on both sides and gets it on the one that is looked at first.
        return h.count(Counter.LISTENERS_OPENED) - 1;
    }

    @Test
    void portOnBothSidesGoesOneWayAndDoesNotSwing() throws Exception {
        try (var inner = new InnerNamespace(); var server = new ServerSocket(PORT, 5,
                InetAddress.getByName("127.0.0.1"));
                var inside = inner.tcpServer(PORT, "127.0.0.1");
                var h = started(inner, new Rules(
                        new RuleTable(List.of(rule(TCP, "127.0.0.2", null, 1, 32767, true, true))),
                        new RuleTable(List.of(rule(TCP, "127.0.0.2", null, 1, 32767, true,
                                true)))))) {
            for (int i = 0; i < 4; i++) {
                assertTrue(connects("127.0.0.2", PORT), "round " + i);
                assertFalse(inner.connects("127.0.0.2", PORT), "round " + i);
                h.advance(1);
            }
        }
    }

    @Test
    void firstWayStaysWhenThePortAppearsOnTheOtherSideToo() throws Exception {
        var rules = automatic(null);
        var datagramsOnly = new Rules(new RuleTable(List.of(rules.host().rule(1))),
                new RuleTable(List.of(rules.splice().rule(1))));
        try (var inner = new InnerNamespace(); var server = new ServerSocket(PORT);
                var h = started(inner, datagramsOnly);
                var inside = inner.tcpServer(PORT, "0.0.0.0")) {
            for (int i = 0; i < 3; i++) h.advance(1);
            assertFalse(udpIsBound(PORT));
            assertEquals(1, h.count(Counter.LISTENERS_OPENED));
            assertEquals(0, h.count(Counter.LISTENERS_CLOSED));
        }
    }

    @Test
    void targetPortDecides() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, new Rules(
                new RuleTable(List.of(new jpasst.forward.ForwardRule(TCP, null, null, 9000, 9009,
                        8000, null, false, true))), RuleTable.EMPTY));
                var server = inner.tcpServer(8003, "0.0.0.0");
                var other = inner.tcpServer(9001, "0.0.0.0")) {
            h.advance(1);
            assertTrue(connects("127.0.0.1", 9003));
            assertFalse(connects("127.0.0.1", 8003));
            assertFalse(connects("127.0.0.1", 9001));
        }
    }

    @Test
    void strongAutomaticPortInUseIsToldOnce() throws Exception {
        try (var inner = new InnerNamespace(); var server = new ServerSocket(PORT);
                var h = started(inner, new Rules(
                        new RuleTable(List.of(rule(TCP, null, null, PORT, PORT, false, true))),
                        RuleTable.EMPTY));
                var inside = inner.tcpServer(PORT, "0.0.0.0")) {
            for (int i = 0; i < 3; i++) h.advance(1);
            assertEquals(List.of("WARNING: HOST: cannot listen on TCP [*]:8000: Address already"
                    + " in use"), h.logged);
        }
    }

    @Test
    void rulesThatDoNotScanReadNothing() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, new Rules(
                new RuleTable(List.of(rule(TCP, null, null, PORT, PORT, false, false))),
                RuleTable.EMPTY))) {
            assertEquals(Long.MAX_VALUE, h.advance(1));
            assertEquals(0, h.count(Counter.PORT_SCANS));
        }
    }

    @Test
    void explicitPortsDoNotComeBack() throws Exception {
        try (var inner = new InnerNamespace(); var h = started(inner, new Rules(
                new RuleTable(List.of(rule(TCP, null, null, PORT, PORT, false, false))),
                automatic(null).splice()))) {
            h.advance(1);
            assertFalse(inner.connects("127.0.0.1", PORT));
        }
    }

    @Test
    @Tag("allocation")
    void lookingAllocatesNothing() throws Exception {
        try (var inner = new InnerNamespace(); var server = new ServerSocket(PORT);
                var inside = inner.udpServer(PORT + 1, "::");
                var h = started(inner, automatic(null))) {
            h.advance(1);
            Allocation.assertNone(50, () -> h.advance(1));
            assertTrue(h.count(Counter.PORT_SCANS) > 50);
        }
    }
}
