// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static jpasst.listen.ListenHarness.TCP;
import static jpasst.listen.ListenHarness.UDP;
import static jpasst.listen.ListenHarness.connects;
import static jpasst.listen.ListenHarness.rule;
import static jpasst.listen.ListenHarness.tcp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.linux.Capabilities;
import jpasst.linux.Interface;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.loop.EventType;
import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;
import jpasst.testing.NetworkSandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Real sockets, in a network namespace of the test's own. */
@SuppressWarnings("try") // Resources that only have to be there.
@ExtendWith(InSandbox.class)
class PortForwardingTest {
    private static final int PORT = 8080;

    @Test
    void oneSocketListensForBothFamilies() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp(null, PORT));
            assertTrue(connects("127.0.0.1", PORT));
            assertTrue(connects("::1", PORT));
            assertEquals(1, h.count(Counter.LISTENERS_OPENED));
        }
    }

    @Test
    void anyAddressOfOneFamilyIsOfThatFamilyOnly() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp("::", PORT), tcp("0.0.0.0", PORT + 1));
            assertTrue(connects("::1", PORT));
            assertFalse(connects("127.0.0.1", PORT));
            assertFalse(connects("::1", PORT + 1));
            assertTrue(connects("127.0.0.1", PORT + 1));
        }
    }

    @Test
    void tellsPortPifAndRuleWithEvents() throws Exception {
        try (var h = new ListenHarness();
                var client = new DatagramSocket()) {
            h.start(tcp(null, PORT), rule(UDP, "127.0.0.1", null, 500, 502, false, false));
            connects("127.0.0.1", PORT);
            var first = h.serve().get(0);
            assertEquals(EventType.TCP_LISTEN, first.type());
            assertEquals(ListenTag.of(PORT, Pif.HOST, 0), first.payload());
            client.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName("127.0.0.1"),
                    501));
            var second = h.serve().get(0);
            assertEquals(EventType.UDP_LISTEN, second.type());
            assertEquals(ListenTag.of(501, Pif.HOST, 1), second.payload());
        }
    }

    @Test
    void specificAddressIsNoOther() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp("127.0.0.1", PORT), tcp("127.0.0.3", PORT));
            assertTrue(connects("127.0.0.1", PORT));
            assertFalse(connects("127.0.0.2", PORT));
            assertTrue(connects("127.0.0.3", PORT));
        }
    }

    @Test
    void interfaceKeepsOthersOut() throws Exception {
        NetworkSandbox.command("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        try (var h = new ListenHarness()) {
            h.start(rule(TCP, null, "lo", PORT, PORT, false, false),
                    rule(TCP, null, "v0", 9090, 9090, false, false));
            assertTrue(connects("127.0.0.1", PORT));
            assertFalse(connects("127.0.0.1", 9090));
        } finally {
            NetworkSandbox.command("ip", "link", "del", "v0");
        }
    }

    @Test
    void unknownInterfaceFailsTheRule() {
        try (var h = new ListenHarness()) {
            var e = assertThrows(ListenException.class,
                    () -> h.start(rule(TCP, null, "nope", PORT, PORT, false, false)));
            assertEquals("HOST: cannot listen on TCP [*]%nope:8080: No such device (there is no"
                    + " interface nope)", e.getMessage());
        }
    }

    @Test
    void listensOnLinkLocalAddressOfTheTemplateInterface() throws Exception {
        NetworkSandbox.command("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        NetworkSandbox.command("ip", "link", "set", "v0", "up");
        NetworkSandbox.command("ip", "link", "set", "v1", "up");
        NetworkSandbox.addressV6("v0", "fe80::77", 64);
        try (var h = new ListenHarness()) {
            int index = Interface.index("v0");
            h.addresses.v6().templateIndex(index);
            h.start(tcp("fe80::77", PORT), rule(TCP, "fe80::77", "v0", 9090, 9090, false, false));
            assertTrue(connects("fe80::77%" + index, PORT));
            assertTrue(connects("fe80::77%" + index, 9090));
        } finally {
            NetworkSandbox.command("ip", "link", "del", "v0");
        }
    }

    @Test
    void foreignAddressTakesFreebind() throws Exception {
        for (String address : List.of("192.0.2.77", "2001:db8::77")) {
            try (var h = new ListenHarness()) {
                var e = assertThrows(ListenException.class, () -> h.start(tcp(address, PORT)));
                assertTrue(e.getMessage().startsWith("HOST: cannot listen on TCP [" + address
                        + "]:8080: Cannot assign requested address"), e.getMessage());
            }
            try (var h = new ListenHarness(true, null, null)) {
                h.start(tcp(address, PORT));
                assertEquals(1, h.count(Counter.LISTENERS_OPENED));
            }
        }
    }

    @Test
    void familySwitchedOffIsNoFamily() {
        try (var h = new ListenHarness()) {
            h.addresses.v6().templateIndex(0);
            assertUnsupported(h, "::1");
            h.start(tcp("127.0.0.1", PORT));
        }
    }

    private static void assertUnsupported(ListenHarness h, String address) {
        var e = assertThrows(ListenException.class, () -> h.start(tcp(address, PORT)));
        assertTrue(e.getMessage().endsWith("Address family not supported by protocol"),
                e.getMessage());
    }

    /** The namespace may lack a family, which is known only after the rules were made. */
    @Test
    void ruleForBothFamiliesListensForTheOneThatIsLeft() throws Exception {
        try (var h = new ListenHarness()) {
            h.addresses.v6().templateIndex(0);
            h.start(tcp(null, PORT), rule(UDP, null, null, PORT, PORT, false, false));
            assertTrue(connects("127.0.0.1", PORT));
            assertFalse(connects("::1", PORT));
        }
        try (var h = new ListenHarness()) {
            h.addresses.v4().templateIndex(0);
            h.start(tcp(null, PORT), rule(UDP, null, null, PORT, PORT, false, false));
            assertTrue(connects("::1", PORT));
            assertFalse(connects("127.0.0.1", PORT));
        }
        try (var h = new ListenHarness()) {
            h.addresses.v4().templateIndex(0);
            h.addresses.v6().templateIndex(0);
            assertUnsupported(h, null);
        }
    }

    private static int socket() {
        return Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
    }

    @Test
    void portInUseIsTriedAgainAlsoAfterAShortage() throws Exception {
        try (var h = new ListenHarness()) {
            try (var server = new ServerSocket(PORT)) {
                h.start(rule(TCP, null, null, PORT - 1, PORT + 1, true, false));
                var taken = new ArrayList<Integer>();
                try (var limit = new DescriptorLimit(8)) {
                    for (int fd = socket(); fd >= 0; fd = socket()) taken.add(fd);
                    h.advance(1);
                    h.advance(1);
                } finally {
                    taken.forEach(Files::close);
                }
            }
            h.advance(1);
            assertTrue(connects("127.0.0.1", PORT));
        }
    }

    @Test
    void datagramSocketsTellAddressesAndErrors() throws Exception {
        try (var h = new ListenHarness(); var client = new DatagramSocket()) {
            h.start(rule(UDP, null, null, 500, 500, false, false),
                    rule(UDP, "0.0.0.0", null, 501, 501, false, false));
            for (int port = 500; port <= 501; port++) {
                client.send(new DatagramPacket(new byte[1], 1,
                        InetAddress.getByName("127.0.0.1"), port));
                int fd = h.serve().get(0).fd();
                boolean v6 = port == 500;
                int level = v6 ? Sockets.IPPROTO_IPV6 : Sockets.IPPROTO_IP;
                assertEquals(1, Sockets.getInt(fd, level,
                        v6 ? Sockets.IPV6_RECVPKTINFO : Sockets.IP_PKTINFO));
                assertEquals(1, Sockets.getInt(fd, level,
                        v6 ? Sockets.IPV6_RECVERR : Sockets.IP_RECVERR));
                assertEquals(1, Sockets.getInt(fd, Sockets.IPPROTO_IP, Sockets.IP_RECVERR));
                assertEquals(1, Sockets.getInt(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR));
            }
        }
    }

    @Test
    void portInUseEndsTheStart() throws Exception {
        try (var server = new ServerSocket(PORT); var h = new ListenHarness()) {
            var e = assertThrows(ListenException.class,
                    () -> h.start(tcp(null, PORT - 1), tcp(null, PORT)));
            assertEquals("HOST: cannot listen on TCP [*]:8080: Address already in use",
                    e.getMessage());
            assertFalse(connects("127.0.0.1", PORT - 1), "left open");
            assertEquals(List.of(), h.logged);
        }
    }

    @Test
    void weakRulePassesOverPortInUseAndGetsItLaterWithoutAWord() throws Exception {
        try (var h = new ListenHarness()) {
            try (var server = new ServerSocket(PORT)) {
                h.start(rule(TCP, null, null, PORT - 1, PORT + 1, true, false));
                for (int i = 0; i < 5; i++) h.advance(1);
                assertEquals(2, h.count(Counter.LISTENERS_OPENED));
            }
            assertTrue(h.advance(1) == Long.MAX_VALUE, "all is well, nothing to come back for");
            assertTrue(connects("127.0.0.1", PORT));
            assertEquals(List.of(), h.logged);
        }
    }

    @Test
    void weakRuleWithoutAnyPortEndsTheStart() throws Exception {
        try (var one = new ServerSocket(PORT); var two = new ServerSocket(PORT + 1);
                var h = new ListenHarness()) {
            var e = assertThrows(ListenException.class,
                    () -> h.start(rule(TCP, null, null, PORT, PORT + 1, true, false)));
            assertEquals("HOST: cannot listen on TCP [*]:8080: Address already in use; nor on 1"
                    + " more of the ports 8080-8081", e.getMessage());
        }
    }

    @Test
    void privilegedPortSaysWhatToDo() throws Exception {
        try (var h = new ListenHarness()) {
            var e = withoutPrivilege(() -> assertThrows(ListenException.class,
                    () -> h.start(tcp(null, 80))));
            assertTrue(e.getMessage().contains("TCP [*]:80: Permission denied")
                    && e.getMessage().contains("net.ipv4.ip_unprivileged_port_start"),
                    e.getMessage());
            withoutPrivilege(() -> {
                h.start(rule(TCP, null, null, 1000, 1030, true, false));
                return null;
            });
            assertEquals(1030 - 1023, h.count(Counter.LISTENERS_OPENED));
            assertEquals(Long.MAX_VALUE, h.advance(1), "nobody becomes privileged by waiting");
        }
    }

    /** On a thread of its own in this namespace, whose privilege ends with it. */
    private static <T> T withoutPrivilege(java.util.concurrent.Callable<T> body)
            throws Exception {
        var task = new FutureTask<T>(() -> {
            assertEquals(0, new Capabilities(0, 0, 0).apply());
            return body.call();
        });
        var thread = new Thread(task);
        thread.start();
        thread.join();
        return task.get();
    }

    @Test
    void outOfDescriptorsIsToldOnceAndLeavesSome() throws Exception {
        try (var h = new ListenHarness()) {
            ListenException e;
            try (var limit = new DescriptorLimit(100)) {
                h.start(rule(TCP, null, null, 10000, 12000, true, false));
                for (int i = 0; i < 3; i++) h.advance(1);
                try (var connection = new Socket()) {
                    connection.connect(new InetSocketAddress("127.0.0.1", 10000));
                }
                e = assertThrows(ListenException.class, () -> {
                    try (var second = new ListenHarness()) {
                        second.start(rule(TCP, null, null, 20000, 22000, false, false));
                    }
                });
            }
            assertEquals(1, h.logged.size(), h.logged.toString());
            assertTrue(h.logged.get(0).startsWith("WARNING: ")
                    && h.logged.get(0).contains("Too many open files")
                    && h.logged.get(0).contains("ulimit -n"), h.logged.get(0));
            assertTrue(e.getMessage().contains("Too many open files")
                    && e.getMessage().contains("ulimit -n"), e.getMessage());
            assertFalse(connects("127.0.0.1", 20000), "left open");
        }
    }

    @Test
    void newRulesKeepWhatFitsWithItsConnections() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp(null, PORT), tcp(null, 9000));
            h.accepting = false;
            try (var client = new Socket("127.0.0.1", PORT)) {
                int fd = h.serve().get(0).fd();
                assertEquals(List.of(), h.replace(tcp("127.0.0.1", 9001),
                        new ForwardRule(TCP, null, null, PORT - 2, PORT + 2, 80, null, false,
                                false)));
                var event = h.serve().get(0);
                assertEquals(fd, event.fd());
                assertEquals(ListenTag.of(PORT, Pif.HOST, 1), event.payload());
            }
            assertFalse(connects("127.0.0.1", 9000));
            assertTrue(connects("127.0.0.1", 9001));
            assertTrue(connects("127.0.0.1", PORT + 2));
            assertEquals(2 + 1 + 4, h.count(Counter.LISTENERS_OPENED));
            assertEquals(1, h.count(Counter.LISTENERS_CLOSED));
        }
    }

    @Test
    void newRulesGetPortsOfOldOnesThatAreInTheirWay() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp(null, PORT));
            assertEquals(List.of(), h.replace(tcp("127.0.0.1", PORT)));
            assertTrue(connects("127.0.0.1", PORT));
            assertFalse(connects("127.0.0.2", PORT));
            assertEquals(List.of(), h.logged);
        }
    }

    @Test
    void newRulesReportWhatTheyLackAndGetItLater() throws Exception {
        try (var h = new ListenHarness()) {
            h.start(tcp(null, PORT));
            try (var server = new ServerSocket(PORT + 1)) {
                var failures = h.replace(tcp(null, PORT + 1), tcp(null, PORT));
                assertEquals(List.of("HOST: cannot listen on TCP [*]:8081: Address already in"
                        + " use"), failures);
                assertEquals(List.of("WARNING: " + failures.get(0)), h.logged);
                h.advance(1);
                h.advance(1);
                assertEquals(1, h.logged.size());
            }
            h.advance(1);
            assertTrue(connects("127.0.0.1", PORT + 1));
            assertTrue(connects("127.0.0.1", PORT));
        }
    }

    @Test
    void closedSocketsHaveNoEvents() throws Exception {
        try (var h = new ListenHarness(); var one = new Socket(); var two = new Socket()) {
            h.start(tcp(null, PORT), tcp(null, PORT + 1));
            h.accepting = false;
            h.loop.handler(EventType.TCP_LISTEN, (fd, payload, mask, now) -> {
                h.events.add(new ListenHarness.Event(EventType.TCP_LISTEN, fd, payload));
                h.replace();
            });
            one.connect(new InetSocketAddress("127.0.0.1", PORT));
            two.connect(new InetSocketAddress("127.0.0.1", PORT + 1));
            assertEquals(1, h.serve().size());
        }
    }

    @Test
    void pausedSocketIsSilentForAWhile() throws Exception {
        try (var h = new ListenHarness(); var client = new Socket()) {
            h.start(tcp(null, PORT));
            h.accepting = false;
            client.connect(new InetSocketAddress("127.0.0.1", PORT));
            var event = h.serve().get(0);
            h.forwarding.pause(event.fd(), event.payload());
            assertEquals(List.of(), h.serve());
            long deadlineNs = h.advance(0);
            assertEquals(h.nowNs + PausedSockets.PAUSE_NS, deadlineNs);
            h.advance(0.09);
            assertEquals(List.of(), h.serve());
            assertEquals(Long.MAX_VALUE, h.advance(0.01));
            assertEquals(List.of(event), h.serve());
            assertEquals(1, h.count(Counter.LISTENERS_PAUSED));
        }
    }

    @Test
    void pausedSocketGetsItsNewRuleAndAClosedOneNothing() throws Exception {
        try (var h = new ListenHarness(); var one = new Socket(); var two = new Socket()) {
            h.start(tcp(null, PORT), tcp(null, PORT + 1));
            h.accepting = false;
            one.connect(new InetSocketAddress("127.0.0.1", PORT));
            two.connect(new InetSocketAddress("127.0.0.1", PORT + 1));
            for (var event : List.copyOf(h.serve())) {
                h.forwarding.pause(event.fd(), event.payload());
            }
            h.advance(0);
            h.replace(tcp(null, 9000), tcp(null, PORT + 1));
            try (var three = new Socket("127.0.0.1", 9000)) {
                // It likely has the number of the one that was closed.
                int third = h.serve().get(0).fd();
                assertEquals(1, h.events.size());
                h.advance(0.2);
                var payloads = h.serve().stream().map(ListenHarness.Event::payload).toList();
                assertEquals(java.util.Set.of(ListenTag.of(9000, Pif.HOST, 0),
                        ListenTag.of(PORT + 1, Pif.HOST, 1)), java.util.Set.copyOf(payloads));
                assertEquals(2, payloads.size());
                assertTrue(third > 0);
            }
        }
    }

    @Test
    void refusesToScanBlindly() {
        try (var h = new ListenHarness()) {
            assertThrows(IllegalArgumentException.class,
                    () -> h.start(rule(TCP, null, null, 1, 100, true, true)));
        }
    }
}
