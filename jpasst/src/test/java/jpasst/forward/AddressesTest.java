// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.log.RecordingDestination;
import jpasst.testing.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AddressesTest {
    private static final IpAddress ASSIGNED = IpAddress.parse("10.99.0.1");
    private static final IpAddress GLOBAL = IpAddress.parse("fd99::1");
    private static final IpAddress OTHER = IpAddress.parse("2001:db8::5");
    private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::5");

    private final RecordingDestination logged = new RecordingDestination();
    private final Addresses addresses = new Addresses(new Log(logged));
    private final FamilyAddresses v4 = addresses.v4();
    private final FamilyAddresses v6 = addresses.v6();

    private void learnV6(IpAddress source) {
        addresses.learnV6(source.high(), source.low());
    }

    @Test
    void startsDisabledAndEmpty() {
        assertFalse(v4.isEnabled() || v6.isEnabled());
        assertFalse(v4.seen().isKnown() || v6.seen().isKnown());
        assertNull(v4.seen().value());
        assertTrue(v6.templateIndex(FamilyAddresses.LOCAL_MODE).isEnabled());
        assertEquals(0x9a55_9a55_9a55L, addresses.ourTapMac());
        assertEquals(0xffff_ffff_ffffL, addresses.guestMac());
    }

    @Test
    void takesTheAssignedAddressForTheSeenOne() {
        v4.address(ASSIGNED);
        assertEquals(ASSIGNED, v4.seen().value());
        assertSame(v4, addresses.family(ASSIGNED.high(), ASSIGNED.low()));
        assertSame(v6, addresses.family(GLOBAL.high(), GLOBAL.low()));
    }

    @Test
    void learnsAnyIpv4SourceButNone() {
        v4.address(ASSIGNED);
        addresses.learnV4(0);
        assertEquals(ASSIGNED, v4.seen().value());
        addresses.learnV4(0x0a630007);
        assertEquals("10.99.0.7", v4.seen().toString());
        assertEquals(ASSIGNED, v4.address());
    }

    @Test
    void learnsNothingWhenFixed() {
        v4.address(ASSIGNED).fixed(true);
        v6.address(GLOBAL).fixed(true);
        addresses.learnV4(0x0a630007);
        learnV6(OTHER);
        learnV6(LINK_LOCAL);
        assertEquals(ASSIGNED, v4.seen().value());
        assertEquals(GLOBAL, v6.seen().value());
        assertEquals(LINK_LOCAL, v6.linkLocalSeen().value());
    }

    @Test
    void learnsGlobalIpv6Sources() {
        v6.address(GLOBAL);
        learnV6(OTHER);
        learnV6(IpAddress.ANY_V6);
        assertEquals(OTHER, v6.seen().value());
        assertFalse(v6.linkLocalSeen().isKnown());
    }

    @Test
    void keepsAGlobalAddressWhenALinkLocalOneIsSeen() {
        v6.address(GLOBAL);
        learnV6(LINK_LOCAL);
        assertEquals(GLOBAL, v6.seen().value());
        assertEquals(LINK_LOCAL, v6.linkLocalSeen().value());
    }

    @Test
    void makesDoWithALinkLocalAddressInLocalMode() {
        learnV6(LINK_LOCAL);
        assertEquals(LINK_LOCAL, v6.seen().value());
        assertEquals(LINK_LOCAL, v6.address());
        learnV6(IpAddress.parse("fe80::6"));
        assertEquals(LINK_LOCAL, v6.address());
        assertEquals(LINK_LOCAL, v6.seen().value());
        learnV6(OTHER);
        assertEquals(OTHER, v6.seen().value());
    }

    @Test
    void tellsOfANewMacAddressOnce() {
        addresses.learnMac(0x0200_0000_0001L, 0);
        addresses.learnMac(0x0200_0000_0001L, 0);
        assertEquals(0x0200_0000_0001L, addresses.guestMac());
        assertEquals(List.of("new guest MAC address: 02:00:00:00:00:01"), logged.lines());
    }

    @Test
    void limitsTheRateOfMessagesAboutMacAddresses() {
        for (int i = 0; i < 1000; i++) {
            addresses.learnMac(0x0200_0000_0000L + i, 0);
        }
        assertEquals(RateLimit.BURST + 1, logged.lines().size());
        assertEquals(0x0200_0000_0000L + 999, addresses.guestMac());
    }

    @Test
    @Tag("allocation")
    void allocatesNothingPerPacket() {
        v6.address(GLOBAL);
        int[] count = {0};
        Allocation.assertNone(1000, () -> {
            int i = count[0]++;
            addresses.learnMac(addresses.guestMac(), 0);
            addresses.learnV4(0x0a630000 + (i & 1));
            learnV6((i & 1) == 0 ? OTHER : LINK_LOCAL);
        });
    }
}
