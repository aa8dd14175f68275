// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * The fixed part of a DHCP or BOOTP message (RFC 2131 section 2), seen in place inside a frame,
 * with the magic cookie behind it. {@link DhcpOptions} are what follows.
 */
public final class DhcpMessage {
    /** Bytes, the magic cookie included. */
    public static final int LENGTH = 240;
    /** {@link #operation}: from a client. */
    public static final int REQUEST = 1;
    /** {@link #operation}: from a server. */
    public static final int REPLY = 2;
    /** UDP port of clients. */
    public static final int CLIENT_PORT = 68;
    /** UDP port of servers. */
    public static final int SERVER_PORT = 67;

    private static final int OPERATION = 0;
    private static final int HOPS = 3;
    private static final int SECONDS = 8;
    private static final int FLAGS = 10;
    private static final int YOUR_ADDRESS = 16;
    private static final int SERVER_ADDRESS = 20;
    private static final int SERVER_NAME = 44;
    private static final int COOKIE = 236;
    private static final int BROADCAST = 0x8000;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the message at this offset from now on. */
    public DhcpMessage wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the fixed part and the cookie. */
    public boolean isValid(int available) {
        return available >= LENGTH;
    }

    /**
     * Writes the fixed part of the reply to a message. What identifies the client and its question
     * is copied, with the cookie, which is not looked at; names and counts are zeroed.
     *
     * @param request the start of a valid message of {@link #LENGTH} bytes at least
     * @param yourAddress the client's address, 32 bits
     */
    public DhcpMessage writeReply(MemorySegment request, long requestAt, int yourAddress) {
        MemorySegment.copy(request, requestAt, frame, at, LENGTH);
        BigEndian.putU8(frame, at + OPERATION, REPLY);
        BigEndian.putU8(frame, at + HOPS, 0);
        BigEndian.putU16(frame, at + SECONDS, 0);
        BigEndian.putU32(frame, at + YOUR_ADDRESS, yourAddress);
        BigEndian.putU32(frame, at + SERVER_ADDRESS, 0);
        for (int zeroed = SERVER_NAME; zeroed < COOKIE; zeroed += Long.BYTES) {
            BigEndian.putU64(frame, at + zeroed, 0);
        }
        return this;
    }

    /** {@link #REQUEST} or {@link #REPLY}. */
    public int operation() {
        return BigEndian.u8(frame, at + OPERATION);
    }

    /** Whether the client cannot be reached but by broadcast, since it has no address yet. */
    public boolean wantsBroadcast() {
        return (BigEndian.u16(frame, at + FLAGS) & BROADCAST) != 0;
    }

    /** The address a server assigns, 32 bits. */
    public int yourAddress() {
        return BigEndian.u32(frame, at + YOUR_ADDRESS);
    }
}
