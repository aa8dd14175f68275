// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

import static jpasst.testing.FlowHarness.GUEST4;
import static jpasst.testing.FlowHarness.GUEST6;
import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FlowHarness.HOST6;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.inside;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import jpasst.flow.FlowType;
import jpasst.linux.Epoll;
import jpasst.log.Level;
import jpasst.testing.Allocation;
import jpasst.testing.FlowHarness;
import jpasst.testing.GuestFrame;
import jpasst.testing.NetworkSandbox;
import jpasst.wire.BigEndian;

@Tag("allocation")
class PingAllocationTest {
    private static final int STEPS = 5000;

    @Test
    void allocatesNothingPerRequestAndReply() throws Exception {
        inside(() -> {
            NetworkSandbox.sysctl("net/ipv4/ping_group_range", "0 2147483647");
            exchange(GUEST4, HOST4);
            exchange(GUEST6, HOST6);
        });
    }

    private static void exchange(String guest, String target) {
        try (var h = new FlowHarness(10)) {
            h.log.level(Level.WARNING);
            h.tap.countOnly();
            var ping = new PingFlows(h.table, h.loop, h.addresses, h.tap, h.counters, h.log,
                    h.arena);
            h.table.handler(FlowType.PING6, ping);
            h.register(FlowType.PING4, ping);
            var request = new GuestFrame()
                    .load(frame().ip(guest, target).echoRequest(1, 0).payload("0123").bytes());
            request.frame().trusted(true);
            assertTrue(request.parse());
            var sequence = new int[1];
            Runnable step = () -> {
                request.parse();
                BigEndian.putU16(request.frame().memory(), request.packet().payloadAt() + 6,
                        sequence[0]++);
                ping.fromTap(request.frame(), request.packet(), h.nowNs());
                var flow = h.table.flow(0);
                ping.onEvent(flow.<PingFlow>body().socket, flow.sidx(1), Epoll.EPOLLIN,
                        h.nowNs());
            };
            Allocation.assertNone(STEPS, step);
            assertTrue(h.tap.taken() > STEPS, "replies: " + h.tap.taken());
            h.advance(100);
            h.advance(0);
        }
    }
}
