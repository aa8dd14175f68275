// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jpasst.loop.EventType;
import org.junit.jupiter.api.Test;

class FlowTypeTest {
    @Test
    void givesTheProtocol() {
        assertEquals(0, FlowType.NONE.protocol());
        assertEquals(6, FlowType.TCP.protocol());
        assertEquals(6, FlowType.TCP_SPLICE.protocol());
        assertEquals(1, FlowType.PING4.protocol());
        assertEquals(58, FlowType.PING6.protocol());
        assertEquals(17, FlowType.UDP.protocol());
    }

    @Test
    void givesTheEventTypeOfItsSockets() {
        assertNull(FlowType.NONE.eventType());
        assertEquals(EventType.TCP, FlowType.TCP.eventType());
        assertEquals(EventType.TCP_SPLICE, FlowType.TCP_SPLICE.eventType());
        assertEquals(EventType.PING, FlowType.PING4.eventType());
        assertEquals(EventType.PING, FlowType.PING6.eventType());
        assertEquals(EventType.UDP, FlowType.UDP.eventType());
    }

    @Test
    void isTimedUnlessItHasTimersOfItsOwn() {
        assertFalse(FlowType.NONE.isTimed());
        assertFalse(FlowType.TCP.isTimed());
        assertFalse(FlowType.TCP_SPLICE.isTimed());
        assertTrue(FlowType.PING4.isTimed());
        assertTrue(FlowType.PING6.isTimed());
        assertTrue(FlowType.UDP.isTimed());
    }

    @Test
    void isShownByItsDisplayName() {
        assertEquals("<none>", FlowType.NONE.toString());
        assertEquals("TCP connection", FlowType.TCP.toString());
        assertEquals("TCP connection (spliced)", FlowType.TCP_SPLICE.toString());
        assertEquals("ICMP ping sequence", FlowType.PING4.toString());
        assertEquals("ICMPv6 ping sequence", FlowType.PING6.toString());
        assertEquals("UDP flow", FlowType.UDP.toString());
    }

    @Test
    void pifsHaveTheirNumbersAndNames() {
        assertEquals("<none> HOST TAP SPLICE",
            Pif.of(0) + " " + Pif.of(1) + " " + Pif.of(2) + " " + Pif.of(3));
        assertEquals(3, Pif.SPLICE.number());
        assertTrue(Pif.HOST.isSocket() && Pif.SPLICE.isSocket());
        assertFalse(Pif.TAP.isSocket() || Pif.NONE.isSocket());
    }
}
