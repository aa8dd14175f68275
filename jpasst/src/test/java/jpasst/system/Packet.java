// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A frame from passt, looked at: enough to choose it from others and to answer it. Whether it is
 * well-formed is for {@link jpasst.testing.Checks} to say.
 */
record Packet(byte[] frame) {
    static final int ARP = 0x0806;
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMPV6 = 58;

    private static final int ETHERNET = 14;

    int etherType() {
        return u16(12);
    }

    boolean isArp() {
        return etherType() == ARP;
    }

    boolean isIp() {
        return etherType() == IPV4 || etherType() == IPV6;
    }

    /** The protocol in an IP packet; -1 if it is none. */
    int protocol() {
        return !isIp() ? -1 : u8(ETHERNET + (isV4() ? 9 : 6));
    }

    /** Whether it is of this protocol and has this destination port. */
    boolean isTo(int protocol, int port) {
        return protocol() == protocol && targetPort() == port;
    }

    /** Whether it is an ICMPv6 message of this type. */
    boolean isIcmpv6(int type) {
        return protocol() == ICMPV6 && u8(transport()) == type;
    }

    int sourcePort() {
        return u16(transport());
    }

    int targetPort() {
        return u16(transport() + 2);
    }

    int sequence() {
        return ByteBuffer.wrap(frame).getInt(transport() + 4);
    }

    int acknowledgment() {
        return ByteBuffer.wrap(frame).getInt(transport() + 8);
    }

    /** The flags of TCP, eight of them. */
    int tcpFlags() {
        return u8(transport() + 13);
    }

    boolean hasFlag(int flag) {
        return (tcpFlags() & flag) != 0;
    }

    /** TTL or hop limit. */
    int hops() {
        return u8(ETHERNET + (isV4() ? 8 : 7));
    }

    /** What TCP has between its fixed header and the data. */
    byte[] tcpOptions() {
        return Arrays.copyOfRange(frame, transport() + 20, tcpData());
    }

    /** The value of a TCP option, -1 where it is missing. */
    int tcpOption(int kind) {
        var options = tcpOptions();
        for (int at = 0; at < options.length && options[at] != 0;) {
            if (options[at] == 1) {
                at++;
                continue;
            }
            int value = 0;
            for (int i = 2; i < options[at + 1]; i++)
                value = value << 8 | options[at + i] & 0xff;
            if (options[at] == kind) return value;
            at += options[at + 1];
        }
        return -1;
    }

    /** The data behind the TCP header, without the padding of short frames. */
    byte[] tcpPayload() {
        return Arrays.copyOfRange(frame, tcpData(), ipEnd());
    }

    /** All behind the header of UDP or the first eight bytes of ICMP. */
    byte[] payload() {
        return Arrays.copyOfRange(frame, transport() + 8, ipEnd());
    }

    /** Where the IP packet ends. */
    int ipEnd() {
        return ETHERNET + (isV4() ? u16(ETHERNET + 2) : 40 + u16(ETHERNET + 4));
    }

    private boolean isV4() {
        return etherType() == IPV4;
    }

    private int transport() {
        return ETHERNET + (isV4() ? (u8(ETHERNET) & 15) * 4 : 40);
    }

    private int tcpData() {
        return transport() + (u8(transport() + 12) >> 4) * 4;
    }

    private int u8(int at) {
        return frame[at] & 0xff;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }
}
