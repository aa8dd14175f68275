// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static jpasst.testing.FlowHarness.HOST4;
import static jpasst.testing.FrameBuilder.frame;
import static jpasst.udp.UdpHarness.GUEST_PORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import jpasst.flow.Pif;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.testing.FlowHarness;
import jpasst.testing.InSandbox;

/**
 * Random peers, the guest and a spliced server write to each other while time passes; a naive
 * model says who gets what, and which flows there are.
 */
@ExtendWith(InSandbox.class)
class UdpRandomPeersTest {
    private static final int TO_GUEST = 5304, TO_SERVER = 5305;
    private static final int STEPS = 600, PEERS = 12;

    private final Random random = new Random();
    private final List<Server> peers = new ArrayList<>();
    private final Map<Integer, Queue<byte[]>> forGuest = new HashMap<>();
    private final Map<Server, Queue<byte[]>> forPeer = new HashMap<>();
    private final Map<Integer, Queue<byte[]>> forServer = new HashMap<>();
    /** By forwarded port and peer. */
    private final Map<String, ModelFlow> flows = new HashMap<>();
    private int seconds;

    private static final class ModelFlow {
        int lastUse;
        int fromPeer;
        int fromTarget;

        boolean isExpired(int seconds) {
            boolean stream = fromTarget > 0 && (fromTarget > 1 || fromPeer > 1);
            return seconds - lastUse > (stream ? 120 : 30);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void agreesWithTheModel(long seed) throws Exception {
        random.setSeed(seed);
        try (var h = new UdpHarness(); var server = new Server("127.0.0.1")) {
            for (int fd : new int[] {h.listen(Pif.HOST, "*", TO_GUEST),
                    h.listen(Pif.HOST, "127.0.0.1", TO_SERVER)}) {
                Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, 8 << 20);
            }
            h.chooser.splice(TO_SERVER, server.port());
            for (int i = 0; i < PEERS; i++) {
                peers.add(new Server("127.0.0.1"));
                forPeer.put(peers.get(i), new ArrayDeque<>());
                forGuest.put(peers.get(i).port(), new ArrayDeque<>());
                forServer.put(peers.get(i).port(), new ArrayDeque<>());
            }
            for (int i = 0; i < STEPS; i++) {
                step(h, server, peers.get(random.nextInt(PEERS)));
            }
            settle(h, server);
            for (var peer : peers) {
                peer.close();
            }
        }
    }

    private void step(UdpHarness h, Server server, Server peer) throws Exception {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> burst(peer, TO_GUEST, forGuest.get(peer.port()));
            case 3, 4 -> burst(peer, TO_SERVER, forServer.get(peer.port()));
            case 5 -> {
                settle(h, server);
                guestWrites(h, peer);
            }
            case 6 -> settle(h, server);
            default -> {
                settle(h, server);
                pass(h, random.nextInt(25));
            }
        }
    }

    private void burst(Server peer, int port, Queue<byte[]> expected) throws Exception {
        peer.to("127.0.0.1", port);
        int count = 1 + random.nextInt(10);
        for (int i = 0; i < count; i++) {
            byte[] data = data();
            peer.answer(data);
            expected.add(data);
        }
        var flow = flows.computeIfAbsent(port + " " + peer.port(), name -> new ModelFlow());
        flow.fromPeer += count;
        flow.lastUse = seconds;
    }

    private byte[] data() {
        var data = new byte[random.nextInt(4) == 0 ? random.nextInt(1500) : 100];
        random.nextBytes(data);
        return data;
    }

    private void guestWrites(UdpHarness h, Server peer) throws Exception {
        var flow = flows.get(TO_GUEST + " " + peer.port());
        if (flow == null) {
            return;
        }
        byte[] data = data();
        h.guestSends(frame().ipv4(FlowHarness.GUEST4, HOST4).udp(GUEST_PORT, peer.port())
                .payload(data));
        forPeer.get(peer).add(data);
        flow.fromTarget++;
        flow.lastUse = seconds;
    }

    /** All that is under way arrives, and nothing else. */
    private void settle(UdpHarness h, Server server) throws Exception {
        while (h.base.loop.serve(2_000_000, h.base.nowNs())) {
            assertEquals(0, h.base.count(Counter.DROP_NO_SOCKET));
        }
        while (h.base.tap.waiting() > 0) {
            var received = h.base.tap.take();
            byte[] bytes = received.bytes();
            int from = (bytes[34] & 0xff) << 8 | bytes[35] & 0xff;
            int each = received.gsoSize() > 0 ? received.gsoSize() : bytes.length;
            for (int at = 42; at < bytes.length || at == 42; at += each) {
                assertArrayEquals(forGuest.get(from).poll(),
                        Arrays.copyOfRange(bytes, at, Math.min(at + each, bytes.length)));
            }
        }
        for (var queue : forGuest.values()) {
            assertEquals(0, queue.size(), "missing at the guest");
        }
        int waiting = forServer.values().stream().mapToInt(Queue::size).sum();
        for (int i = 0; i < waiting; i++) {
            byte[] data = server.receive();
            assertArrayEquals(forServer.get(server.peer.getPort()).poll(), data);
        }
        assertNull(server.receiveNow());
        for (var peer : peers) {
            for (byte[] data : forPeer.get(peer)) {
                assertArrayEquals(data, peer.receive());
                assertEquals(TO_GUEST, peer.peer.getPort());
            }
            forPeer.get(peer).clear();
            assertNull(peer.receiveNow());
        }
        assertEquals(flows.size(), h.base.table.activeCount());
    }

    private void pass(UdpHarness h, int time) {
        seconds += time;
        h.base.advance(time);
        h.base.advance(0);
        if (time >= 1) {
            flows.values().removeIf(flow -> flow.isExpired(seconds));
        }
        assertEquals(flows.size(), h.base.table.activeCount());
    }
}
