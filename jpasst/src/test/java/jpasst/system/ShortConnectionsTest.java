// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Twenty thousand short connections in, and as many out: what is left of them is nothing. */
@Order(Integer.MAX_VALUE - 2)
class ShortConnectionsTest {
    private static final int IN = 7400;
    private static final int OUT = 7500;
    private static final int THREADS = 4;
    private static final int WARM_UP = 1000;
    private static final int COUNT = 10_000;
    /** A call into a namespace does so many, so that it ends within its limit of time. */
    private static final int PIECE = 2000;
    /** Stocks of ready sockets may grow (the C original's: by 96), and no more. */
    private static final int STOCK = 128;
    /** A leak of less than 1 KiB for each connection would be more. */
    private static final int GROWTH_KIB = 32 << 10;

    private static final String[] LOOPBACK = {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"};
    private static final String[] WORLD = {Lab.SERVER_V4, Lab.GATEWAY_V4};
    private static final String[] GUEST = {Lab.HOST_V4};

    private static Lab lab;
    private static Guest guest;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        guest = lab.guest("-t", "" + IN, "-u", "none", "-T", "" + OUT, "-U", "none");
    }

    @AfterAll
    static void close() {
        guest.close();
        lab.close();
    }

    @Test
    void inwards() {
        try (var _ = new TcpServer(guest.inside(), "::", IN, ShortConnectionsTest::repeat)) {
            assertNothingLeft(count -> {
                talk(lab.host(), LOOPBACK, "127.0.0.1", IN, count);
                talk(lab.world(), WORLD, Lab.HOST_V4, IN, count);
            });
        }
    }

    @Test
    void outwards() {
        try (var _ = new TcpServer(lab.host(), "127.0.0.1", OUT, ShortConnectionsTest::repeat);
                var _ = new TcpServer(lab.world(), Lab.SERVER_V4, OUT,
                        ShortConnectionsTest::repeat)) {
            assertNothingLeft(count -> {
                talk(guest.inside(), LOOPBACK, "127.0.0.1", OUT, count);
                talk(guest.inside(), GUEST, Lab.SERVER_V4, OUT, count);
            });
        }
    }

    /** Connections on two ways, of each so many. */
    private interface Talk {
        void connections(int count);
    }

    private static void assertNothingLeft(Talk talk) {
        talk.connections(WARM_UP);
        int descriptors = guest.pasta().openDescriptors();
        long memory = guest.pasta().residentKib();
        talk.connections(COUNT);
        Patience.until("descriptors of connections that ended are closed",
                Duration.ofSeconds(10),
                () -> guest.pasta().openDescriptors() <= descriptors + STOCK);
        long growth = guest.pasta().residentKib() - memory;
        assertTrue(growth < GROWTH_KIB, "KiB more than before: " + growth);
    }

    /** So many connections, several at once, from each of these addresses. */
    private static void talk(NetworkNamespace where, String[] sources, String target, int port,
            int count) {
        for (int done = 0; done < count; done += PIECE) {
            int piece = Math.min(PIECE, count - done) / THREADS;
            where.call(() -> {
                // Started here, threads are in the namespace.
                try (var threads = Executors.newFixedThreadPool(THREADS)) {
                    for (var talker : IntStream.range(0, THREADS).mapToObj(i -> submit(threads,
                            new Client(where, sources[i % sources.length]), target, port, piece))
                            .toList())
                        join(talker);
                }
                return null;
            });
        }
    }

    private static Future<?> submit(ExecutorService threads, Client client, String target,
            int port, int count) {
        return threads.submit(() -> {
            for (int i = 0; i < count; i++) {
                try (var connection = client.connect(target, port)) {
                    var said = "connection " + i;
                    TcpServer.say(connection, said);
                    connection.shutdownOutput();
                    var heard = new String(connection.getInputStream().readAllBytes(),
                            StandardCharsets.UTF_8);
                    if (!heard.equals(said)) throw new AssertionError(said + ": " + heard);
                }
            }
            return null;
        });
    }

    private static void join(Future<?> talker) throws InterruptedException {
        try {
            talker.get();
        } catch (ExecutionException failure) {
            throw new AssertionError(failure.getCause());
        }
    }

    /** Reads to the end and sends the same back. */
    private static String repeat(Socket connection) throws IOException {
        var heard = connection.getInputStream().readNBytes(100);
        connection.getOutputStream().write(heard);
        return "";
    }
}
