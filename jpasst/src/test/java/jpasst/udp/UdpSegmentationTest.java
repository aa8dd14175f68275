// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.payload;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.NetworkSandbox.inside;
import static jpasst.udp.UdpHarness.datagram;
import static jpasst.udp.UdpHarness.pattern;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

import jpasst.metrics.Counter;
import jpasst.testing.FrameBuilder;
import jpasst.testing.NetworkSandbox;

/** Datagrams of the guest that go out together arrive one by one. */
class UdpSegmentationTest {
    @Test
    void sendsEqualDatagramsAsOneMessageWithoutMixingThem() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                int[] lengths = {100, 100, 100, 40, 100, 0, 0, 100, 100, 200, 200, 7};
                var frames = new FrameBuilder[lengths.length];
                for (int i = 0; i < lengths.length; i++) {
                    frames[i] = datagram(HOST4, server.port()).payload(pattern(lengths[i], i));
                }
                h.guestSends(frames);
                for (int i = 0; i < lengths.length; i++) {
                    assertArrayEquals(pattern(lengths[i], i), server.receive(), "datagram " + i);
                }
                assertNull(server.receiveNow());
            }
        });
    }

    @Test
    void keepsInterleavedFlowsApart() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var one = new Server("127.0.0.1");
                    var other = new Server("::1")) {
                var frames = new FrameBuilder[60];
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = (i / 3 % 2 == 0 ? datagram(HOST4, one.port())
                            : datagram(HOST6, other.port())).payload(pattern(50, i));
                }
                h.guestSends(frames);
                for (int i = 0; i < frames.length; i++) {
                    var server = i / 3 % 2 == 0 ? one : other;
                    assertArrayEquals(pattern(50, i), server.receive());
                }
                assertEquals(2, h.base.table.activeCount());
            }
        });
    }

    @Test
    void sendsMoreThanTheKernelSegmentsAtOnce() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                var frames = new FrameBuilder[300];
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = datagram(HOST4, server.port()).payload(pattern(20, i));
                }
                h.guestSends(frames);
                for (int i = 0; i < frames.length; i++) {
                    assertArrayEquals(pattern(20, i), server.receive());
                }
            }
        });
    }

    @Test
    void cutsUpSuperFramesOfTheGuest() throws Exception {
        inside(() -> {
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1");
                    var server6 = new Server("::1")) {
                h.guestSendsSuperFrame(datagram(HOST4, server.port())
                        .payload(pattern(1000 * 60 + 17, 1)), 1000, 42);
                h.guestSendsSuperFrame(datagram(HOST6, server6.port())
                        .payload(pattern(100 * 600 + 1, 2)), 100, 62);
                expectPieces(server, pattern(1000 * 60 + 17, 1), 1000);
                expectPieces(server6, pattern(100 * 600 + 1, 2), 100);
            }
        });
    }

    @Test
    void sendsSinglyWhereThePathCannotSegment() throws Exception {
        inside(() -> {
            NetworkSandbox.command("ip", "link", "set", "lo", "mtu", "1500");
            try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
                for (int round = 0; round < 2; round++) {
                    var frames = new FrameBuilder[4];
                    for (int i = 0; i < frames.length; i++) {
                        frames[i] = datagram(HOST4, server.port()).payload(pattern(4000, i));
                    }
                    h.guestSends(frames);
                    for (int i = 0; i < frames.length; i++) {
                        assertArrayEquals(pattern(4000, i), server.receive());
                    }
                }
                h.guestSendsSuperFrame(datagram(HOST4, server.port())
                        .payload(pattern(9000, 1)), 3000, 42);
                expectPieces(server, pattern(9000, 1), 3000);
                assertEquals(0, h.base.count(Counter.DROP_SOCKET_REFUSED));
            }
        });
    }

    private static void expectPieces(Server server, byte[] data, int each) throws Exception {
        for (int at = 0; at < data.length; at += each) {
            var piece = Arrays.copyOfRange(data, at, Math.min(at + each, data.length));
            assertArrayEquals(piece, server.receive(), "at " + at);
        }
        assertNull(server.receiveNow());
    }
}
