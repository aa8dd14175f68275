// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.loop.EventType;
import jpasst.metrics.Counter;
import jpasst.testing.InSandbox;
import jpasst.testing.Limits;
import jpasst.testing.OpenFiles;
import jpasst.testing.StreamPeer;

@ExtendWith(InSandbox.class)
class SpliceFlowsTest {
    private static final int MEBIBYTE = 1 << 20;
    private static final int LARGE_BUFFER = 32 * MEBIBYTE;

    /** What one peer sends and the other receives, a piece at a time. */
    private static final class Transfer {
        final StreamPeer from;
        final StreamPeer to;
        final byte[] content;
        final byte[] received;
        int sent;
        int got;

        Transfer(StreamPeer from, StreamPeer to, int bytes, int seed) {
            this.from = from;
            this.to = to;
            content = new byte[bytes];
            received = new byte[bytes];
            new Random(seed).nextBytes(content);
        }

        void send() {
            if (sent < content.length) sent += Errno.check("send", from.trySend(content, sent));
        }

        void receive(int most) {
            if (got == content.length) return;
            int n = to.receive(received, got, Math.min(most, content.length - got));
            if (n != -Errno.EAGAIN) got += Errno.check("recv", n);
        }

        boolean isDone() {
            return got == content.length;
        }

