// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.testing.Checks.arp;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.sourceMac;
import static jpasst.testing.Checks.targetMac;
import static jpasst.testing.NetworkSandbox.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import jpasst.addr.IpAddress;
import jpasst.linux.Errno;
import jpasst.linux.Interface;
import jpasst.linux.LinuxException;
import jpasst.log.Level;
import jpasst.loop.EventLoop;
import jpasst.loop.EventType;
import jpasst.netlink.NeighborListener;
import jpasst.testing.FrameBuilder;
import jpasst.testing.Limits;
import jpasst.testing.NetworkSandbox;
import org.junit.jupiter.api.Test;

class NeighborMirrorTest {
    private static final long PEER = 0x0200_0000_0007L, OTHER = 0x0200_0000_0008L;
    private static final int HERE = 5, HERE_V6 = 6;
    private static final String V4 = "10.99.0.7", V6 = "fd99::7";

    private final ServiceGuest guest = new ServiceGuest();
    private final NeighborMirror mirror = new NeighborMirror(guest.addresses,
            new ArpResponder(guest.addresses, guest.tap, guest.counters, Arena.ofAuto()),
            guest.services, guest.log);

    NeighborMirrorTest() {
        mirror.follow(HERE, HERE_V6);
        mirror.announcing(true);
    }

    private void hear(int index, String address, long mac) {
        var at = IpAddress.parse(address);
        mirror.neighbor(index, at.high(), at.low(), mac);
    }

    private long macOf(String address) {
        var at = IpAddress.parse(address);
        return guest.addresses.neighbors().macOf(at.high(), at.low());
    }

    private void assertAnnounced(long mac) {
        assertFrame(guest.tap.take(), sourceMac(mac), targetMac(0xffff_ffff_ffffL),
                arp(1, mac, V4, 0, V4));
    }

    @Test
    void announcesWhatIsNewAndWhatChanges() {
        hear(HERE, V4, PEER);
        assertAnnounced(PEER);
        hear(HERE, V4, PEER);
        guest.tap.assertSilent();
        hear(HERE, V4, OTHER);
        assertAnnounced(OTHER);
        hear(HERE_V6, V6, PEER);
        assertFrame(guest.tap.take(), sourceMac(PEER), targetMac(0x3333_0000_0001L));
        hear(HERE, V4, NeighborListener.NO_MAC);
        guest.tap.assertSilent();
        assertEquals(FrameBuilder.OUR_MAC, macOf(V4));
        hear(HERE, V4, OTHER);
        assertAnnounced(OTHER);
    }

    @Test
    void announcesNothingThatIsOurs() {
        hear(HERE, V4, FrameBuilder.OUR_MAC);
        guest.addresses.v4().mapHostLoopback(IpAddress.parse("10.99.0.8"));
        hear(HERE, "10.99.0.8", PEER);
        guest.tap.assertSilent();
    }

    @Test
    void heedsTheTemplateInterfaceOfTheFamilyOnly() {
        hear(HERE_V6, V4, PEER);
        hear(HERE, V6, PEER);
        hear(0, V4, PEER);
        assertEquals(0, guest.addresses.neighbors().size());
        hear(HERE, V4, PEER);
        hear(HERE_V6, V4, NeighborListener.NO_MAC);
        assertEquals(PEER, macOf(V4));
    }

    @Test
    void announcesNothingToAGuestWhoIsNotThere() {
        mirror.announcing(false);
        hear(HERE, V4, PEER);
        hear(HERE_V6, V6, PEER);
        guest.tap.assertSilent();
        assertEquals(PEER, macOf(V4));
        mirror.announcing(true);
        guest.tap.assertSilent();
    }

    @Test
    void announcesNoNeighboursOfIpv6WithoutNdp() {
        var mute = new ServiceGuest().with(ServiceSettings.none());
        var other = new NeighborMirror(mute.addresses, new ArpResponder(mute.addresses, mute.tap,
                mute.counters, Arena.ofAuto()), mute.services, mute.log);
        other.follow(HERE, HERE_V6);
        other.announcing(true);
        var at = IpAddress.parse(V6);
        other.neighbor(HERE_V6, at.high(), at.low(), PEER);
        mute.tap.assertSilent();
        assertEquals(1, mute.addresses.neighbors().size());
    }

    /** An entry that was removed while nobody listened is gone after the next dump. */
    @Test
    void aWholeDumpTidiesUpAndAPartOfOneDoesNot() {
        hear(HERE, V4, PEER);
        mirror.dumpBegins();
        mirror.dumpEnds(false);
        assertEquals(PEER, macOf(V4));
        mirror.dumpBegins();
        mirror.dumpEnds(true);
        assertEquals(FrameBuilder.OUR_MAC, macOf(V4));
    }

    private EventLoop loop() {
        return new EventLoop((type, cause) -> {
            throw new AssertionError("handler of " + type, cause);
        });
    }

    @Test
    void followsTheKernel() throws Exception {
        NetworkSandbox.inside(() -> {
            command("ip", "link", "add", "aa", "type", "veth", "peer", "name", "bb");
            command("ip", "link", "set", "aa", "up");
            guest.addresses.v4().templateIndex(Interface.index("aa"));
            guest.addresses.v6().templateIndex(-1);
            try (var loop = loop(); var arena = Arena.ofShared()) {
                mirror.start(loop, arena);
                command("ip", "neigh", "add", V4, "lladdr", "02:00:00:00:00:07", "dev", "aa");
                loop.runUntil(System.nanoTime() + 50_000_000);
                assertAnnounced(PEER);
                command("ip", "neigh", "del", V4, "dev", "aa");
                loop.runUntil(System.nanoTime() + 50_000_000);
                assertEquals(FrameBuilder.OUR_MAC, macOf(V4));
                long events = loop.eventCount(EventType.NEIGHBOURS);
                loop.runUntil(System.nanoTime() + 50_000_000);
                assertEquals(events, loop.eventCount(EventType.NEIGHBOURS), "at rest");
            }
        });
    }

    /** A template that is no Ethernet, or none at all: nobody listens. */
    @Test
    void followsNothingWithoutEthernet() throws Exception {
        NetworkSandbox.inside(() -> {
            for (int template : new int[] {Interface.index("lo"), -1, 0}) {
                guest.addresses.v4().templateIndex(template);
                guest.addresses.v6().templateIndex(template);
                try (var loop = loop(); var arena = Arena.ofShared()) {
                    mirror.start(loop, arena);
                    command("ip", "neigh", "replace", V4, "lladdr", "02:00:00:00:00:07", "dev",
                            "lo");
                    loop.runUntil(System.nanoTime() + 20_000_000);
                    assertEquals(0, loop.eventCount(EventType.NEIGHBOURS));
                }
            }
            guest.tap.assertSilent();
        });
    }

    @Test
    void goesOnWithoutADescriptor() throws Exception {
        NetworkSandbox.inside(() -> {
            guest.addresses.v4().templateIndex(Interface.index("lo"));
            guest.log.level(Level.DEBUG);
            // Classes that are loaded for a failure need a descriptor for that.
            assertEquals(Errno.EMFILE, new LinuxException("none", Errno.EMFILE).errno());
            try (var loop = loop(); var arena = Arena.ofShared()) {
                Limits.lowerDescriptors();
                try {
                    mirror.start(loop, arena);
                } finally {
                    Limits.raiseDescriptors();
                }
                assertTrue(guest.logged.stream().anyMatch(line -> line.contains(
                        "cannot follow the host's neighbours")), guest.logged::toString);
            }
        });
    }
}
