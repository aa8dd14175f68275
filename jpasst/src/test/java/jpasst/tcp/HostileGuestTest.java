// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import jpasst.linux.Errno;
import jpasst.linux.LinuxException;
import jpasst.metrics.Counter;
import jpasst.testing.GuestFrame;
import jpasst.testing.InSandbox;
import jpasst.testing.StreamPeer;
import jpasst.wire.AddressCheck;
import jpasst.wire.DropReason;
import jpasst.wire.IpProtocol;

/** A guest that sends whatever it likes: it harms nobody but itself. */
@ExtendWith(InSandbox.class)
class HostileGuestTest {
    private static final int FRAMES = 100_000;
    private static final int VICTIM_PORT = 50_000;
    private static final int GOOD_PORT = 40_000;
    private static final int[] INTERESTING = {
        0, 1, -1, 2, 1000, 1460, 65535, 65536, 1 << 20, (1 << 24) - 1, 1 << 24, 1 << 30,
        Integer.MIN_VALUE, Integer.MAX_VALUE, -1460, -65536, -(1 << 24),
    };

    private final TcpHarness h = new TcpHarness();
    private final Random random = new Random(42);
    private TcpHarness.Server server;
    private Guest victim;
    private StreamPeer victimPeer;

    @AfterEach
    void nothingIsLeft() {
        h.close();
    }

    @Test
    void survivesAHundredThousandMutations() {
        h.settleNs = 0;
        server = h.server();
        var good = h.guest(GOOD_PORT, server.port).open();
        var goodPeer = server.accept();
        int parsed = 0;
        for (int sent = 0; sent < FRAMES;) {
            if (victim == null || h.state(victim) == null) reconnect();
            int batch = 1 + random.nextInt(8);
            for (int i = 0; i < batch; i++) parsed += send(mutation()) ? 1 : 0;
            sent += batch;
            h.tcp.endBatch(h.nowNs);
            if (random.nextInt(4) == 0) feed();
            if (random.nextInt(4) == 0) drain();
            h.advance(random.nextInt(3) * random.nextInt(3) * TcpHarness.MILLISECOND);
            forget();
            if (random.nextInt(100) == 0) exchange(good, goodPeer);
        }
        assertTrue(parsed > FRAMES / 2, parsed + " parsed");
        assertEquals(0, h.count(Counter.HANDLER_EXCEPTIONS));
        assertEquals(0, h.count(Counter.DROP_INTERNAL_ERROR));
    }

    private void reconnect() {
        if (victimPeer != null) victimPeer.close();
        victim = h.guest(VICTIM_PORT, server.port);
        victim.lawless = true;
        victim.isn = random.nextInt();
        victim.open();
        victimPeer = acceptVictim();
    }

    /** Mutated ports and SYNs connect too: the last one that waits is the victim's. */
    private StreamPeer acceptVictim() {
        StreamPeer last = server.accept();
        for (StreamPeer next = server.tryAccept(); next != null; next = server.tryAccept()) {
            last.close();
            last = next;
        }
        return last;
    }

    private void feed() {
        try {
            victimPeer.trySend(new byte[1 + random.nextInt(3000)], 0);
        } catch (LinuxException reset) {
            assertTrue(reset.errno() == Errno.ECONNRESET || reset.errno() == Errno.EPIPE);
        }
    }

    private void drain() {
        try {
            victimPeer.tryRead(100_000);
        } catch (LinuxException reset) {
            assertEquals(Errno.ECONNRESET, reset.errno());
        }
    }

    /** What victim and strangers are told does not matter here. */
    private void forget() {
        while (victim.poll() != null) { }
        h.dropStrays();
    }

    private void exchange(Guest good, StreamPeer peer) {
        good.data("a question");
        peer.expect("a question");
        peer.send("the answer");
        h.advance(TcpHarness.MILLISECOND);
        int got = 0;
        while (good.poll() instanceof Segment s) got += s.data().length;
        assertEquals(10, got);
        good.expected += 10;
        good.ack();
        while (good.poll() != null) { }
    }

    private boolean send(byte[] bytes) {
        var frame = new GuestFrame().load(bytes);
        if (!frame.parse() || frame.packet().protocol() != IpProtocol.TCP
                || AddressCheck.check(frame.packet()) != DropReason.NONE) {
            return false;
        }
        int sourcePort = frame.packet().payloadLength() < 2 ? 0
                : (bytes[34] & 0xff) << 8 | bytes[35] & 0xff;
        if (sourcePort == GOOD_PORT) return false;
        if (random.nextInt(4) != 0) frame.frame().trusted(true);
        h.tcp.fromTap(frame.frame(), frame.packet(), h.nowNs);
        return true;
    }

    private byte[] mutation() {
        TcpConnection c = h.state(victim);
        int sequence = (c == null ? 0 : c.seqFromTap) + offset();
        int acknowledgment = (c == null ? 0 : c.seqToTap) + offset();
        int port = random.nextInt(5) == 0 ? random.nextInt(65536) : VICTIM_PORT;
        int remotePort = random.nextInt(10) == 0 ? random.nextInt(65536) : server.port;
        byte[] options = new byte[random.nextInt(3) == 0 ? 4 * random.nextInt(11) : 0];
        random.nextBytes(options);
        byte[] payload = new byte[random.nextInt(3) == 0 ? random.nextInt(3000) : 0];
        byte[] bytes = jpasst.testing.FrameBuilder.frame()
                .ip(TcpHarness.GUEST4, TcpHarness.HOST4)
                .tcp(port, remotePort, sequence, acknowledgment, flags(), random.nextInt(65536),
                        options).payload(payload).bytes();
        if (random.nextInt(4) == 0) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[34 + random.nextInt(bytes.length - 34)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return random.nextInt(20) == 0
                ? java.util.Arrays.copyOf(bytes, 14 + random.nextInt(bytes.length - 13)) : bytes;
    }

    private int offset() {
        return switch (random.nextInt(6)) {
            case 0 -> INTERESTING[random.nextInt(INTERESTING.length)];
            case 1 -> random.nextInt(5000) - 2500;
            case 2 -> random.nextInt(300_000);
            case 3 -> random.nextInt();
            default -> 0;
        };
    }

    private int flags() {
        int flags = random.nextInt(2) == 0 ? Segment.ACK : random.nextInt(256);
        // Mostly without RST, or nothing lives long.
        return random.nextInt(20) == 0 ? flags : flags & ~Segment.RST;
    }
}
