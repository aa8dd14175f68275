// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import static jpasst.tcp.TcpHarness.MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

import jpasst.addr.IpAddress;
import jpasst.metrics.Counter;
import jpasst.testing.NetworkSandbox;
import jpasst.testing.StreamPeer;
import org.junit.jupiter.api.Test;

/**
 * Whole transfers both ways between a model of a guest's TCP and a real socket, while the tap
 * between loses, doubles and reorders: everything arrives, connections end, nothing is left.
 */
class LossyTapTest {
    private static final int MAX_ROUNDS = 60_000;
    private static final long MEMORY = TcpSettings.DEFAULT_BUFFER_BYTES;

    /** What the tap does to frames, in thousandths. */
    private record Weather(int loss, int doubling, int delay, int refusal) {
    }

    private static final Weather FINE = new Weather(0, 0, 0, 0);

    @Property(tries = 80, shrinking = ShrinkingMode.OFF)
    void everythingArrivesBothWays(@ForAll long seed, @ForAll @IntRange(max = 200) int loss,
            @ForAll @IntRange(max = 100) int doubling, @ForAll @IntRange(max = 300) int delay,
            @ForAll @IntRange(max = 100) int refusal, @ForAll boolean offset,
            @ForAll boolean v6, @ForAll boolean inbound) throws Exception {
        var weather = new Weather(loss, doubling, delay, refusal);
        NetworkSandbox.inside(() -> transfer(seed, weather, offset, v6, inbound, MEMORY));
    }

    @Property(tries = 10, shrinking = ShrinkingMode.OFF)
    void everythingArrivesInFineWeather(@ForAll long seed, @ForAll boolean offset,
            @ForAll boolean v6, @ForAll boolean inbound) throws Exception {
        NetworkSandbox.inside(() -> transfer(seed, FINE, offset, v6, inbound,
                MEMORY));
    }

    /** What finds no place in the one chunk there is was never accepted, nor what follows it. */
    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void everythingArrivesWithLittleMemory(@ForAll long seed, @ForAll @IntRange(max = 50) int loss,
            @ForAll boolean inbound) throws Exception {
        var weather = new Weather(loss, 0, 50, 0);
        NetworkSandbox.inside(() ->
                transfer(seed, weather, true, false, inbound, ChunkPool.CHUNK_BYTES));
    }

    /** A run in which islands took the one chunk, and the bytes before them found no place. */
    @Test
    void whatCameAheadDoesNotStandInTheWayOfWhatIsDue() throws Exception {
        var weather = new Weather(14, 0, 50, 0);
        NetworkSandbox.inside(() ->
                transfer(8055, weather, true, false, false, ChunkPool.CHUNK_BYTES));
    }

