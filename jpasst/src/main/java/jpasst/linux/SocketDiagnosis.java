// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * sock_diag(7): {@code struct inet_diag_req_v2}, which asks for a list of internet sockets, and
 * {@code struct inet_diag_msg}, of which one comes for each; both behind a netlink header.
 */
public final class SocketDiagnosis {
    /** Type of the messages. */
    public static final int SOCK_DIAG_BY_FAMILY = 20;

    /** Bytes of a request behind the header. */
    public static final int REQUEST_LENGTH = 56;
    /** Bytes of an answer behind the header, before its attributes. */
    public static final int LENGTH = 72;

    static final int REQUEST_FAMILY = 0;
    static final int REQUEST_PROTOCOL = 1;
    static final int REQUEST_STATES = 4;
    static final int STATE = 1;
    static final int PORT = 4;

    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketDiagnosis() {
    }

    /**
     * Writes a request.
     *
     * @param family AF_INET or AF_INET6, whose sockets for both families are among the latter
     * @param protocol IPPROTO_TCP or IPPROTO_UDP
     * @param states mask of bits by {@code Sockets.TCP_*} states
     */
    public static void putRequest(MemorySegment memory, long at, int family, int protocol,
            int states) {
        // Word by word: a slice to fill would be made once a second, for good.
        for (int i = 0; i < REQUEST_LENGTH; i += Integer.BYTES) {
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + i, 0);
        }
        memory.set(ValueLayout.JAVA_BYTE, at + REQUEST_FAMILY, (byte) family);
        memory.set(ValueLayout.JAVA_BYTE, at + REQUEST_PROTOCOL, (byte) protocol);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + REQUEST_STATES, states);
    }

    /** The state of the socket of an answer, one of {@code Sockets.TCP_*}. */
    public static int state(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + STATE) & 0xff;
    }

    /** Its own port, 0 to 65535. */
    public static int port(MemorySegment memory, long at) {
        return memory.get(U16, at + PORT) & 0xffff;
    }
}
