// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.LINK_LOCAL;
import static jpasst.responder.ServiceGuest.dhcp;
import static jpasst.responder.ServiceGuest.hex;
import static jpasst.responder.ServiceGuest.message;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.log.Level;
import jpasst.metrics.Counter;
import jpasst.testing.Allocation;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import org.junit.jupiter.api.Test;

/** A guest that does nothing but ask costs no memory. */
class ServiceAllocationTest {
    private static final int TIMES = 1000;

    private final ServiceGuest guest = new ServiceGuest();

    private static GuestFrame loaded(FrameBuilder builder) {
        var frame = new GuestFrame().load(builder.bytes());
        assertTrue(frame.parse());
        return frame;
    }

    @Test
    void answersAllocateNothing() {
        guest.log.level(Level.WARNING);
        guest.tap.countOnly();
        var questions = new GuestFrame[] {
            loaded(dhcp(message(0, "350101" + "37040103061a"))),
            loaded(frame().ipv6(LINK_LOCAL, "ff02::2").ttl(255).icmp(133, 0, 0)),
            loaded(frame().ipv6(LINK_LOCAL, "ff02::1:2").udp(546, 547).payload(
                    hex("04abcdef 0001000a00030001525400123456 00030028 0a0b0c0d 00000001"
                            + "00000002 00050018 fd990000000000000000000000000009 00000010"
                            + "00000020")))};
        Allocation.assertNone(TIMES, () -> {
            for (var question : questions) {
                guest.services.fromTap(question.frame(), question.packet(), guest.nowNs);
            }
        });
        assertEquals(guest.tap.taken(), guest.count(Counter.DHCP_REPLIES)
                + guest.count(Counter.DHCPV6_REPLIES)
                + guest.count(Counter.ROUTER_ADVERTISEMENTS));
        assertTrue(guest.tap.taken() >= 3 * TIMES);
    }
}
