// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.icmp;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.GUEST_PORT;
import static jpasst.udp.UdpHarness.datagram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

import jpasst.linux.Processes;
import jpasst.metrics.Counter;
import jpasst.testing.NetworkSandbox;

/** Flows end in time; what is short or broken costs a datagram, not more. */
class UdpLimitsTest {
    @Test
    void endsSingleExchangeAfter30Seconds() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                int before = descriptors();
                h.guestSends(datagram(HOST4, server.port()).payload("question"));
                server.receive();
                server.answer("answer");
                h.base.await();
                h.base.advance(29.9);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(1.2);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
                assertEquals(before, descriptors());
                h.guestSends(datagram(HOST4, server.port()).payload("again"));
                assertEquals("again", server.receiveText());
            }
        });
    }

    @Test
    void endsStreamAfter120Seconds() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("1"),
                        datagram(HOST4, server.port()).payload("2"));
                server.receive();
                server.answer("answer");
                h.base.await();
                h.base.advance(119.5);
                assertEquals(1, h.base.table.activeCount());
                h.base.advance(2);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
            }
        });
    }

    @Test
    void holdsOneWayTrafficForTheShortTimeOnly() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                h.guestSends(datagram(HOST4, server.port()).payload("1"),
                        datagram(HOST4, server.port()).payload("2"));
                h.base.advance(31.5);
                h.base.advance(0);
                assertEquals(0, h.base.table.activeCount());
            }
        });
    }

    @Test
    void refusesNewFlowsWhenTableIsFullButServesOldOnes() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(3); var server = new Server("127.0.0.1")) {
                for (int port = 1; port <= 50; port++) {
                    h.guestSends(frame().ipv4(GUEST4, HOST4).udp(port, server.port())
                            .payload("x"));
                }
                assertEquals(3, h.base.table.activeCount());
                assertEquals(47, h.base.count(Counter.DROP_TABLE_FULL));
                assertTrue(h.base.logged.stream().filter(l -> l.contains("table full")).count()
                        <= 5);
                h.guestSends(frame().ipv4(GUEST4, HOST4).udp(2, server.port()).payload("y"));
                assertEquals(3, h.base.table.activeCount());
            }
        });
    }

    @Test
    void cancelsFlowThatGetsNoSocket() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness()) {
                int before = descriptors();
                // No route: connect fails.
                for (int i = 0; i < 20; i++) {
                    h.guestSends(datagram("192.0.2.9", 53).payload("x"));
                }
                // Broadcast is not allowed.
                h.guestSends(datagram("255.255.255.255", 53).payload("x"));
                assertEquals(0, h.base.table.activeCount());
                assertEquals(21, h.base.count(Counter.FLOWS_CANCELLED));
                assertEquals(21, h.base.count(Counter.DROP_NO_SOCKET));
                assertEquals(before, descriptors());
                assertTrue(h.base.logged.stream().filter(l -> l.startsWith("WARNING")
                        && l.contains("no socket")).count() <= 5);
            }
        });
    }

    @Test
    void survivesLackOfDescriptors() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                var spare = new ArrayList<FileInputStream>();
                // Loads what the code below needs before descriptors run out.
                h.guestSends(datagram("192.0.2.9", 53).payload("x"));
                server.receiveNow();
                long limit = openFileLimit(200);
                try {
                    while (true) {
                        spare.add(new FileInputStream("/dev/null"));
                    }
                } catch (IOException full) {
                    h.guestSends(datagram(HOST4, server.port()).payload("x"));
                } finally {
                    for (var file : spare) {
                        file.close();
                    }
                    openFileLimit(limit);
                }
                assertEquals(0, h.base.table.activeCount());
                assertEquals(2, h.base.count(Counter.DROP_NO_SOCKET));
                assertTrue(h.base.hasLogged("Too many open files"));
                h.guestSends(datagram(HOST4, server.port()).payload("y"));
                assertEquals("y", server.receiveText());
            }
        });
    }

    @Test
    void survivesMutatedDatagrams() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(50); var server = new Server("127.0.0.1")) {
                var random = new Random(7);
                var frames = new byte[][] {
                    datagram(HOST4, server.port()).payload("0123456789").bytes(),
                    datagram(HOST6, 9).payload("0123456789").bytes(),
                    frame().ipv4(GUEST4, HOST4).icmp(3, 3, 0).payload(frame().ipv4(HOST4, GUEST4)
                            .udp(server.port(), GUEST_PORT).packet()).bytes()};
                for (int i = 0; i < 20000; i++) {
                    var bytes = frames[random.nextInt(frames.length)].clone();
                    for (int n = random.nextInt(3); n >= 0; n--) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    }
                    h.mangled(Arrays.copyOf(bytes, bytes.length - random.nextInt(3)),
                            random);
                    if (i % 50 == 0) {
                        h.base.serve(0);
                        h.base.advance(1);
                        while (h.base.tap.waiting() > 0) {
                            h.base.tap.take();
                        }
                    }
                }
                h.guestSends();
                h.base.advance(1000);
                h.base.advance(0);
                while (server.receiveNow() != null) {
                    // Whatever got through.
                }
                h.guestSends(datagram(HOST4, server.port()).payload("still here"));
                assertEquals("still here", server.receiveText());
            }
        });
    }

    static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    /** Sets the soft limit of this process and returns the old one. */
    private static long openFileLimit(long soft) throws Exception {
        var process = new ProcessBuilder("prlimit", "--pid", "" + Processes.getpid(),
                "--nofile", "--output=SOFT", "--noheadings", "--raw").start();
        long old = Long.parseLong(new String(process.getInputStream().readAllBytes()).strip());
        NetworkSandbox.command("prlimit", "--pid", "" + Processes.getpid(),
                "--nofile=" + soft + ":");
        return old;
    }
}
