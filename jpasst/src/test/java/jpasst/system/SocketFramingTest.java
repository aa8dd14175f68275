// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import jpasst.testing.FrameBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames on a stream: however cut, with whatever length, passt takes them or ends the client. */
@Order(Integer.MAX_VALUE - 49)
class SocketFramingTest {
    private static final int LONGEST = 65535;
    private static final byte[] BROADCAST_ASK = ask("192.0.2.77");

    private static Lab lab;
    private static Passt passt;

    @BeforeAll
    static void open() {
        lab = Lab.open();
        passt = Passt.start(lab, "framing");
    }

    @AfterAll
    static void close() {
        passt.close();
        lab.close();
    }

    /** Whatever a test did, the next client is served. */
    @AfterEach
    void theNextClientIsServed() {
        assertTrue(passt.process().isAlive(), passt.process()::errors);
        try (var guest = connect()) {
            assertAnswers(guest, "192.0.2.78");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void aLengthThatNoFrameHasEndsTheClient(int length) {
        try (var guest = connect()) {
            guest.write(ByteBuffer.allocate(4).putInt(length).array());
            assertTrue(guest.isClosedByPasst());
        }
    }

    @Test
    void aFrameMayComeByteByByte() throws InterruptedException {
        try (var guest = connect()) {
            for (byte b : SocketGuest.framed(BROADCAST_ASK)) {
                guest.write(new byte[] {b});
                Thread.sleep(2);
            }
            guest.await("answer", p -> isAnswer(p, "192.0.2.77"));
            assertAnswers(guest, "192.0.2.79");
        }
    }

    @Test
    void manyFramesMayComeAtOnce() {
        try (var guest = connect()) {
            var all = new ByteArrayOutputStream();
            for (int i = 100; i < 200; i++)
                all.writeBytes(SocketGuest.framed(ask("192.0.2." + i)));
            guest.write(all.toByteArray());
            for (int i = 100; i < 200; i++) {
                var address = "192.0.2." + i;
                guest.await("answer for " + address, p -> isAnswer(p, address));
            }
        }
    }

    /** Pieces of 7 bytes, and of nearly three frames: no border is where a frame ends. */
    @ParameterizedTest
    @ValueSource(ints = {7, 45, 130})
    void framesMayBeCutAnywhere(int piece) {
        try (var guest = connect()) {
            var all = new ByteArrayOutputStream();
            for (int i = 100; i < 150; i++)
                all.writeBytes(SocketGuest.framed(ask("192.0.2." + i)));
            var bytes = all.toByteArray();
            for (int at = 0; at < bytes.length; at += piece)
                guest.write(Arrays.copyOfRange(bytes, at, Math.min(at + piece, bytes.length)));
            for (int i = 100; i < 150; i++) {
                var address = "192.0.2." + i;
                guest.await("answer for " + address, p -> isAnswer(p, address));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 59, LONGEST})
    void framesOfAnyAllowedLengthAreTaken(int length) {
        try (var guest = connect()) {
            for (var etherType : new int[] {Packet.IPV4, Packet.IPV6, Packet.ARP, 0x1234}) {
                var head = frame().etherType(etherType).bytes();
                guest.send(Arrays.copyOf(head, length));
            }
            assertAnswers(guest, "192.0.2.80");
        }
    }

    @Test
    void whatAClientBeganIsForgottenWithIt() {
        try (var guest = connect()) {
            guest.write(Arrays.copyOf(SocketGuest.framed(BROADCAST_ASK), 20));
        }
        try (var guest = connect()) {
            assertAnswers(guest, "192.0.2.81");
        }
    }

    /**
     * What it does not fetch is not kept for it for ever, and the next one is served: not by the C
     * original, which takes the end of the last client's broken frame for the next one's first.
     */
    @Test
    void aClientThatNeverReadsHarmsNobody() throws IOException {
        try (var other = Passt.start(lab, "deaf")) {
            long before = other.process().residentKib();
            try (var guest = SocketGuest.connectDeaf(lab, other.socket())) {
                writeForTwoSeconds(guest);
                long grown = other.process().residentKib() - before;
                assertTrue(grown < 32 << 10, "grew by " + grown + " KiB");
            }
            try (var guest = SocketGuest.connect(lab, other.socket())) {
                assertAnswers(guest, "192.0.2.82");
            }
        }
    }

    /** As many requests as passt takes: it may take none while nobody reads. */
    private static void writeForTwoSeconds(SocketGuest guest) throws IOException {
        var many = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++)
            many.writeBytes(SocketGuest.framed(BROADCAST_ASK));
        long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        var left = many.toByteArray();
        while (System.nanoTime() < end) {
            int written = guest.writeSome(left);
            left = written == left.length ? many.toByteArray()
                    : Arrays.copyOfRange(left, written, left.length);
            if (written == 0) Patience.pause(5);
        }
    }

    private static SocketGuest connect() {
        return SocketGuest.connect(lab, passt.socket());
    }

    private static void assertAnswers(SocketGuest guest, String address) {
        guest.send(ask(address));
        var answer = guest.await("answer for " + address, p -> isAnswer(p, address));
        assertEquals(60, answer.frame().length);
    }

    private static byte[] ask(String address) {
        return frame().ethernet(GUEST_MAC, 0xffff_ffff_ffffL)
                .arp(1, GUEST_MAC, Lab.HOST_V4, 0, address).bytes();
    }

    private static boolean isAnswer(Packet packet, String address) {
        var answer = frame().ethernet(FrameBuilder.OUR_MAC, GUEST_MAC)
                .arp(2, FrameBuilder.OUR_MAC, address, GUEST_MAC, Lab.HOST_V4).bytes();
        return packet.isArp()
                && Arrays.equals(answer, Arrays.copyOf(packet.frame(), answer.length));
    }
}
