// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.GUEST_MAC;
import static jpasst.testing.FrameBuilder.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** DHCPv6 (RFC 8415) as a guest writes it and reads it. */
final class Dhcp6Message {
    static final int SOLICIT = 1, ADVERTISE = 2, REQUEST = 3, CONFIRM = 4, REPLY = 7;
    static final int TRANSACTION = 0x654321;
    static final byte[] CLIENT_ID =
            option(1, new byte[] {0, 3, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56});

    private Dhcp6Message() {
    }

    /** A frame to all servers from a link-local address, with these options. */
    static byte[] request(int type, byte[]... options) {
        var message = new ByteArrayOutputStream();
        message.writeBytes(ByteBuffer.allocate(4).putInt(type << 24 | TRANSACTION).array());
        for (var option : options)
            message.writeBytes(option);
        return frame().ethernet(GUEST_MAC, 0x3333_0001_0002L).ipv6("fe80::5054:ff:fe12:3456",
                "ff02::1:2").udp(546, 547).payload(message.toByteArray()).bytes();
    }

    /** An option: its code, the length of its content, and that. */
    static byte[] option(int code, byte[] content) {
        return ByteBuffer.allocate(4 + content.length).putShort((short) code)
                .putShort((short) content.length).put(content).array();
    }

    /** IA_NA with options inside it. */
    static byte[] association(int id, byte[]... inside) {
        var content = new ByteArrayOutputStream();
        content.writeBytes(ByteBuffer.allocate(12).putInt(id).array());
        for (var option : inside)
            content.writeBytes(option);
        return option(3, content.toByteArray());
    }

    /** IA address. */
    static byte[] address(byte[] address) {
        return option(5, ByteBuffer.allocate(24).put(address).array());
    }

    static boolean isReply(Packet packet) {
        return packet.isTo(Packet.UDP, 546)
                && (ByteBuffer.wrap(packet.payload()).getInt() & 0xff_ffff) == TRANSACTION;
    }

    static int type(Packet reply) {
        return reply.payload()[0];
    }

    /** The options of a reply, in their order. */
    static Map<Integer, byte[]> options(Packet reply) {
        return parse(reply.payload(), 4);
    }

    /** Options which begin at a place of a message or of another option, in their order. */
    static Map<Integer, byte[]> parse(byte[] bytes, int from) {
        var options = new LinkedHashMap<Integer, byte[]>();
        var buffer = ByteBuffer.wrap(bytes);
        for (int at = from; at < bytes.length;) {
            int length = buffer.getShort(at + 2);
            int end = at + 4 + length;
            options.put((int) buffer.getShort(at), Arrays.copyOfRange(bytes, at + 4, end));
            at = end;
        }
        return options;
    }
}
