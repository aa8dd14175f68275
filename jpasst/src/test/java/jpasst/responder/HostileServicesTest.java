// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import static jpasst.responder.ServiceGuest.LINK_LOCAL;
import static jpasst.responder.ServiceGuest.dhcp;
import static jpasst.responder.ServiceGuest.hex;
import static jpasst.responder.ServiceGuest.message;
import static jpasst.testing.Checks.assertFrame;
import static jpasst.testing.Checks.ip;
import static jpasst.testing.Checks.udp;
import static jpasst.testing.FrameBuilder.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jpasst.metrics.Counter;
import org.junit.jupiter.api.Test;

/**
 * Random damage to good messages: never an exception, at most one answer, which is well formed,
 * and each message is counted once.
 */
class HostileServicesTest {
    private static final long SEED = 20261126;
    private static final int ROUNDS = 40_000;

    private final ServiceGuest guest = new ServiceGuest();
    private final Random random = new Random(SEED);

    private static List<byte[]> messages4() {
        return List.of(message(0, "350101"), message(0x8000, "3501033701015000"),
                message(0, "350101" + "37ff" + "01".repeat(255) + "0000"));
    }

    private static List<byte[]> messages6() {
        var client = "0001000a00030001525400123456";
        var ia = "00030028 0a0b0c0d 00000001 00000002"
                + "00050018 fd990000000000000000000000000001 00000010 00000020";
        return List.of(hex("01abcdef" + client + ia), hex("04abcdef" + client + ia),
                hex("06abcdef" + client + ia + "00270005 01 03677374"),
                hex("0babcdef" + client + "0006000400170018"));
    }

    private byte[] damaged(byte[] good) {
        var bytes = Arrays.copyOf(good, random.nextInt(4) > 0
                ? good.length : random.nextInt(good.length + 1));
        for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
            int last = Math.min(bytes.length, random.nextBoolean() ? 80 : bytes.length);
            bytes[bytes.length - 1 - random.nextInt(last)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @Test
    void survivesDamagedMessages() {
        int answers = 0;
        for (int i = 0; i < ROUNDS; i++) {
            boolean v4 = random.nextBoolean();
            var from = v4 ? messages4() : messages6();
            var bytes = damaged(from.get(random.nextInt(from.size())));
            guest.send(v4 ? dhcp(bytes)
                    : frame().ipv6(LINK_LOCAL, "ff02::1:2").udp(546, 547).payload(bytes));
            assertTrue(guest.tap.waiting() <= 1);
            if (guest.tap.waiting() == 1) {
                answers++;
                var answer = guest.tap.take();
                assertFrame(answer, ip(udp()));
                assertTrue(answer.bytes().length >= (v4 ? 342 : 62 + 4 + 18));
            }
        }
        // Two lines for each of five DHCP answers, one for each of five of DHCPv6, two notices.
        assertTrue(guest.logged.stream().filter(l -> !l.contains("did not fit")).count() <= 17);
        assertTrue(answers > ROUNDS / 4 && answers < ROUNDS, "" + answers);
        assertEquals(answers, guest.count(Counter.DHCP_REPLIES)
                + guest.count(Counter.DHCPV6_REPLIES));
        assertEquals(ROUNDS - answers, guest.count(Counter.DROP_SERVICE_IGNORED)
                + guest.count(Counter.DROP_MALFORMED_SERVICE));
    }

    /** The datagram's own length lies, within what IP gives it. */
    @Test
    void survivesLengthsThatLie() {
        for (int length = 0; length < 70; length++) {
            var bytes = frame().ipv6(LINK_LOCAL, "ff02::1:2").udp(546, 547)
                    .payload(messages6().getFirst()).bytes();
            bytes[58] = (byte) random.nextInt(2);
            bytes[59] = (byte) length;
            assertTrue(guest.offer(bytes, true));
        }
        assertTrue(guest.count(Counter.DROP_MALFORMED_UDP) > 0);
    }
}
