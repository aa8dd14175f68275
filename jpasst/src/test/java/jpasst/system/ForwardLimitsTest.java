// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be had: ports, rights, descriptors. It is said clearly, or borne quietly. */
@Order(Integer.MAX_VALUE - 83)
class ForwardLimitsTest {
    private static final int IN = 7600;
    private static final int OUT = 7700;
    private static final int CLIENTS = 300;
    /** Fewer are left than one connection takes: two sockets and two pipes. */
    private static final int FEW = 6;
    private static final String GREETING = "hello";

    private static Lab lab;

    @BeforeAll
    static void open() {
        lab = Lab.open();
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"-t,8080x,8080x", "-t,70000,70000", "-t,0,0", "-t,22-,22-", "-t,23-22,23-22",
        "-t,80-81:90,80-81:90", "-t,1.2.3/80,1.2.3/80", "-t,%interfacenametoolong/80,toolong/80",
        "-t,8080:224.0.0.1,224.0.0.1", "-u,nonsense,nonsense", "-u,~,~",
        "-T,127.0.0.1/8080,127.0.0.1/8080", "-T,%lo/8080,%lo/8080",
        "-U,8080:127.0.0.1,127.0.0.1"})
    void aBadPortSpecificationIsNamed(String option, String specification, String named) {
        var refused = lab.pasta("--config-net", option, specification).run("true");
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains(named), refused::toString);
    }

    @Test
    void rulesThatConflictAreNamed() {
        var refused = lab.pasta("--config-net", "-t", "8080-8090", "-t", "127.0.0.1/8085")
                .run("true");
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains("8080-8090"), refused::toString);
        assertTrue(refused.err().contains("8085"), refused::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t", "-u"})
    void aPortInUseOnTheHostIsNamed(String option) {
        try (var _ = new Witness(lab.host(), IN, "127.0.0.1")) {
            var refused = lab.pasta("--config-net", option, "" + IN).run("true");
            assertEquals(1, refused.exitCode(), refused::toString);
            assertTrue(refused.err().contains("" + IN), refused::toString);
            assertTrue(refused.err().contains("Address already in use"), refused::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t", "-u"})
    void aPrivilegedPortOnTheHostIsNamed(String option) {
        var refused = lab.pasta("--config-net", option, "81").run("true");
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains("81"), refused::toString);
        assertTrue(refused.err().contains("Permission denied"), refused::toString);
    }

    /** The namespace is ours, so its low ports are. */
    @Test
    void aPrivilegedPortInTheNamespaceIsFine() {
        try (var guest = lab.guest("-t", "none", "-u", "none", "-T", "82", "-U", "82");
                var _ = new Witness(lab.host(), 82, "127.0.0.1")) {
            var client = new Client(guest.inside());
            assertEquals(82, client.seenByTcp("127.0.0.1", 82).localPort());
            assertEquals(82, client.seenByUdp("127.0.0.1", 82).localPort());
        }
    }

    /** More ports than descriptors: refused where they were asked for by number. */
    @Test
    void morePortsThanDescriptorsAreRefused() {
        var refused = limited(256, "-t", "20000-21000").finish(Duration.ofSeconds(30));
        assertEquals(1, refused.exitCode(), refused::toString);
        assertTrue(refused.err().contains("Too many open files"), refused::toString);
    }

    /** A service starts with few descriptors, or says which it lacks. */
    @Test
    void sixtyFourDescriptorsAreEnoughOrRefused() {
        try (var pasta = limited(64, "-t", "" + IN, "-u", "none", "-T", "none", "-U", "none")) {
            Guest guest;
            try {
                guest = new Guest(pasta);
            } catch (AssertionError notStarted) {
                var said = pasta.finish();
                assertEquals(1, said.exitCode(), said::toString);
                assertTrue(said.err().contains("Too many open files"), said::toString);
                return;
            }
            exhaust(guest, 64, lab.host(), "127.0.0.1");
        }
    }

    /** Connections on each way hit the limit. The C original often takes a whole processor. */
    @ParameterizedTest
    @CsvSource({"host,127.0.0.1", "world," + Lab.HOST_V4, "guest,127.0.0.1",
        "guest," + Lab.SERVER_V4})
    void outOfDescriptorsItWaitsAndGoesOn(String from, String address) {
        try (var guest = lab.guest("-t", "" + IN, "-u", "" + IN, "-T", "" + OUT, "-U", "" + OUT)) {
            var clients = switch (from) {
                case "host" -> lab.host();
                case "world" -> lab.world();
                default -> guest.inside();
            };
            // As many as it has, and a few.
            int limit = guest.pasta().openDescriptors() + 10;
            // Its own user may lower it, a root without all rights may not.
            Tool.run("setpriv", "--reuid", Lab.USER, "--regid", Lab.USER, "--clear-groups",
                    "prlimit", "--pid", "" + guest.pasta().pid(), "--nofile=" + limit);
            exhaust(guest, limit, clients, address);
        }
    }

    /** Hundreds of clients come, stay a while, and leave; the next ones are served. */
    private static void exhaust(Guest guest, int limit, NetworkNamespace from,
            String address) {
        boolean inwards = from != guest.inside();
        int port = inwards ? IN : OUT;
        var to = inwards ? guest.inside() : address.startsWith("127") ? lab.host() : lab.world();
        try (var _ = new TcpServer(to, "::", port, ForwardLimitsTest::greet)) {
            assertTrue(isServed(from, address, port));
            var clients = from.call(() -> connectAll(address, port));
            Patience.until("descriptors used up", Duration.ofSeconds(10),
                    () -> guest.pasta().openDescriptors() >= limit - FEW);
            long before = guest.pasta().cpuTicks();
            Patience.pause(2000);
            long spent = guest.pasta().cpuTicks() - before;
            assertTrue(spent <= 80, "ticks in two seconds out of descriptors: " + spent);
            assertTrue(guest.pasta().isAlive());
            for (var client : clients)
                close(client);
            Patience.until("served again", Duration.ofSeconds(20),
                    () -> isServed(from, address, port));
        }
    }

    /** Greets, and stays until the client goes. */
    private static String greet(Socket connection) throws IOException {
        TcpServer.say(connection, GREETING);
        return "then came " + connection.getInputStream().read();
    }

    private static boolean isServed(NetworkNamespace from, String address, int port) {
        return from.call(() -> {
            try (var connection = new Client(from).connect(address, port)) {
                var heard = connection.getInputStream().readNBytes(GREETING.length());
                return new String(heard, StandardCharsets.US_ASCII).equals(GREETING);
            } catch (IOException notServed) {
                return false;
            }
        });
    }

    /** Connections on their way, without waiting for any; to be called in the namespace. */
    private static List<SocketChannel> connectAll(String address, int port) throws IOException {
        var clients = new ArrayList<SocketChannel>();
        for (int i = 0; i < CLIENTS; i++) {
            var client = SocketChannel.open();
            client.configureBlocking(false);
            client.connect(new InetSocketAddress(address, port));
            clients.add(client);
        }
        return clients;
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** pasta under a limit of open files which it cannot raise. */
    private static Running limited(int descriptors, String... options) {
        var all = new ArrayList<>(List.of("--config-net"));
        all.addAll(List.of(options));
        var pasta = lab.pasta(all.toArray(String[]::new));
        var line = new ArrayList<>(List.of("sh", "-c",
                "ulimit -n " + descriptors + "; exec \"$@\"", "sh"));
        line.addAll(pasta.withProgram(Guest.WAIT));
        return pasta.startInstead(line.toArray(String[]::new));
    }
}
