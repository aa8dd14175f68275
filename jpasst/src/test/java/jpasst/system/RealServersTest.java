// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The servers people run, as pasta's command: a web server and socat, reached from the host's
 * loopback and from beyond. Then many connections, and datagrams of all sizes, at once.
 */
@Order(Integer.MAX_VALUE - 55)
class RealServersTest {
    private static final int FILE_BYTES = 2_000_000;
    private static final int ECHO = 7007;
    private static final int UDP_ECHO = 7008;

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
    void aWebServerIsReachedFromEverywhere() throws IOException {
        var file = Files.createDirectory(lab.directory().resolve("web")).resolve("file");
        var content = new byte[FILE_BYTES];
        new Random(1).nextBytes(content);
        Files.write(file, content);
        try (var pasta = lab.pasta("--config-net", "-t", "8080:8000").start("sh", "-c",
                "nginx -p $0 -e stderr -c $1 & until socat -u /dev/null TCP:127.0.0.1:8000; "
                + "do sleep 0.1; done; echo serving; wait", lab.directory().toString(),
                lab.copyOf("nginx.conf").toString())) {
            pasta.awaitLine("serving"::equals);
            var fetched = lab.directory().resolve("fetched");
            for (var url : urls(8080)) {
                url.where().run("curl", "-sS", "-m", "20", "-o", fetched.toString(),
                        "http://" + url.text() + "/file");
                assertEquals(-1, Files.mismatch(file, fetched), url::toString);
            }
        }
    }

    @Test
    void socatIsReachedFromEverywhere() {
        try (var pasta = lab.pasta("--config-net", "-t", ECHO + "", "-u", UDP_ECHO + "")
                .start("sh", "-c", "socat TCP6-LISTEN:" + ECHO
                        + ",ipv6-v6only=0,fork,reuseaddr EXEC:'echo hello' & "
                        + "socat -T 2 UDP6-RECVFROM:" + UDP_ECHO + ",ipv6-v6only=0,fork EXEC:cat & "
                        + "echo started; wait")) {
            pasta.awaitLine("started"::equals);
            for (var url : urls(ECHO)) {
                Patience.until("TCP of socat", Duration.ofSeconds(10), () -> "hello\n".equals(
                        new Client(url.where()).tcp(url.address(), ECHO)));
                Patience.until("UDP of socat", Duration.ofSeconds(10), () -> "who am I?".equals(
                        new Client(url.where()).udp(url.address(), UDP_ECHO, 500)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"beyond," + Lab.HOST_V4, "beyond," + Lab.HOST_V6, "host,127.0.0.1", "host,::1"})
    void fiveHundredConnectionsAtOnceKeepTheirContentsApart(String from, String target) {
        try (var guest = guest(); var _ = new TcpServer(guest.inside(), "::", ECHO,
                TcpServer::echo)) {
            assertEquals("open 500\nchecked 500",
                    client(from, "tcp.py", "many", target, ECHO, 500, 50_000));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "::1"})
    void fiveHundredConnectionsOutwardsAtOnceKeepTheirContentsApart(String target) {
        try (var guest = guest("-T", "" + ECHO); var _ = new TcpServer(lab.host(), "::", ECHO,
                TcpServer::echo)) {
            assertEquals("open 500\nchecked 500", run(guest.inside(),
                    lab.python("tcp.py", "many", target, ECHO, 500, 50_000)));
        }
    }

    @ParameterizedTest
    @CsvSource({"beyond," + Lab.HOST_V4, "beyond," + Lab.HOST_V6, "host,127.0.0.1", "host,::1"})
    void datagramsOfAnySizePassUnchanged(String from, String target) {
        try (var guest = guest(); var _ = new UdpEcho(guest.inside(), "::", UDP_ECHO)) {
            assertEquals("0 ok\n1 ok\n17 ok\n512 ok\n1472 ok\n1473 ok\n9000 ok\n65000 ok",
                    client(from, "udp.py", "sizes", target, UDP_ECHO, 0, 1, 17, 512, 1472, 1473,
                            9000, 65000));
        }
    }

    @ParameterizedTest
    @CsvSource({"beyond," + Lab.HOST_V4, "beyond," + Lab.HOST_V6, "host,127.0.0.1", "host,::1"})
    void fiveHundredDatagramClientsAreKeptApart(String from, String target) {
        try (var guest = guest(); var echo = new UdpEcho(guest.inside(), "::", UDP_ECHO)) {
            assertEquals("missing 0", client(from, "udp.py", "ports", target, UDP_ECHO, 500));
            assertEquals(500, echo.clients().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "::1"})
    void datagramsOutwardsOfAnySizeFromManyClients(String target) {
        try (var guest = guest("-U", "" + UDP_ECHO);
                var echo = new UdpEcho(lab.host(), "::", UDP_ECHO)) {
            assertEquals("0 ok\n1472 ok\n65000 ok", run(guest.inside(),
                    lab.python("udp.py", "sizes", target, UDP_ECHO, 0, 1472, 65000)));
            assertEquals("missing 0", run(guest.inside(),
                    lab.python("udp.py", "ports", target, UDP_ECHO, 500)));
            assertEquals(501, echo.clients().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"beyond," + Lab.HOST_V4, "host,127.0.0.1"})
    void aBurstStaysInOrder(String from, String target) {
        try (var guest = guest(); var _ = new UdpEcho(guest.inside(), "::", UDP_ECHO)) {
            var said = client(from, "udp.py", "burst", target, UDP_ECHO, 1000, 1000).split(" ", 3);
            assertEquals("in order", said[2]);
            assertTrue(Integer.parseInt(said[1]) > 800, said[1] + " of 1000 returned");
        }
    }

    /** Where a guest's port is to be found: from which namespace, under which address. */
    private record Url(NetworkNamespace where, String address, int port) {
        String text() {
            return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
        }
    }

    private static Iterable<Url> urls(int port) {
        var host = new String[] {"127.0.0.1", "127.0.0.5", "::1", Lab.HOST_V4, Lab.HOST_V6};
        var world = new String[] {Lab.HOST_V4, Lab.HOST_V6};
        return IntStream.range(0, host.length + world.length).mapToObj(i -> i < host.length
                ? new Url(lab.host(), host[i], port)
                : new Url(lab.world(), world[i - host.length], port)).toList();
    }

    private static Guest guest(String... options) {
        var all = new String[options.length + 4];
        System.arraycopy(new String[] {"-t", "" + ECHO, "-u", "" + UDP_ECHO}, 0, all, 0, 4);
        System.arraycopy(options, 0, all, 4, options.length);
        if (options.length > 0) {
            all[1] = "none";
            all[3] = "none";
        }
        return lab.guest(all);
    }

    private static String client(String from, String script, Object... arguments) {
        return run(from.equals("host") ? lab.host() : lab.world(),
                lab.python(script, arguments));
    }

    private static String run(NetworkNamespace where, String... command) {
        return where.run(command).strip();
    }
}
