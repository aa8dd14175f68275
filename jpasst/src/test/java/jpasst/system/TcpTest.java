// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP from the guest: beginnings, ends, half ends, many at once, and readers that stop. */
@Order(Integer.MAX_VALUE - 60)
class TcpTest {
    private static final long MIB = 1 << 20;

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
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void aRefusedPortIsSeenAsRefused(String server) {
        assertEquals("ECONNREFUSED", guest("attempt", server, 9));
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void aResetByThePeerIsSeenAsReset(String server) {
        try (var resetter = new TcpServer(lab.world(), server, TcpTest::resetAfterFirstBytes)) {
            assertEquals("connected\nECONNRESET", guest("attempt", server, resetter.port()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void aResetByTheGuestIsSeenAsReset(String server) {
        try (var talker = new TcpServer(lab.world(), server, connection -> {
            connection.getInputStream().read(new byte[100]);
            TcpServer.say(connection, "hello back");
            return "end of stream: " + connection.getInputStream().read();
        })) {
            assertEquals("heard hello back", guest("reset", server, talker.port()));
            assertEquals("Connection reset", talker.report());
        }
    }

    @Test
    void anUnreachableNetworkIsSeenAsAnError() {
        lab.host().run("ip", "route", "add", "unreachable", "198.51.100.0/24");
        try {
            var said = guest("attempt", "198.51.100.7", 80);
            assertTrue(said.matches("ECONNREFUSED|EHOSTUNREACH|ENETUNREACH"), said);
        } finally {
            lab.host().run("ip", "route", "del", "unreachable", "198.51.100.0/24");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void dataStillComesDownAfterTheGuestClosedItsHalf(String server) {
        try (var sender = new TcpServer(lab.world(), server, connection -> {
            if (connection.getInputStream().read() != -1) return "no end of stream";
            return TcpServer.sendContent(connection, 32 * MIB);
        })) {
            var received = guest("get-after-close", server, sender.port());
            assertEquals("received " + sender.report(), received);
        }
    }

    /** Where the C original may take a minute, in one retransmission time-out after another. */
    @ParameterizedTest
    @ValueSource(strings = {Lab.SERVER_V4, Lab.SERVER_V6})
    void dataStillGoesUpAfterThePeerClosedItsHalf(String server) {
        try (var receiver = new TcpServer(lab.world(), server, connection -> {
            TcpServer.say(connection, "your turn\n");
            connection.shutdownOutput();
            return TcpServer.digestOf(connection.getInputStream());
        })) {
            var sent = guest("put-after-close", server, receiver.port(), 32 * MIB);
            assertEquals("greeting your turn\nsent " + receiver.report(), sent);
        }
    }

    /** As on the host, where the kernel goes on sending for a process that is gone. */
    @Test
    void whatACommandSentArrivesThoughItEndsAtOnce() {
        try (var receiver = new TcpServer(lab.world(), Lab.SERVER_V4, connection -> {
            connection.setReceiveBufferSize(1 << 16);
            pause(1);
            return TcpServer.digestOf(connection.getInputStream());
        })) {
            var sent = guest("put-and-go", Lab.SERVER_V4, receiver.port(), 3 * MIB);
            assertEquals("sent " + receiver.report(), sent);
        }
    }

    @Test
    void fiveHundredConnectionsAtOnceKeepTheirContentsApart() {
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo)) {
            assertEquals("open 500\nchecked 500",
                    guest("many", Lab.SERVER_V4, echo.port(), 500, 50_000));
        }
    }

    /** A guest which does not read for 5 s: no byte is lost, and other connections go on. */
    @Test
    void aGuestThatStopsReadingDisturbsNobody() {
        try (var content = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer.content(64 * MIB));
                var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo)) {
            var said = guestScript("$0 $1 get $2 " + content.port() + " 1000000 5 &\n"
                    + "$0 $1 probe $2 " + echo.port() + " 4; wait");
            assertProbed(said.lines().findFirst().orElse(""), 100);
            assertTrue(said.endsWith("received " + content.report()), said);
        }
    }

    /** The same the other way round: the peer does not read for 5 s. */
    @Test
    void aPeerThatStopsReadingDisturbsNobody() {
        try (var slow = new TcpServer(lab.world(), Lab.SERVER_V4, connection -> {
            pause(5);
            return TcpServer.digest(connection);
        }); var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo)) {
            var said = guestScript("$0 $1 put $2 " + slow.port() + " " + 64 * MIB + " &\n"
                    + "$0 $1 probe $2 " + echo.port() + " 4; wait");
            var seen = slow.report();
            assertProbed(said.lines().findFirst().orElse(""), 100);
            assertTrue(said.endsWith("sent " + seen + "\npeer " + seen), said);
        }
    }

    @Test
    void descriptorsDoNotGrowWithConnectionsThatEnded() throws InterruptedException {
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo);
                var pasta = lab.pasta("--config-net").start("sh", "-c",
                        "$0 $1 short $2 $3 200 && read go && $0 $1 short $2 $3 5000"
                        + " && read go", "python3", lab.copyOf("tcp.py").toString(),
                        Lab.SERVER_V4, "" + echo.port())) {
            pasta.awaitLine("done 200");
            int before = pasta.openDescriptors();
            pasta.type("go");
            pasta.awaitLine("done 5000");
            // Descriptors of ended connections are closed within a second.
            Thread.sleep(1500);
            int after = pasta.openDescriptors();
            pasta.type("go");
            // A stock of ready sockets may grow meanwhile (the C original's: by 96), and no more.
            assertTrue(after <= before + 128, before + " descriptors before, " + after + " after");
            pasta.finish().ok();
        }
    }

    private static String guest(String action, Object... arguments) {
        var all = new Object[arguments.length + 1];
        all[0] = action;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return lab.pasta("--config-net").run(lab.python("tcp.py", all)).ok();
    }

    /** A shell script in the guest; $0 and $1 call the TCP client, $2 is the server's address. */
    private static String guestScript(String script) {
        return lab.pasta("--config-net").run("sh", "-c", script, "python3",
                lab.copyOf("tcp.py").toString(), Lab.SERVER_V4).ok();
    }

    /** Expects "probed COUNT WORST-MS" with enough round trips, none slower than a second. */
    static void assertProbed(String line, int atLeast) {
        var words = line.split(" ");
        assertEquals("probed", words[0], line);
        assertTrue(Integer.parseInt(words[1]) >= atLeast, line);
        assertTrue(Double.parseDouble(words[2]) < 1000, line);
    }

    private static String resetAfterFirstBytes(Socket connection) throws IOException {
        connection.getInputStream().read(new byte[100]);
        connection.setSoLinger(true, 0);
        return "reset";
    }

    private static void pause(int seconds) {
        try {
            new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
