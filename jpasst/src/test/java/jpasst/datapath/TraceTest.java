// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.OUR_MAC;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RecordingDestination;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.testing.FakeTap;
import jpasst.testing.FrameBuilder;
import jpasst.testing.GuestFrame;
import org.junit.jupiter.api.Test;

/** What {@code --trace} says of frames: one line for each, whatever is in it. */
class TraceTest {
    private static final String GUEST4 = "192.0.2.2";
    private static final String PEER4 = "198.51.100.9";
    private static final String GUEST6 = "2001:db8::2";
    private static final String PEER6 = "2001:db8:1::9";

    private final RecordingDestination logged = new RecordingDestination();
    private final Log log = new Log(logged).level(Level.TRACE);
    private final Counters counters = new Counters();
    private final GuestFrame guest = new GuestFrame();
    private final FakeTap tap = new FakeTap();
    private final TracedSink sink = new TracedSink(tap, log);

    private String sent(FrameBuilder builder) {
        logged.clear();
        assertTrue(sink.send(guest.load(builder.bytes()).frame()));
        assertEquals(List.of(Level.TRACE), logged.levels());
        return logged.lines().getFirst();
    }

    @Test
    void tellsProtocolsApart() {
        assertEquals("to guest: TCP [198.51.100.9]:80 -> [192.0.2.2]:4000, flags S., "
                + "seq 4294967295, ack 7, window 512, length 2, frame 56",
                sent(frame().ip(PEER4, GUEST4).payload("ok").tcp(80, 4000, -1, 7,
                        FrameBuilder.SYN | FrameBuilder.ACK, 512)));
        assertEquals("to guest: TCP [2001:db8:1::9]:80 -> [2001:db8::2]:4000, flags R, "
                + "seq 5, window 0, length 0, frame 74",
                sent(frame().ip(PEER6, GUEST6).tcp(80, 4000, 5, 9, FrameBuilder.RST, 0)));
        assertEquals("to guest: UDP [2001:db8:1::9]:53 -> [2001:db8::2]:4001, length 3, frame 65",
                sent(frame().ip(PEER6, GUEST6).udp(53, 4001).payload("abc")));
        assertEquals("to guest: ICMP 198.51.100.9 -> 192.0.2.2, type 8, code 0, id 3, seq 4, "
                + "length 0, frame 42", sent(frame().ip(PEER4, GUEST4).echoRequest(3, 4)));
        assertEquals("to guest: ICMPv6 2001:db8:1::9 -> 2001:db8::2, type 1, code 4, "
                + "length 0, frame 62", sent(frame().ip(PEER6, GUEST6).icmp(1, 4, 0)));
        assertEquals("to guest: protocol 132 198.51.100.9 -> 192.0.2.2, frame 38",
                sent(frame().ip(PEER4, GUEST4).protocol(132).payload("sctp")));
    }

    @Test
    void tellsWhatTheLinkHas() {
        assertEquals("to guest: ARP request for 192.0.2.1, frame 42",
                sent(frame().arp(1, GUEST_MAC, GUEST4, 0, "192.0.2.1")));
        assertEquals("to guest: ARP reply 192.0.2.1 is at 9a:55:9a:55:9a:55, frame 42",
                sent(frame().arp(2, OUR_MAC, "192.0.2.1", GUEST_MAC, GUEST4)));
        assertEquals("to guest: EtherType 0x88cc, frame 18",
                sent(frame().etherType(0x88cc).payload("lldp")));
    }

    @Test
    void tellsOfSuperFrames() {
        var frame = guest.load(frame().ip(PEER4, GUEST4).udp(1, 2).payload("x".repeat(30)).bytes())
                .frame().gso(Frame.GSO_UDP_L4, 10, 42);
        sink.send(frame);
        assertEquals(List.of("to guest: UDP [198.51.100.9]:1 -> [192.0.2.2]:2, length 30, frame 72"
                + " in segments of 10"), logged.lines());
    }

    @Test
    void tellsWhatTheGuestDoesNotTake() {
        tap.refuse(true);
        assertFalse(sink.send(guest.load(frame().etherType(0x9000).bytes()).frame()));
        assertEquals(List.of("to guest, not taken: EtherType 0x9000, frame 14"), logged.lines());
    }

    @Test
    void tellsWhatWasDroppedAndWhen() {
        counters.increment(Counter.DROP_NO_FLOW);
        var input = new TracedInput(new FrameHandler() {
            @Override
            public void frame(Frame frame, long nowNs) {
                counters.increment(Counter.DROP_BAD_MAC);
            }

            @Override
            public void endBatch(long nowNs) {
                counters.increment(Counter.DROP_SOCKET_REFUSED);
            }
        }, counters, log);
        input.frame(guest.load(frame().etherType(0x9000).bytes()).frame(), 0);
        counters.increment(Counter.DROP_TAP_REFUSED);
        input.endBatch(0);
        assertEquals(List.of("from guest: EtherType 0x9000, frame 14", "dropped: DROP_BAD_MAC",
                "dropped: DROP_SOCKET_REFUSED"), logged.lines());
    }

    /** Cut anywhere, or with any byte changed, a frame is a line all the same. */
    @Test
    void anyBytesAreALine() {
        var random = new Random(5);
        var builders = List.of(frame().ip(PEER4, GUEST4).tcp(80, 4000, 1, 2, 0, 3),
                frame().ip(PEER6, GUEST6).udp(53, 4001).payload("abc"),
                frame().ip(PEER4, GUEST4).echoRequest(3, 4),
                frame().arp(1, GUEST_MAC, GUEST4, 0, PEER4));
        int lines = 0;
        tap.countOnly();
        for (var builder : builders) {
            byte[] whole = builder.bytes();
            for (int i = 0; i < 4000; i++, lines++) {
                byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
                if (bytes.length > 0) bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                sink.send(guest.load(bytes).frame());
            }
        }
        assertEquals(Collections.nCopies(lines, Level.TRACE), logged.levels());
    }
}
