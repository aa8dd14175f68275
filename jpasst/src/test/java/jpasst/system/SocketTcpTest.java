// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.dontFragment;
import static jpasst.testing.Checks.ipv4;
import static jpasst.testing.Checks.ipv6;
import static jpasst.testing.Checks.source;
import static jpasst.testing.Checks.target;
import static jpasst.testing.Checks.tcp;
import static jpasst.testing.Checks.ttl;
import static jpasst.testing.FrameBuilder.ACK;
import static jpasst.testing.FrameBuilder.FIN;
import static jpasst.testing.FrameBuilder.PSH;
import static jpasst.testing.FrameBuilder.RST;
import static jpasst.testing.FrameBuilder.SYN;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP over the socket, segment by segment: every checksum is right, none is too long. */
@Order(Integer.MAX_VALUE - 47)
class SocketTcpTest {
    private static final int IN = 7300;
    private static final int SEGMENT = 1460;

    private static Lab lab;
    private static Passt passt;
    private static SocketGuest guest;
    /** The guest's: another one each time, so that no test meets what another one left. */
    private final int port = 20_000 + (int) (System.nanoTime() / 1000 % 40_000);

    @BeforeAll
    static void open() {
        lab = Lab.open();
        passt = Passt.start(lab, "tcp", "-t", "" + IN);
        guest = SocketGuest.connect(lab, passt.socket());
    }

    @AfterAll
    static void close() {
        guest.close();
        passt.close();
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void aClosedPortIsRefused(String mine, String server) {
        var tcp = new ScriptedTcp(guest, mine, port, server, 9);
        tcp.segment(ScriptedTcp.ISN, 0, SYN);
        var reset = tcp.awaitFlags("RST+ACK", RST | ACK);
        assertEquals(ScriptedTcp.ISN + 1, reset.acknowledgment());
        assertWellFormed(reset, mine, server);
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void segmentsOfNoConnectionAreReset(String mine, String server) {
        var tcp = new ScriptedTcp(guest, mine, port, server, 80);
        tcp.segment(5000, 777, ACK);
        var reset = tcp.awaitFlags("RST", RST);
        assertEquals(777, reset.sequence());
        assertWellFormed(reset, mine, server);
        guest.send(frame().ip(mine, server).tcp(port, 80, 5000, 0, PSH, 512).payload("hello")
                .bytes());
        reset = tcp.awaitFlags("RST+ACK", RST | ACK);
        assertEquals(0, reset.sequence());
        assertEquals(5005, reset.acknowledgment());
        assertWellFormed(reset, mine, server);
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void aConversationFromBeginningToEnd(String mine, String server) {
        try (var echo = new TcpServer(lab.world(), server, TcpServer::echo)) {
            var tcp = new ScriptedTcp(guest, mine, port, server, echo.port());
            var accepted = tcp.open();
            assertWellFormed(accepted, mine, server);
            assertEquals(ScriptedTcp.ISN + 1, accepted.acknowledgment());
            assertNotEquals(-1, accepted.tcpOption(2), "maximum segment size");
            assertNotEquals(-1, accepted.tcpOption(3), "window scale");

            tcp.data("hello");
            var back = tcp.receive();
            assertWellFormed(back, mine, server);
            assertEquals(tcp.sequence(), back.acknowledgment());
            assertEquals("hello", text(back.tcpPayload()));
            assertTrue(back.hasFlag(PSH));
            tcp.acknowledge();

            tcp.flags(FIN | ACK);
            // The server's turn to close comes by this one.
            tcp.awaitFin();
            tcp.acknowledge();
            assertTrue(echo.report().startsWith("5 "));
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void aGapIsAnnouncedAndFilled(String mine, String server) {
        try (var echo = new TcpServer(lab.world(), server, TcpServer::echo)) {
            var tcp = new ScriptedTcp(guest, mine, port, server, echo.port());
            tcp.open();
            int start = tcp.sequence();
            tcp.data(start + 5, "world");
            tcp.awaitAcknowledgment(start);
            tcp.data("hello");
            assertEquals("hello", text(tcp.receive(5)).substring(0, 5));
            tcp.data(start + 5, "world");
            tcp.awaitAcknowledgment(start + 10);
            tcp.segment(start + 10, 0, RST);
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void dataComesInSegmentsOfTheGuestsSize(String mine, String server) {
        try (var source = new TcpServer(lab.world(), server, connection -> {
            TcpServer.say(connection, "x".repeat(20_000));
            return "" + connection.getInputStream().read();
        })) {
            var tcp = new ScriptedTcp(guest, mine, port, server, source.port());
            tcp.open();
            int received = 0;
            while (received < 20_000) {
                var segment = tcp.receive();
                assertWellFormed(segment, mine, server);
                int length = segment.tcpPayload().length;
                assertTrue(length <= SEGMENT, "segment of " + length + " bytes");
                received += length;
            }
            tcp.acknowledge();
            tcp.flags(FIN | ACK);
            tcp.awaitFin();
            tcp.acknowledge();
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void whatIsNotAcknowledgedComesAgain(String mine, String server) {
        try (var source = new TcpServer(lab.world(), server, connection -> {
            TcpServer.say(connection, "again and again");
            return "" + connection.getInputStream().read();
        })) {
            var tcp = new ScriptedTcp(guest, mine, port, server, source.port());
            tcp.open();
            var first = tcp.receive();
            var again = tcp.poll(Duration.ofSeconds(5));
            assertNotNull(again);
            assertEquals(first.sequence(), again.sequence());
            assertEquals("again and again", text(again.tcpPayload()));
            tcp.flags(RST | ACK);
            assertTrue(source.report().matches("-1|Connection reset( by peer)?"));
        }
    }

    @ParameterizedTest
    @CsvSource({Lab.HOST_V4 + "," + Lab.SERVER_V4, Lab.HOST_V6 + "," + Lab.SERVER_V6})
    void aForwardedPortOpensAConnection(String mine, String client) {
        var said = CompletableFuture.supplyAsync(
                () -> new Client(lab.world(), client).tcp(mine, IN));
        var syn = guest.await("SYN", p -> p.isTo(Packet.TCP, IN) && p.tcpFlags() == SYN);
        assertWellFormed(syn, mine, client);
        assertNotEquals(-1, syn.tcpOption(2), "maximum segment size");
        // Again, as nobody answers.
        assertNotNull(guest.poll(Duration.ofSeconds(5),
                p -> p.isTo(Packet.TCP, IN) && p.hasFlag(SYN)));

        var tcp = new ScriptedTcp(guest, mine, IN, client, syn.sourcePort());
        tcp.accept(syn);
        tcp.awaitFlags("ACK", ACK);
        tcp.data("hello from the guest");
        tcp.awaitAcknowledgment(tcp.sequence());
        tcp.flags(FIN | ACK);
        assertEquals("hello from the guest", said.join());
        tcp.awaitFin();
        tcp.acknowledge();
    }

    private static void assertWellFormed(Packet packet, String mine, String server) {
        assertTrue(packet.frame().length >= 60, "frame of " + packet.frame().length);
        if (mine.contains(":")) assertFrame(packet.frame(), ipv6(source(server), target(mine),
                ttl(255), tcp()));
        else assertFrame(packet.frame(), ipv4(source(server), target(mine), ttl(255),
                dontFragment(), tcp()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
