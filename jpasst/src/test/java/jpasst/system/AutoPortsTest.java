// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Ports that follow the servers on the other side, which pasta does for all four kinds unless told
 * otherwise. "Within two seconds" is asked of the middle one of three times, so that a machine busy
 * with other things does not fail the test.
 */
@Order(Integer.MAX_VALUE - 53)
class AutoPortsTest {
    private static final int PORT = 7300;
    private static final int ROUNDS = 3;
    private static final Duration PROMISED = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int UDP_SILENCE_MS = 300;

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @Test
    void serversInsideAreFollowedOutside() {
        try (var guest = lab.guest()) {
            follow(guest.inside(), new Client(lab.host()));
            try (var _ = servers(guest.inside(), PORT)) {
                for (var address : List.of("::1", "127.0.0.5"))
                    awaitOpen(new Client(lab.host()), address, PORT);
                for (var address : List.of(Lab.HOST_V4, Lab.HOST_V6))
                    awaitOpen(new Client(lab.world()), address, PORT);
            }
        }
    }

    @Test
    void serversOnTheHostAreFollowedInside() {
        try (var guest = lab.guest()) {
            follow(lab.host(), new Client(guest.inside()));
            try (var _ = servers(lab.host(), PORT)) {
                awaitOpen(new Client(guest.inside()), "::1", PORT);
                // Over UDP, a server on any address would answer from 127.0.0.1.
                awaitOpenTcp(new Client(guest.inside()), "127.0.0.5", PORT);
            }
        }
    }

    /** Programs like iperf3 talk UDP to the port which they listen on for TCP, unasked. */
    @Test
    void aTcpServersPortIsOpenForUdpToo() {
        try (var guest = lab.guest(); var _ = hello(guest.inside(), PORT)) {
            awaitOpenTcp(new Client(lab.host()), "127.0.0.1", PORT);
            Patience.until("UDP port of the TCP server", LIMIT,
                    () -> !listening(lab.host(), "u", PORT).isBlank());
        }
    }

    /** What listens on one side only stays closed on the other if that is excluded. */
    @Test
    void exclusionsHoldForAutomaticPorts() {
        try (var guest = lab.guest("-t", "auto,~" + (PORT + 1), "-u", "none");
                var _ = new TcpServer(guest.inside(), "::", PORT + 1, Witness::tell);
                var _ = hello(guest.inside(), PORT)) {
            awaitOpenTcp(new Client(lab.host()), "127.0.0.1", PORT);
            assertEquals("refused", new Client(lab.host()).tcp("127.0.0.1", PORT + 1));
        }
    }

    /** The port is taken on the host: no error, and the port follows when it is free. */
    @Test
    void aPortTakenOnTheHostIsHadWhenItIsFree() {
        var other = new TcpServer(lab.host(), "::", PORT, Witness::tell);
        try (other; var guest = lab.guest("-T", "none", "-U", "none");
                var _ = hello(guest.inside(), PORT)) {
            Patience.pause(1500);
            assertTrue(new Client(lab.host()).tcp("127.0.0.1", PORT).startsWith("127.0.0.1 "));
            other.close();
            awaitOpenTcp(new Client(lab.host()), "127.0.0.1", PORT);
        }
    }

    /**
     * Each sees the other's listening sockets as servers of the host. Each place has a port of its
     * own, since a UDP flow holds its port a while longer than its server.
     */
    @Test
    void twoPastasOnOneHostDoNotLoop() {
        try (var one = lab.guest(); var two = lab.guest()) {
            var everywhere = List.of(lab.host(), one.inside(), two.inside());
            for (int i = 0; i < everywhere.size(); i++) {
                int port = PORT + i;
                try (var _ = servers(everywhere.get(i), port)) {
                    for (var from : everywhere)
                        awaitOpen(new Client(from), "127.0.0.1", port);
                    assertQuiet(one, two);
                }
                Patience.until("released everywhere", LIMIT, () -> everywhere.stream()
                        .allMatch(place -> listening(place, "tu", port).isBlank()));
            }
            assertQuiet(one, two);
        }
    }

    /** A server comes and goes, thrice: the times until it is reached and until it is let go. */
    private static void follow(NetworkNamespace where, Client client) {
        var toOpen = new ArrayList<Duration>();
        var toClose = new ArrayList<Duration>();
        for (int i = 0; i < ROUNDS; i++) {
            try (var _ = servers(where, PORT)) {
                toOpen.add(awaitOpen(client, "127.0.0.1", PORT));
            }
            toClose.add(Patience.until("released", LIMIT, () ->
                    "refused".equals(client.tcp("127.0.0.1", PORT))
                    && "refused".equals(client.udp("127.0.0.1", PORT, UDP_SILENCE_MS))));
        }
        for (var times : List.of(toOpen, toClose)) {
            Collections.sort(times);
            assertTrue(times.get(ROUNDS / 2).compareTo(PROMISED) <= 0, times::toString);
        }
    }

    private static Duration awaitOpen(Client client, String address, int port) {
        var tcp = awaitOpenTcp(client, address, port);
        return tcp.plus(Patience.until("UDP to " + address, LIMIT,
                () -> "who am I?".equals(client.udp(address, port, UDP_SILENCE_MS))));
    }

    private static Duration awaitOpenTcp(Client client, String address, int port) {
        return Patience.until("TCP to " + address, LIMIT,
                () -> "hello".equals(client.tcp(address, port)));
    }

    /** An idle second costs each of them a fifth of a processor at most: nothing goes round. */
    private static void assertQuiet(Guest... guests) {
        for (var guest : guests) {
            long before = guest.pasta().cpuTicks();
            Patience.pause(1000);
            long spent = guest.pasta().cpuTicks() - before;
            assertTrue(spent <= 20, "ticks in a second: " + spent);
        }
    }

    /** The listening sockets on this port, of the kinds t and u. */
    private static String listening(NetworkNamespace where, String kinds, int port) {
        return where.run("ss", "-Hln" + kinds, "sport", "=", ":" + port);
    }

    private static TcpServer hello(NetworkNamespace where, int port) {
        return new TcpServer(where, "::", port, connection -> {
            TcpServer.say(connection, "hello");
            return "hello";
        });
    }

    private static Servers servers(NetworkNamespace where, int port) {
        return new Servers(hello(where, port), new UdpEcho(where, "::", port));
    }

    private record Servers(TcpServer tcp, UdpEcho udp) implements AutoCloseable {
        @Override
        public void close() {
            tcp.close();
            udp.close();
        }
    }
}
