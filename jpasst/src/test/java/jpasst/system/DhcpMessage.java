// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** DHCP (RFC 2131) as a guest writes it and reads it. */
final class DhcpMessage {
    static final int TRANSACTION = 0x12345678;
    /** Message types: option 53. */
    static final int DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, INFORM = 8;

    private static final int FIXED = 240;
    private static final int COOKIE = 0x63825363;

    private DhcpMessage() {
    }

    /** A broadcast frame with a request and these options, each with its code and length. */
    static byte[] request(byte[]... options) {
        var message = ByteBuffer.allocate(548);
        message.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(TRANSACTION);
        message.putShort(28, (short) (GUEST_MAC >> 32)).putInt(30, (int) GUEST_MAC);
        message.putInt(FIXED - 4, COOKIE).position(FIXED);
        for (var option : options)
            message.put(option);
        message.put((byte) 255);
        return frame().ethernet(GUEST_MAC, 0xffff_ffff_ffffL).ipv4("0.0.0.0", "255.255.255.255")
                .udp(68, 67).payload(message.array()).bytes();
    }

    /** An option of single bytes. */
    static byte[] option(int code, int... bytes) {
        var option = new byte[2 + bytes.length];
        option[0] = (byte) code;
        option[1] = (byte) bytes.length;
        for (int i = 0; i < bytes.length; i++)
            option[2 + i] = (byte) bytes[i];
        return option;
    }

    /** Whether a packet from passt is a DHCP message of ours. */
    static boolean isReply(Packet packet) {
        return packet.isTo(Packet.UDP, 68) && packet.payload().length >= FIXED
                && ByteBuffer.wrap(packet.payload()).getInt(4) == TRANSACTION;
    }

    /** The address given: yiaddr. */
    static byte[] address(Packet reply) {
        return Arrays.copyOfRange(reply.payload(), 16, 20);
    }

    /** The options of a reply, in their order. */
    static Map<Integer, byte[]> options(Packet reply) {
        var message = reply.payload();
        var options = new LinkedHashMap<Integer, byte[]>();
        for (int at = FIXED; (message[at] & 0xff) != 255;) {
            int length = message[at + 1] & 0xff;
            options.put(message[at] & 0xff, Arrays.copyOfRange(message, at + 2, at + 2 + length));
            at += 2 + length;
        }
        return options;
    }
}