        void check() throws Exception {
            assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(content),
                    MessageDigest.getInstance("SHA-256").digest(received));
        }
    }

    private static void run(SpliceHarness h, Transfer... transfers) throws Exception {
        long limit = System.nanoTime() + 2 * SpliceHarness.PATIENCE_NS;
        boolean done = false;
        while (!done) {
            done = true;
            for (var t : transfers) {
                t.send();
                h.round();
                t.receive(MEBIBYTE);
                done &= t.isDone();
            }
            assertTrue(System.nanoTime() < limit, "transfer stands still");
        }
        for (var t : transfers) t.check();
    }

    @Test
    void passesDataBothWaysAndHoldsNoPipeWhenIdle() {
        try (var h = new SpliceHarness()) {
            int before = OpenFiles.count("socket:");
            var c = h.connect();
            c.client().send("hello");
            c.server().expect("hello");
            c.server().send("world");
            c.client().expect("world");
            h.expectNoPipeTaken();
            assertEquals(before + 4, OpenFiles.count("socket:"), "ours are two");
            assertEquals(10, h.count(Counter.TCP_SPLICED_BYTES));
            assertEquals(1, h.pipes.count());
        }
    }

    @Test
    void connectsToHostAndOverIpv6() {
        try (var h = new SpliceHarness()) {
            h.targetPif = Pif.HOST;
            h.target = IpAddress.LOOPBACK_V6;
            int listener = h.listen(h.target);
            h.targetPort = h.port(listener);
            h.other = (family, type) -> -Errno.EACCES;
            var c = h.connect(listener);
            c.client().send("hello");
            c.server().expect("hello");
            Files.close(listener);
        }
    }

    @Test
    void contentIsTheSameBothWaysAtOnce() throws Exception {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            run(h, new Transfer(c.client(), c.server(), 32 * MEBIBYTE, 1),
                    new Transfer(c.server(), c.client(), 32 * MEBIBYTE + 17, 2));
            h.expectNoPipeTaken();
        }
    }

    @Test
    void passesOnWhatCameBeforeTheConnection() {
        try (var h = new SpliceHarness()) {
            var client = h.client();
            client.trySend("early".getBytes(), 0);
            Sockets.shutdown(client.fd, Sockets.SHUT_WR);
            h.open();
            h.serve();
            var server = h.server(h.back);
            server.expect("early");
            server.expectEnd();
            server.send("reply");
            client.expect("reply");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneDirectionEndsWithoutTheOther(boolean clientFirst) {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            StreamPeer first = clientFirst ? c.client() : c.server();
            StreamPeer second = clientFirst ? c.server() : c.client();
            first.send("last words").shutdown();
            second.expect("last words");
            second.expectEnd();
            second.send("still").send(" there");
            first.expect("still there");
            assertEquals(1, h.table.activeCount());
            second.shutdown();
            first.expectEnd();
            assertEquals(0, h.table.activeCount());
            assertEquals(0, h.count(Counter.TCP_SPLICED_RESETS));
        }
    }

    /** The sender's socket has hung up, both ways, long before its data is through. */
    @Test
    void deliversToASlowReceiverWhatCameBeforeTheEnd() throws Exception {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            c.client().shutdown();
            c.server().expectEnd();
            var t = new Transfer(c.server(), c.client(), 6 * MEBIBYTE, 3);
            while (t.sent < t.content.length) {
                int before = t.sent;
                t.send();
                h.round();
                if (t.sent == before) t.receive(MEBIBYTE / 8);
            }
            c.server().hangUp();
            while (!t.isDone()) {
                t.receive(MEBIBYTE / 8);
                h.round();
            }
            t.check();
            c.client().expectEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResetReachesTheOtherSideAsOne(boolean fromClient) {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            c.client().send("some data");
            (fromClient ? c.client() : c.server()).reset();
            if (fromClient) c.server().expect("some data");
            (fromClient ? c.server() : c.client()).expectReset();
            assertEquals(0, h.table.activeCount());
            assertEquals(1, h.count(Counter.TCP_SPLICED_RESETS));
        }
    }

    /** Data is in the pipe at that time, which then is of no use any more. */
    @Test
    void aResetBehindAStalledReceiverTakesThePipeWithIt() {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            stall(h, c.client());
            assertEquals(1, h.pipes.takenCount());
            c.client().reset();
            assertEquals(0, h.table.activeCount());
            assertEquals(0, h.pipes.count());
        }
    }

    /** Sends until nothing goes any more; how much that was. */
    private static long stall(SpliceHarness h, StreamPeer sender) {
        byte[] bytes = new byte[MEBIBYTE];
        long sent = 0;
        int idle = 0;
        while (idle < 3) {
            int n = Errno.check("send", sender.trySend(bytes, 0));
            h.serve();
            sent += n;
            idle = n == 0 ? idle + 1 : 0;
            assertTrue(sent < 100L * MEBIBYTE, "no end of buffers");
        }
        return sent;
    }

    @Test
    void aRefusalReachesTheClientAsReset() {
        try (var h = new SpliceHarness()) {
            Files.close(h.listen(IpAddress.LOOPBACK_V4));
            int gone = h.listen(IpAddress.LOOPBACK_V4);
            h.targetPort = h.port(gone);
            Files.close(gone);
            var client = h.client();
            assertTrue(h.open() != null, "a refusal is an event");
            client.expectReset();
            assertEquals(0, h.table.activeCount());
        }
    }

    @Test
    void anAddressThatCannotBeReachedIsRefusedAtOnce() {
        try (var h = new SpliceHarness()) {
            h.target = IpAddress.parse("192.0.2.1");
            var client = h.client();
            assertNull(h.open());
            client.expectReset();
            assertEquals(1, h.count(Counter.DROP_NO_SOCKET));
            assertEquals(0, h.loggedLike("WARNING"), "nothing is wrong with us");
        }
    }

    @Test
    void aClientThatGivesUpBeforeTheConnectionEndsIt() {
        try (var h = new SpliceHarness()) {
            var client = h.client();
            h.open();
            client.reset();
            assertEquals(0, h.table.activeCount());
            h.server(h.back).expectReset();
        }
    }

    @Test
    void aStalledReceiverStopsItsSenderAndNobodyElse() throws Exception {
        try (var h = new SpliceHarness()) {
            var stalled = h.connect();
            long sent = stall(h, stalled.client());
            assertEquals(1, h.pipes.takenCount());
            long events = h.loop.eventCount(EventType.TCP_SPLICE);
            for (int i = 0; i < 100; i++) h.round();
            assertEquals(events, h.loop.eventCount(EventType.TCP_SPLICE), "rounds cost nothing");
            var c = h.connect();
            run(h, new Transfer(c.client(), c.server(), 4 * MEBIBYTE, 4));
            stalled.server().send("the other way is open");
            stalled.client().expect("the other way is open");
            byte[] rest = new byte[MEBIBYTE];
            for (long got = 0; got < sent;) {
                int n = stalled.server().receive(rest, 0, MEBIBYTE);
                if (n > 0) got += n;
                else assertEquals(-Errno.EAGAIN, n);
                h.round();
            }
            h.serve();
            h.expectNoPipeTaken();
            stalled.client().send("again");
            stalled.server().expect("again");
        }
    }

    @Test
    void whatComesForAFullReceiverWakesNobody() {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            // Small enough for some of them to come though nothing is read.
            byte[] piece = new byte[1000];
            long sent = 0;
            while (!c.state().is(SpliceConnection.OUT_WAIT, 1)) {
                sent += c.client().trySend(piece, 0);
                h.serve();
            }
            long events = h.loop.eventCount(EventType.TCP_SPLICE);
            for (int i = 0; i < 10; i++) {
                sent += c.client().trySend(piece, 0);
                h.round();
            }
            assertEquals(events, h.loop.eventCount(EventType.TCP_SPLICE));
            byte[] all = new byte[MEBIBYTE];
            for (long got = 0; got < sent;) {
                int n = c.server().receive(all, 0, all.length);
                if (n > 0) got += n;
                h.serve();
            }
        }
    }

    @Test
    void aBusyConnectionLeavesOthersTheirTurn() {
        try (var h = new SpliceHarness()) {
            enlargeBuffers(h);
            var busy = h.connect();
            var other = h.connect();
            byte[] bytes = new byte[MEBIBYTE];
            setBuffer(busy.client().fd, Sockets.SO_SNDBUFFORCE, LARGE_BUFFER);
            long sent = 0;
            for (int i = 0; i < 16; i++) sent += busy.client().trySend(bytes, 0);
            long first = Relay.EVENT_BYTES + Relay.TURN_BYTES;
            assertTrue(sent > first + MEBIBYTE, "only " + sent + " bytes");
            other.client().trySend("my turn".getBytes(), 0);
            h.round();
            assertTrue(h.flows.moreToForward());
            assertTrue(h.count(Counter.TCP_SPLICED_BYTES) <= first + MEBIBYTE + 7);
            assertEquals(7, other.server().receive(new byte[7], 0, 7));
            h.serve();
            assertEquals(sent + 7, h.count(Counter.TCP_SPLICED_BYTES));
        }
    }

    @Test
    void bulkTransfersTakeTurnsAndSmallMessagesPassThemAll() {
        try (var h = new SpliceHarness()) {
            enlargeBuffers(h);
            var one = h.connect();
            var two = h.connect();
            var small = h.connect();
            byte[] bytes = new byte[MEBIBYTE];
            setBuffer(one.client().fd, Sockets.SO_SNDBUFFORCE, LARGE_BUFFER);
            setBuffer(two.client().fd, Sockets.SO_SNDBUFFORCE, LARGE_BUFFER);
            long sent = 0;
            for (int i = 0; i < 20; i++) {
                sent += one.client().trySend(bytes, 0) + two.client().trySend(bytes, 0);
            }
            h.round();
            assertTrue(one.state().is(SpliceConnection.QUEUED));
            assertTrue(two.state().is(SpliceConnection.QUEUED));
            long moved = h.count(Counter.TCP_SPLICED_BYTES);
            small.client().trySend("passing".getBytes(), 0);
            two.server().trySend("answer".getBytes(), 0);
            h.round();
            assertEquals(7, small.server().receive(new byte[7], 0, 7));
            assertEquals(6, two.client().receive(new byte[6], 0, 6));
            assertTrue(h.flows.moreToForward());
            assertTrue(h.count(Counter.TCP_SPLICED_BYTES) - moved
                    <= Relay.TURN_BYTES + Relay.EVENT_BYTES + 2 * MEBIBYTE);
            h.serve();
            assertEquals(sent + 7 + 6, h.count(Counter.TCP_SPLICED_BYTES));
        }
    }

    /** So much that a connection has more to move than one turn allows. */
    private static void enlargeBuffers(SpliceHarness h) {
        setBuffer(h.front, Sockets.SO_RCVBUFFORCE, LARGE_BUFFER);
        setBuffer(h.back, Sockets.SO_RCVBUFFORCE, LARGE_BUFFER);
        var plain = h.other;
        h.other = (family, type) -> {
            int fd = plain.take(family, type);
            setBuffer(fd, Sockets.SO_SNDBUFFORCE, LARGE_BUFFER);
            return fd;
        };
    }

    private static void setBuffer(int fd, int option, int bytes) {
        Errno.check("setsockopt", Sockets.setInt(fd, Sockets.SOL_SOCKET, option, bytes));
    }

    @Test
    void manyConnectionsHaveTwoDescriptorsEach() {
        try (var h = new SpliceHarness()) {
            int many = 1000;
            int before = OpenFiles.count();
            var all = new SpliceHarness.Connection[many];
            for (int i = 0; i < many; i++) all[i] = h.connect();
            for (int i = 0; i < many; i++) all[i].client().trySend(("to " + i).getBytes(), 0);
            h.serve();
            for (int i = 0; i < many; i++) all[i].server().expect("to " + i);
            for (int i = 0; i < many; i++) all[i].server().trySend(("from " + i).getBytes(), 0);
            h.serve();
            for (int i = 0; i < many; i++) all[i].client().expect("from " + i);
            assertEquals(before + 4 * many + 2, OpenFiles.count(), "ours, theirs, one pipe");
            for (var c : all) {
                c.client().close();
                c.server().close();
            }
            h.serve();
            assertEquals(0, h.table.activeCount());
            assertEquals(before + 2, OpenFiles.count());
        }
    }

    @Test
    void copiesWhenNoPipeIsToBeHad() throws Exception {
        try (var h = new SpliceHarness(1)) {
            Pipe only = h.pipes.take();
            var c = h.connect();
            run(h, new Transfer(c.client(), c.server(), 8 * MEBIBYTE, 5),
                    new Transfer(c.server(), c.client(), 8 * MEBIBYTE, 6));
            c.client().shutdown();
            c.server().expectEnd();
            assertEquals(1, h.pipes.count());
            h.pipes.giveBack(only);
        }
    }

    /** Two sockets and no pipe: what the kernel says to that, it says where it cannot splice. */
    @Test
    void copiesWhatCannotBeSpliced() throws Exception {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            int socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0);
            Pipe real = h.pipes.take();
            h.pipes.giveBack(new Pipe(real.readEnd, socket, real.bytes(), 4096));
            run(h, new Transfer(c.client(), c.server(), 4 * MEBIBYTE, 7),
                    new Transfer(c.server(), c.client(), 4 * MEBIBYTE, 8));
            assertTrue(c.state().is(SpliceConnection.COPYING, 0));
            assertTrue(c.state().is(SpliceConnection.COPYING, 1));
            Files.close(real.writeEnd);
        }
    }

    @Test
    void urgentDataIsPassedOnInLine() {
        try (var h = new SpliceHarness()) {
            var c = h.connect();
            c.client().send("before ");
            var scratch = h.arena.allocateFrom("!");
            assertEquals(1, Sockets.send(c.client().fd, scratch, 0, 1, Sockets.MSG_OOB));
            h.serve();
            c.client().send(" after").shutdown();
            c.server().expect("before ! after");
            c.server().expectEnd();
            c.server().send("reply").shutdown();
            c.client().expect("reply");
            assertEquals(0, h.table.activeCount());
        }
    }

    @Test
    void withoutDescriptorsRefusesAndRecovers() throws Exception {
        try (var h = new SpliceHarness()) {
            var before = h.connect();
            var clients = new StreamPeer[20];
            h.other = (family, type) -> -Errno.EMFILE;
            for (int i = 0; i < clients.length; i++) {
                clients[i] = h.client();
                assertNull(h.open());
                clients[i].expectReset();
            }
            assertEquals(5, h.loggedLike("cannot open a socket: Too many open files (raise"));
            assertEquals(20, h.count(Counter.DROP_NO_SOCKET));
            Limits.lowerDescriptors();
            try {
                before.client().send("no pipe, but copied");
                before.server().expect("no pipe, but copied");
                assertEquals(0, h.pipes.count());
            } finally {
                Limits.raiseDescriptors();
            }
            h.other = (family, type) -> Sockets.socket(family,
                    type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
            var after = h.connect();
            after.client().send("as before");
            after.server().expect("as before");
        }
    }
}
