// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.ACK;
import static jpasst.testing.FrameBuilder.FIN;
import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Clients of passt's socket come and go; sockets are found, left and taken over. */
@Order(Integer.MAX_VALUE - 46)
class SocketLifeTest {
    private static final String BOUND = "UNIX domain socket bound at ";

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
    void onlyOneClientAtATimeIsServed() {
        try (var passt = Passt.start(lab, "single");
                var first = SocketGuest.connect(lab, passt.socket())) {
            assertServed(first);
            try (var second = SocketGuest.connectAtOnce(passt.socket())) {
                assertTrue(second.isClosedByPasst());
            }
            assertServed(first);
        }
    }

    @Test
    void aClientMayLeaveAndComeBack() {
        try (var passt = Passt.start(lab, "again")) {
            for (int i = 0; i < 20; i++) {
                try (var guest = SocketGuest.connect(lab, passt.socket())) {
                    assertServed(guest);
                }
            }
        }
    }

    /** The connection is the guest's, not the client's: who comes next may go on with it. */
    @Test
    void connectionsSurviveTheirClient() {
        try (var echo = new TcpServer(lab.world(), Lab.SERVER_V4, TcpServer::echo);
                var passt = Passt.start(lab, "survivor")) {
            ScriptedTcp before;
            try (var guest = SocketGuest.connect(lab, passt.socket())) {
                before = new ScriptedTcp(guest, Lab.HOST_V4, 7400, Lab.SERVER_V4, echo.port());
                before.open();
                before.data("hello");
                before.receive();
                before.acknowledge();
                assertServed(guest);
            }
            try (var guest = SocketGuest.connect(lab, passt.socket())) {
                var after = before.movedTo(guest);
                after.data("again");
                assertEquals("again", new String(after.receive().tcpPayload()));
                after.flags(FIN | ACK);
                after.awaitFin();
                after.acknowledge();
            }
            assertTrue(echo.report().startsWith("10 "));
        }
    }

    @Test
    void oneOffEndsWithItsClient() {
        try (var passt = Passt.start(lab, "one-off", "-1")) {
            try (var guest = SocketGuest.connect(lab, passt.socket())) {
                assertServed(guest);
            }
            assertEquals(0, passt.process().finish().exitCode());
        }
    }

    @Test
    void aDescriptorGivenIsAClientAtOnce() {
        var socket = lab.directory().resolve("given");
        try (var passt = Passt.serve(lab, socket)) {
            try (var guest = SocketGuest.connectAtOnce(socket)) {
                assertServed(guest);
                assertTrue(lab.host().run("ss", "-Hxlnp").lines()
                        .filter(l -> l.contains("LISTEN"))
                        .noneMatch(l -> l.contains("pid=" + passt.pid() + ",")));
            }
            assertEquals(0, passt.finish().exitCode());
        }
    }

    /** As soon as the socket listens, whatever passt has still to do by then. */
    @RepeatedTest(3)
    void whoConnectsEarlyIsServedToo(RepetitionInfo repetition) {
        var socket = lab.directory().resolve("early-" + repetition.getCurrentRepetition());
        try (var _ = lab.passt("-f", "-s", socket.toString()).start()) {
            var early = new SocketGuest[1];
            Patience.until("connection", SocketGuest.PATIENCE,
                    () -> (early[0] = SocketGuest.tryToConnect(socket)) != null);
            try (var guest = early[0]) {
                assertServed(guest);
            }
        }
    }

    /** One that nobody listens on any more; its name is free again. */
    @Test
    void aStaleSocketIsReplaced() {
        var before = Passt.start(lab, "stale");
        before.process().signal("KILL");
        Patience.until("end", SocketGuest.PATIENCE, () -> !before.process().isAlive());
        assertTrue(Files.exists(before.socket()));
        Tool.run("rm", before.socket() + ".pid");
        try (var passt = Passt.start(lab, "stale");
                var guest = SocketGuest.connect(lab, passt.socket())) {
            assertServed(guest);
        }
    }

    /** Where we may not connect, we cannot know that nobody listens: it stays. */
    @Test
    void anotherUsersSocketIsLeftAlone() throws IOException {
        var path = lab.directory().resolve("another's");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            var refused = lab.passt("-f", "-s", path.toString()).run();
            assertEquals(1, refused.exitCode());
            assertTrue(refused.err().contains("already in use"), refused::err);
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
        }
    }

    /** Those, too, that came with the client's end, which ends passt. */
    @Test
    void aCaptureHoldsTheLastFrames() {
        var file = lab.directory().resolve("last.pcap").toString();
        try (var passt = Passt.start(lab, "last", "-1", "-p", file)) {
            try (var guest = SocketGuest.connect(lab, passt.socket())) {
                assertServed(guest);
                passt.process().signal("STOP");
                for (int i = 0; i < 20; i++) ask(guest);
            }
            passt.process().signal("CONT");
            assertEquals(0, passt.process().finish().exitCode());
        }
        assertEquals(21, Tool.run("sh", "-c",
                "tshark -r \"$0\" -Y 'eth.src == 52:54:00:12:34:56' 2>/dev/null", file).lines()
                .count());
    }

    /** In the background, too, one may connect as soon as the command has returned. */
    @Test
    void theBackgroundServesWhenTheForegroundHasEnded() throws IOException {
        var socket = lab.directory().resolve("background");
        var file = lab.directory().resolve("background.pid");
        lab.passt("-s", socket.toString(), "-P", file.toString()).run().ok();
        var pid = Long.parseLong(Files.readString(file).strip());
        try (var guest = SocketGuest.connectAtOnce(socket)) {
            assertServed(guest);
        } finally {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** /tmp/passt_1.socket and so on, on this machine: some may be others'. */
    @Test
    void withoutANameEachFindsOneOfItsOwn() {
        var found = new ArrayList<Path>();
        try (var one = lab.passt("-f").start(); var two = startAfter(one, found);
                var three = startAfter(two, found)) {
            found.add(boundAt(three));
            assertNotEquals(found.get(0), found.get(1));
            for (var socket : found)
                assertTrue(socket.toString().matches("/tmp/passt_[0-9]+\\.socket"), "" + socket);
            try (var guest = SocketGuest.connect(lab, found.get(1))) {
                assertServed(guest);
            }
            two.signal("KILL");
            Patience.until("end", SocketGuest.PATIENCE, () -> !two.isAlive());
            try (var again = lab.passt("-f").start()) {
                assertEquals(found.get(1), boundAt(again), "a stale one is taken over");
            }
        } finally {
            found.forEach(socket -> Tool.run("rm", "-f", socket.toString()));
        }
    }

    private static Running startAfter(Running before, List<Path> found) {
        found.add(boundAt(before));
        return lab.passt("-f").start();
    }

    private static Path boundAt(Running passt) {
        var line = passt.awaitError(l -> l.contains(BOUND));
        return Path.of(line.substring(line.indexOf(BOUND) + BOUND.length()));
    }

    private static void ask(SocketGuest guest) {
        guest.send(frame().ethernet(GUEST_MAC, 0xffff_ffff_ffffL)
                .arp(1, GUEST_MAC, Lab.HOST_V4, 0, "192.0.2.77").bytes());
    }

    private static void assertServed(SocketGuest guest) {
        ask(guest);
        // Not passt's own request.
        guest.await("answer", p -> p.isArp() && p.frame()[21] == 2);
    }
}
