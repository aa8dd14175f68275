// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * The head of a DHCPv6 message between client and server (RFC 8415 section 8), seen in place
 * inside a frame. {@link Dhcpv6Options} follow.
 */
public final class Dhcpv6Message {
    /** Bytes. */
    public static final int LENGTH = 4;
    /** UDP port of clients. */
    public static final int CLIENT_PORT = 546;
    /** UDP port of servers. */
    public static final int SERVER_PORT = 547;

    /** {@link #type}: which servers are there? */
    public static final int SOLICIT = 1;
    /** {@link #type}: answers {@link #SOLICIT}. */
    public static final int ADVERTISE = 2;
    /** {@link #type}: may I have these addresses? */
    public static final int REQUEST = 3;
    /** {@link #type}: are my addresses still of this link? */
    public static final int CONFIRM = 4;
    /** {@link #type}: may I keep my addresses? */
    public static final int RENEW = 5;
    /** {@link #type}: the same, to any server. */
    public static final int REBIND = 6;
    /** {@link #type}: answers all others. */
    public static final int REPLY = 7;
    /** {@link #type}: what else is to be known? */
    public static final int INFORMATION_REQUEST = 11;

    private static final int TRANSACTION_MASK = 0xff_ffff;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the message at this offset from now on. */
    public Dhcpv6Message wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the head. */
    public boolean isValid(int available) {
        return available >= LENGTH;
    }

    /** Writes the head. */
    public Dhcpv6Message write(int type, int transaction) {
        BigEndian.putU32(frame, at, type << 24 | transaction & TRANSACTION_MASK);
        return this;
    }

    /** The kind of message. */
    public int type() {
        return BigEndian.u8(frame, at);
    }

    /** The number by which a client knows the answers to its question, 24 bits. */
    public int transaction() {
        return BigEndian.u32(frame, at) & TRANSACTION_MASK;
    }
}
