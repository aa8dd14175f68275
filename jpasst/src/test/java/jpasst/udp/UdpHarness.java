// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import jpasst.flow.FlowType;
import jpasst.flow.Pif;
import jpasst.forward.SideSockets;
import jpasst.frame.Frame;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.listen.ListenTag;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.testing.FlowHarness;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import jpasst.wire.IpProtocol;

/** A {@link FlowHarness} with {@link UdpFlows} and listening sockets in it. */
final class UdpHarness implements AutoCloseable {
    static final int GUEST_PORT = 40000;

    final TestChooser chooser = new TestChooser();
    final FlowHarness base;
    final UdpFlows udp;
    /** Listening sockets that were paused, as often as they were. */
    final List<Integer> paused = new ArrayList<>();
    private final List<Integer> listening = new ArrayList<>();

    UdpHarness() {
        this(1000);
    }

    UdpHarness(int capacity) {
        base = new FlowHarness(capacity, chooser);
        chooser.fromTap = base.forwarding;
        udp = new UdpFlows(new UdpSettings(UdpTimeouts.DEFAULT, false), base.table, base.loop,
                base.addresses, base.forwarding,
                new SideSockets(base.addresses, UdpHarness::namespaceSocket, base.arena),
                base.tap, base.counters, base.log, base.arena);
        base.register(FlowType.UDP, udp);
        var handler = udp.listening(this::pause, base.arena);
        base.loop.handler(EventType.UDP_LISTEN, (fd, payload, events, now) ->
                handler.onEvent(fd, payload, events, base.nowNs()));
    }

    /** One namespace stands for both. */
    private static int namespaceSocket(int family, int type) {
        return Sockets.socket(family, type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
    }

    private void pause(int fd, int payload) {
        paused.add(fd);
        assertEquals(0, base.loop.remove(fd));
    }

    /** Listens as package {@code listen} does; "*" is dual-stack. */
    int listen(Pif pif, String address, int port) {
        int fd = ListeningSocket.open(base.arena, address, port);
        listening.add(fd);
        resume(pif, fd, port);
        return fd;
    }

    void resume(Pif pif, int fd, int port) {
        assertEquals(0, base.loop.add(fd, Epoll.EPOLLIN, EventTag.of(EventType.UDP_LISTEN, fd,
                ListenTag.of(port, pif, TestChooser.RULE))));
    }

    /** Bytes that differ from those of another seed. */
    static byte[] pattern(int length, int seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** The guest's address that can reach this address of it. */
    static String guest(String target) {
        return target.indexOf(':') >= 0 ? FlowHarness.GUEST6 : FlowHarness.GUEST4;
    }

    static FrameBuilder datagram(String target, int port) {
        return frame().ip(guest(target), target).udp(GUEST_PORT, port);
    }

    /** One batch of frames from the guest; those that do not parse are not handed on. */
    void guestSends(FrameBuilder... frames) {
        for (var builder : frames) {
            hand(new GuestFrame().load(builder.bytes()));
        }
        endRound();
    }

    /** What the loop does after a batch of frames. */
    private void endRound() {
        udp.endBatch(base.nowNs());
        base.advance(0);
    }

    /** A super-frame of datagrams of this length each. */
    void guestSendsSuperFrame(FrameBuilder builder, int each, int headers) {
        var loaded = new GuestFrame().load(builder.partialChecksum().bytes());
        loaded.frame().partialChecksum(headers - 8, 6).gso(Frame.GSO_UDP_L4, each, headers);
        hand(loaded);
        endRound();
    }

    private void hand(GuestFrame loaded) {
        if (loaded.parse()) {
            udp.fromTap(loaded.frame(), loaded.packet(), base.nowNs());
        }
    }

    void guestSendsIcmp(FrameBuilder builder) {
        var loaded = new GuestFrame().load(builder.bytes());
        if (loaded.parse()) {
            udp.icmpFromTap(loaded.frame(), loaded.packet(), base.nowNs());
        }
    }

    /** Hands on raw bytes, with offload facts as a hostile guest might claim. */
    void mangled(byte[] bytes, Random random) {
        var loaded = new GuestFrame().load(bytes);
        if (!loaded.parse()) {
            return;
        }
        if (random.nextBoolean()) {
            loaded.frame().trusted(true);
        }
        if (random.nextInt(4) == 0) {
            loaded.frame().gso(Frame.GSO_UDP_L4, random.nextInt(70000), 0);
        }
        if (loaded.packet().protocol() == IpProtocol.UDP) {
            udp.fromTap(loaded.frame(), loaded.packet(), base.nowNs());
        } else {
            udp.icmpFromTap(loaded.frame(), loaded.packet(), base.nowNs());
        }
        if (random.nextInt(4) == 0) {
            udp.endBatch(base.nowNs());
        }
    }

    @Override
    public void close() {
        base.advance(1000);
        listening.forEach(Files::close);
        base.close();
    }
}
