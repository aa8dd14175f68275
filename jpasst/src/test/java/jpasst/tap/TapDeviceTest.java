// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.testing.NetworkSandbox.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.frame.FrameSink;
import jpasst.frame.SoftwareOffload;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LinuxException;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.linux.Tun;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.NetworkSandbox;
import jpasst.wire.Checksum;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.UdpHeader;
import org.junit.jupiter.api.Test;

/** A real tap device, whose other end is the kernel of a namespace of the test's own. */
class TapDeviceTest {
    private static final String NAME = "tap9";
    private static final String GUEST = "10.9.0.1", PEER = "10.9.0.2";
    private static final int PORT = 4000;
    private static final int UDP_AT = EthernetHeader.LENGTH + 20;
    private static final int PAYLOAD_AT = UDP_AT + UdpHeader.LENGTH;

    private final Arena arena = Arena.ofAuto();
    private final Counters counters = new Counters();
    private final MemorySegment scratch = arena.allocate(1 << 16, 8);

    /** What was read, by length and facts, whole payloads in order. */
    private final class Reader implements FrameHandler {
        final List<Integer> gsoSizes = new ArrayList<>();
        int payloadBytes;
        int batches;
        boolean partial;
        boolean intact = true;

        @Override
        public void frame(Frame in, long nowNs) {
            var packet = new IpPacket();
            var ethernet = new EthernetHeader().wrap(in.memory(), in.at());
            if (ethernet.type() != EthernetHeader.ETHERTYPE_IPV4) return;
            assertTrue(packet.parse(in.memory(), in.at() + EthernetHeader.LENGTH,
                    in.length() - EthernetHeader.LENGTH, ethernet.type()));
            partial |= in.needsChecksum();
            intact &= in.checksumTrusted() || Checksum.verifyTcpUdp(packet);
            gsoSizes.add(in.gsoType() == Frame.GSO_UDP_L4 ? in.gsoSize() : 0);
            payloadBytes += packet.payloadLength() - UdpHeader.LENGTH;
        }

        @Override
        public void endBatch(long nowNs) {
            batches++;
        }
    }

    private interface Body {
        void run(TapDevice device) throws Exception;
    }

    private void withDevice(int offloads, Body body) throws Exception {
        NetworkSandbox.inside(() -> {
            NetworkSandbox.sysctl("net/ipv6/conf/all/disable_ipv6", "1");
            try (var device = TapDevice.open(NAME, offloads, counters)) {
                command("ip", "link", "set", NAME, "address", "52:54:00:12:34:56", "up");
                command("ip", "address", "add", GUEST + "/24", "dev", NAME);
                command("ip", "neighbour", "replace", PEER, "lladdr", "9a:55:9a:55:9a:55",
                        "dev", NAME);
                body.run(device);
            }
        });
    }

    private int socket() {
        int fd = Errno.check("socket", Sockets.socket(Sockets.AF_INET,
                Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK, 0));
        var guest = IpAddress.parse(GUEST);
        Errno.check("bind", Sockets.bind(fd, scratch, 0,
                SocketAddress.put(scratch, 0, guest.high(), guest.low(), PORT, 0)));
        var peer = IpAddress.parse(PEER);
        Errno.check("connect", Sockets.connect(fd, scratch, 0,
                SocketAddress.put(scratch, 0, peer.high(), peer.low(), PORT, 0)));
        return fd;
    }

    private Reader read(TapDevice device) {
        var reader = new Reader();
        var input = new TapInput(arena, device, reader, counters, () -> {
            throw new AssertionError("the device is gone");
        });
        input.onEvent(device.fd(), 0, Epoll.EPOLLIN, 0);
        return reader;
    }

