// SPDX-License-Identifier: Apache-2.0
package jpasst.pcap;

import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.log.Log;
import jpasst.testing.FakeTap;
import jpasst.testing.GuestFrame;

class CaptureTest {
    private static final int UDP_START_V4 = 34;
    private static final int UDP_START_V6 = 54;

    @TempDir
    Path directory;

    private final Arena arena = Arena.ofShared();
    private final List<String> logged = new ArrayList<>();
    private final Log log = new Log((level, elapsedNs, text) -> logged.add(level + " " + text));

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @Test
    void recordsBytesAndLengthsAsTheyAre() throws IOException {
        var path = directory.resolve("a.pcap");
        var capture = Capture.open(path.toString(), arena, log);
        var bytes = frame().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload("hello").bytes();
        capture.record(loaded(bytes));
        capture.close();
        var file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.nativeOrder());
        assertEquals(0xa1b2c3d4, file.getInt(0));
        assertEquals(2, file.getShort(4));
        assertEquals(4, file.getShort(6));
        assertEquals(1, file.getInt(20), "link type");
        long nowSeconds = System.currentTimeMillis() / 1000;
        assertTrue(Math.abs(nowSeconds - file.getInt(24)) < 60, "seconds");
        assertTrue(file.getInt(28) < 1_000_000, "microseconds");
        assertEquals(bytes.length, file.getInt(32));
        assertEquals(bytes.length, file.getInt(36));
        assertArrayEquals(bytes, Arrays.copyOfRange(file.array(), 40, file.capacity()));
    }

    @Test
    void createsFileForOwnerOnlyAndTruncates() throws IOException {
        var path = directory.resolve("b.pcap");
        Capture.open(path.toString(), arena, log).close();
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        Files.write(path, new byte[1000]);
        Capture.open(path.toString(), arena, log).close();
        assertEquals(Capture.FILE_HEADER, Files.size(path));
    }

    @Test
    void goesOnWithoutCaptureIfFileCannotBeOpened() {
        assertNull(Capture.open(directory.resolve("no/such").toString(), arena, log));
        assertTrue(logged.getFirst().startsWith("ERROR"), logged.toString());
        assertTrue(logged.getFirst().contains("No such file"), logged.toString());
    }

    @Test
    void reportsWriteErrorOnceAndEndsCapture() {
        assertTrue(Files.isWritable(Path.of("/dev/full")));
        var capture = Capture.open("/dev/full", arena, log);
        var frame = loaded(frame().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes());
        capture.record(frame);
        capture.flush();
        capture.record(frame);
        capture.flush();
        capture.close();
        assertEquals(1, logged.stream().filter(l -> l.startsWith("ERROR")).count());
    }

    @Test
    void leavesPartialChecksumInFrameAlone() {
        var capture = Capture.open(directory.resolve("c.pcap").toString(), arena, log);
        var bytes = frame().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).partialChecksum().bytes();
        var frame = loaded(bytes).partialChecksum(UDP_START_V4, 6);
        capture.record(frame);
        assertTrue(frame.needsChecksum());
        assertEquals(bytes[40], frame.memory().get(ValueLayout.JAVA_BYTE, frame.at() + 40));
        capture.close();
    }

    @Test
    void ignoresImpossibleFactsOfTheGuest() {
        var capture = Capture.open(directory.resolve("d.pcap").toString(), arena, log);
        var bytes = frame().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
        capture.record(loaded(bytes).partialChecksum(60000, 6));
        capture.record(loaded(bytes).partialChecksum(bytes.length - 1, 0));
        capture.record(loaded(new byte[0]).partialChecksum(0, 0));
        capture.close();
    }

    @Test
    void sinkRecordsWhatWasTakenOnly() throws IOException {
        var path = directory.resolve("e.pcap");
        var capture = Capture.open(path.toString(), arena, log);
        var tap = new FakeTap();
        var sink = new PcapSink(tap, capture);
        var frame = loaded(frame().ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes());
        assertTrue(sink.send(frame));
        tap.refuse(true);
        assertTrue(!sink.send(frame));
        capture.close();
        assertEquals(Capture.FILE_HEADER + Capture.RECORD_HEADER + frame.length(),
                Files.size(path));
        assertEquals(1, tap.taken());
    }

    /** Has room for runs of up to 10 frames and 1000 bytes, and one place to lend. */
    private static final class Lender implements FrameSink {
        private final Frame place;

        private Lender(Frame place) {
            this.place = place;
        }

        @Override
        public boolean takesRun(int count, int bytes) {
            return count <= 10 && bytes <= 1000;
        }

        @Override
        public boolean lend(Frame frame, int length) {
            frame.wrap(place.memory(), place.at(), length);
            return true;
        }

        @Override
        public boolean send(Frame frame) {
            return frame.memory() == place.memory();
        }
    }

    @Test
    void sinkLendsWhatTheOtherOneLends() throws IOException {
        var path = directory.resolve("l.pcap");
        var capture = Capture.open(path.toString(), arena, log);
        var sink = new PcapSink(new Lender(loaded(new byte[64])), capture);
        assertTrue(sink.takesRun(10, 1000));
        assertTrue(!sink.takesRun(11, 1000));
        assertTrue(!sink.takesRun(10, 1001));
        var frame = new Frame();
        assertTrue(sink.lend(frame, 64));
        assertTrue(sink.send(frame));
        capture.close();
        assertEquals(Capture.FILE_HEADER + Capture.RECORD_HEADER + 64, Files.size(path));
    }

    @Test
    void tsharkReadsSuperFramesWithGoodChecksums() throws Exception {
        assertTrue(Files.isExecutable(Path.of("/usr/bin/tshark")));
        var path = directory.resolve("f.pcap");
        var capture = Capture.open(path.toString(), arena, log);
        var payload = new byte[65507];
        Arrays.fill(payload, (byte) 'x');
        var v4 = frame().ipv4("10.0.0.1", "10.0.0.2").udp(9, 4000).payload(payload)
                .partialChecksum().bytes();
        capture.record(loaded(v4).partialChecksum(UDP_START_V4, 6)
                .gso(Frame.GSO_UDP_L4, 1400, 42));
        var v6 = frame().ipv6("fd00::1", "fd00::2").udp(9, 4000).payload(new byte[65527])
                .partialChecksum().bytes();
        capture.record(loaded(v6).partialChecksum(UDP_START_V6, 6)
                .gso(Frame.GSO_UDP_L4, 1400, 62));
        var tcp = frame().ipv6("fd00::1", "fd00::2").tcp(80, 4000, 1, 2, 16, 3)
                .payload(new byte[60001]).partialChecksum().bytes();
        capture.record(loaded(tcp).partialChecksum(UDP_START_V6, 16)
                .gso(Frame.GSO_TCPV6, 1440, 74));
        var icmp = frame().ipv4("10.0.0.1", "10.0.0.2").echoRequest(1, 2).payload("abc");
        capture.record(loaded(icmp.bytes()));
        capture.close();
        var lines = tshark(path, "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
                "-o", "ip.check_checksum:TRUE", "-T", "fields", "-e", "frame.len",
                "-e", "frame.cap_len", "-e", "udp.checksum.status", "-e", "tcp.checksum.status",
                "-e", "ip.checksum.status", "-e", "_ws.malformed");
        assertEquals(List.of("65549\t65549\t1\t\t1\t", "65589\t65589\t1\t\t\t",
                "60075\t60075\t\t1\t\t", "45\t45\t\t\t1\t"), lines);
    }

    private static List<String> tshark(Path file, String... options) throws Exception {
        var command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
        command.addAll(List.of(options));
        var process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var text = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), "tshark could not read the file to its end");
        return text.lines().toList();
    }

    private static Frame loaded(byte[] bytes) {
        return new GuestFrame().load(bytes).frame();
    }
}
