// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How forwarded TCP connections live and end, on each way: spliced inwards and outwards, and
 * inwards through the tap. One pasta serves all tests of the class.
 */
@Order(Integer.MAX_VALUE - 54)
class ForwardedStreamsTest {
    private static final int IN = 7100;
    private static final int OUT = 7200;
    private static final int MIB = 1 << 20;

    private static Lab lab;
    private static Guest guest;

    /** From where, to which address and port. Servers on the other side have that port too. */
    enum Way {
        SPLICED_IN_V4("127.0.0.1", IN), SPLICED_IN_V6("::1", IN),
        SPLICED_OUT_V4("127.0.0.1", OUT), SPLICED_OUT_V6("::1", OUT),
        TAP_IN_V4(Lab.HOST_V4, IN), TAP_IN_V6(Lab.HOST_V6, IN);

        private final String address;
        private final int port;

        Way(String address, int port) {
            this.address = address;
            this.port = port;
        }

        NetworkNamespace clients() {
            if (name().startsWith("TAP")) return lab.world();
            return port == IN ? lab.host() : guest.inside();
        }

        NetworkNamespace servers() {
            return port == IN ? guest.inside() : lab.host();
        }

        /** What tcp.py in the client's place says. */
        String client(String action, Object... arguments) {
            var all = new Object[arguments.length + 3];
            all[0] = action;
            all[1] = address;
            all[2] = port;
            System.arraycopy(arguments, 0, all, 3, arguments.length);
            return clients().run(lab.python("tcp.py", all)).strip();
        }

        TcpServer server(TcpServer.Service service) {
            return new TcpServer(servers(), "::", port, service);
        }
    }

    @BeforeAll
    static void open() {
        lab = Lab.open();
        guest = lab.guest("-t", IN + "-" + (IN + 1), "-u", "none",
                "-T", OUT + "-" + (OUT + 1), "-U", "none");
    }

    @AfterAll
    static void close() {
        guest.close();
        lab.close();
    }

    /** Our listening socket has accepted already when we learn that nobody is there. */
    @ParameterizedTest
    @EnumSource
    void aRefusalOnTheOtherSideIsSeenAsReset(Way way) {
        var said = way.client("attempt");
        assertTrue(said.matches("(connected\n)?ECONNRESET"), said);
    }

    @ParameterizedTest
    @EnumSource
    void aResetByTheServerIsSeenAsReset(Way way) {
        try (var _ = way.server(ForwardedStreamsTest::resetAfterFirstBytes)) {
            assertEquals("connected\nECONNRESET", way.client("attempt"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetByTheClientIsSeenAsReset(Way way) {
        try (var talker = way.server(connection -> {
            connection.getInputStream().read(new byte[100]);
            TcpServer.say(connection, "hello back");
            return "end of stream: " + connection.getInputStream().read();
        })) {
            assertEquals("heard hello back", way.client("reset"));
            assertEquals("Connection reset", talker.report());
        }
    }

    /** The C original resets a spliced connection now and then, with the last data in it. */
    @ParameterizedTest
    @EnumSource
    void dataStillComesAfterTheClientClosedItsHalf(Way way) {
        try (var sender = way.server(connection -> {
            if (connection.getInputStream().read() != -1) return "no end of stream";
            return TcpServer.sendContent(connection, 16 * MIB);
        })) {
            var received = way.client("get-after-close");
            assertEquals("received " + sender.report(), received);
        }
    }

    /** The same, and the same of the C original. */
    @ParameterizedTest
    @EnumSource
    void dataStillGoesAfterTheServerClosedItsHalf(Way way) {
        try (var receiver = way.server(connection -> {
            TcpServer.say(connection, "your turn\n");
            connection.shutdownOutput();
            return TcpServer.digestOf(connection.getInputStream());
        })) {
            var sent = way.client("put-after-close", 16 * MIB);
            assertEquals("greeting your turn\nsent " + receiver.report(), sent);
        }
    }

    /** A client which does not read for 2 s: no byte is lost, and others go on. */
    @ParameterizedTest
    @EnumSource
    void aClientThatStopsReadingDisturbsNobody(Way way) {
        try (var content = way.server(TcpServer.content(32 * MIB));
                var _ = new TcpServer(way.servers(), "::", way.port + 1, TcpServer::echo)) {
            var said = way.clients().run("sh", "-c",
                    "python3 $0 get $1 $2 1000000 2 & python3 $0 probe $1 $3 2; wait",
                    lab.copyOf("tcp.py").toString(), way.address, "" + way.port,
                    "" + (way.port + 1)).strip();
            TcpTest.assertProbed(said.lines().findFirst().orElse(""), 50);
            assertTrue(said.endsWith("received " + content.report()), said);
        }
    }

    private static String resetAfterFirstBytes(Socket connection) throws IOException {
        connection.getInputStream().read(new byte[100]);
        connection.setSoLinger(true, 0);
        return "reset";
    }
}