    /** A datagram from the peer to the guest's socket, or a super-frame of many. */
    private Frame datagrams(int bytes, int each) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) payload[i] = (byte) (i / each);
        byte[] content = frame().ethernet(OUR_MAC, GUEST_MAC).ip(PEER, GUEST).udp(PORT, PORT)
                .payload(payload).partialChecksum().bytes();
        var out = new Frame(arena).reset();
        MemorySegment.copy(MemorySegment.ofArray(content), 0, out.memory(), out.at(),
                content.length);
        out.length(content.length).partialChecksum(UDP_AT, UdpHeader.CHECKSUM_OFFSET);
        return bytes > each ? out.gso(Frame.GSO_UDP_L4, each, PAYLOAD_AT) : out;
    }

    private void assertArrive(int fd, int count, int each) {
        for (int i = 0; i < count; i++) {
            assertEquals(each, Sockets.recv(fd, scratch, 0, 1 << 16, 0), "datagram " + i);
            assertEquals((byte) i, scratch.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
        }
        assertEquals(-Errno.EAGAIN, Sockets.recv(fd, scratch, 0, 1 << 16, 0));
    }

    @Test
    void readsWhatIsLeftToBeDoneForAFrame() throws Exception {
        withDevice(TapDevice.allOffloads(), device -> {
            int fd = socket();
            assertEquals(10, device.headerLength());
            assertEquals(100, Sockets.send(fd, scratch, 0, 100, 0));
            Reader one = read(device);
            assertEquals(100, one.payloadBytes);
            assertTrue(one.partial, "the checksum is left to us");
            if (device.takesUdpSegments()) {
                Sockets.setInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT, 100);
                assertEquals(1000, Sockets.send(fd, scratch, 0, 1000, 0));
                Reader many = read(device);
                assertEquals(List.of(100), many.gsoSizes);
                assertEquals(1000, many.payloadBytes);
            }
            Files.close(fd);
        });
    }

    @Test
    void readsABatchAndSaysWhenItEnds() throws Exception {
        withDevice(TapDevice.allOffloads(), device -> {
            int fd = socket();
            for (int i = 0; i < 100; i++) Sockets.send(fd, scratch, 0, 1400, 0);
            Reader reader = read(device);
            assertEquals(100, reader.gsoSizes.size());
            assertTrue(reader.batches >= 2 && reader.batches <= 4, "batches " + reader.batches);
            assertEquals(100, counters.get(Counter.FRAMES_FROM_TAP));
            Files.close(fd);
        });
    }

    @Test
    void writesFramesAndSuperFrames() throws Exception {
        withDevice(TapDevice.allOffloads(), device -> {
            int fd = socket();
            assertTrue(device.send(datagrams(500, 500)));
            assertArrive(fd, 1, 500);
            assertTrue(device.send(datagrams(5000, 500)));
            assertArrive(fd, 10, 500);
            assertEquals(2, counters.get(Counter.FRAMES_TO_TAP));
            Files.close(fd);
        });
    }

    @Test
    void withoutOffloadsFramesAreWholeBothWays() throws Exception {
        withDevice(0, device -> {
            assertEquals(0, device.headerLength());
            assertEquals("none", device.offloadNames());
            assertFalse(device.takesPartialChecksums());
            FrameSink sink = new SoftwareOffload(device, arena, false, false, false, false);
            int fd = socket();
            assertTrue(sink.send(datagrams(5000, 500)));
            assertArrive(fd, 10, 500);
            Sockets.setInt(fd, Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT, 100);
            assertEquals(1000, Sockets.send(fd, scratch, 0, 1000, 0));
            Reader reader = read(device);
            assertEquals(1000, reader.payloadBytes);
            assertEquals(10, reader.gsoSizes.size());
            assertFalse(reader.partial);
            assertTrue(reader.intact, "checksums are complete and right");
            Files.close(fd);
        });
    }

    @Test
    void takesWhatOffloadsThereAre() throws Exception {
        withDevice(Tun.TUN_F_CSUM, device -> {
            assertEquals("header, checksum", device.offloadNames());
            assertTrue(device.takesPartialChecksums());
            assertFalse(device.takesUdpSegments());
        });
    }

    @Test
    void aNameThatIsTakenIsAnError() throws Exception {
        withDevice(0, device -> {
            var e = assertThrows(LinuxException.class, () -> TapDevice.open(NAME, 0, counters));
            assertEquals(Errno.EBUSY, e.errno());
        });
    }

    @Test
    void tellsWhenTheInterfaceIsGone() throws Exception {
        withDevice(0, device -> {
            int[] gone = {0};
            var input = new TapInput(arena, device, new Reader(), counters, () -> gone[0]++);
            command("ip", "link", "delete", NAME);
            input.onEvent(device.fd(), 0, Epoll.EPOLLIN, 0);
            assertEquals(1, gone[0]);
        });
    }
}