    private static void transfer(long seed, Weather weather, boolean offset, boolean v6,
            boolean inbound, long memory) {
        var d = TcpSettings.defaults(65520);
        var settings = new TcpSettings(d.mtu(), d.synRetries(), d.synLinearTimeouts(),
                d.maxRetransmitTimeoutNs(), offset, memory);
        try (var h = new TcpHarness(settings)) {
            new Run(h, new Random(seed), weather, v6, inbound).run();
            if (weather.equals(FINE)) assertEquals(0, h.count(Counter.TCP_RETRANSMITS_TO_TAP));
            h.assertNothingLeft();
        }
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(150_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** One connection's life. */
    private static final class Run {
        private final TcpHarness h;
        private final Random random;
        private final Weather weather;
        private final byte[] toPeer;
        private final byte[] toGuest;
        private final Guest guest;
        private final StreamPeer peer;
        private final ModelGuest model;
        private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        private final List<Segment> late = new ArrayList<>();
        private final List<byte[]> lateOut = new ArrayList<>();
        private int peerSent;
        private boolean peerShut;
        private boolean peerEnd;

        Run(TcpHarness h, Random random, Weather weather, boolean v6, boolean inbound) {
            this.h = h;
            this.random = random;
            this.weather = weather;
            toPeer = bytes(random);
            toGuest = bytes(random);
            int buffer = random.nextBoolean() ? 4096 : 0;
            int isn = random.nextInt();
            // Sizes that make the model's window scale count.
            int window = 8_000 + random.nextInt(120_000);
            Consumer<Guest> preparation = guest -> {
                guest.isn = isn;
                guest.window = window >> guest.scale;
            };
            var c = inbound ? inbound(v6, buffer, preparation) : outbound(v6, buffer, preparation);
            guest = c.guest();
            peer = c.peer();
            // A peer that is taken for a far one: its acknowledgements are waited for.
            if (random.nextBoolean()) h.state(guest).clear(TcpConnection.NEAR);
            model = new ModelGuest(h, guest, toPeer, window, random);
            model.segmentLoss = weather.loss() / 4;
        }

        private TcpHarness.Connection outbound(boolean v6, int buffer,
                Consumer<Guest> preparation) {
            var server = new TcpHarness.Server(h,
                    v6 ? IpAddress.LOOPBACK_V6 : IpAddress.LOOPBACK_V4, buffer);
            Guest guest = v6
                    ? new Guest(h, TcpHarness.GUEST6, 40000, TcpHarness.HOST6, server.port)
                    : h.guest(40000, server.port);
            preparation.accept(guest);
            return new TcpHarness.Connection(guest.open(), server.accept());
        }

        private TcpHarness.Connection inbound(boolean v6, int buffer,
                Consumer<Guest> preparation) {
            String loopback = v6 ? "::1" : "127.0.0.1";
            h.inbound().receiveBuffer = buffer;
            return h.inbound().client(loopback, 0, loopback).connect(preparation);
        }

        void run() {
            h.settleNs = 0;
            int rounds = 0;
            while (!model.isDone() || !peerEnd) {
                assertTrue(rounds++ < MAX_ROUNDS, () -> "stuck: " + model + ", peer sent "
                        + peerSent + " of " + toGuest.length + ", got " + arrived.size() + " "
                        + (h.state(guest) == null ? "gone" : h.state(guest).eventNames()));
                h.tap.refuse(happens(weather.refusal()));
                peerActs();
                towardsGuest();
                towardsUs(model.act());
                h.advance((random.nextInt(8) == 0 ? 20 : 1) * MILLISECOND);
                if (model.reset) break;
            }
            h.tap.refuse(false);
            finish();
        }

        /** What is on its way may still arrive; a repeated FIN may meet a connection gone. */
        private void finish() {
            long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
            while (!peerEnd && System.nanoTime() < limit) peerActs();
            assertArrayEquals(toPeer, arrived.toByteArray());
            model.assertReceived(toGuest);
            assertTrue(model.finReceived, "the guest was reset before the end");
            assertTrue(peerEnd, "the peer saw no end");
            int rounds = 0;
            while (h.table.activeCount() > 0) {
                assertTrue(rounds++ < MAX_ROUNDS, () -> "does not end: "
                        + h.state(guest).eventNames());
                while (guest.poll() instanceof Segment s) model.take(s);
                model.act().forEach(guest::send);
                h.advance(10 * MILLISECOND);
            }
        }

        private void peerActs() {
            if (peerSent < toGuest.length && random.nextInt(3) != 0) {
                peerSent += peer.trySend(toGuest, peerSent);
            } else if (peerSent == toGuest.length && !peerShut) {
                peer.shutdown();
                peerShut = true;
            }
            if (peerEnd || random.nextInt(3) == 0) return;
            byte[] part = peer.tryRead(1 + random.nextInt(20_000));
            if (part == null) peerEnd = true;
            else arrived.writeBytes(part);
        }

        private void towardsGuest() {
            var now = new ArrayList<>(late);
            late.clear();
            while (guest.poll() instanceof Segment s) {
                if (happens(weather.loss())) continue;
                (happens(weather.delay()) ? late : now).add(s);
                if (happens(weather.doubling())) now.add(s);
            }
            now.forEach(model::take);
        }

        private void towardsUs(List<byte[]> frames) {
            var now = new ArrayList<byte[]>();
            for (byte[] frame : frames) {
                if (happens(weather.loss())) continue;
                (happens(weather.delay()) ? lateOut : now).add(frame);
                if (happens(weather.doubling())) now.add(frame);
            }
            if (random.nextInt(3) == 0) {
                now.addAll(lateOut);
                lateOut.clear();
            }
            h.fromTap(now.toArray(byte[][]::new));
        }

        private boolean happens(int thousandths) {
            return random.nextInt(1000) < thousandths;
        }
    }
}
