// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The options of DHCPv6 messages (RFC 8415 section 21): two bytes of code, two bytes of length,
 * content. Some hold options themselves, behind a head of their own.
 *
 * <p>To walk over them, start at 0 and go on by {@link #size} while that is positive.
 */
public final class Dhcpv6Options {
    /** Code: identifies the client. */
    public static final int CLIENT_ID = 1;
    /** Code: identifies the server. */
    public static final int SERVER_ID = 2;
    /** Code: association of not temporary addresses. */
    public static final int IA_NA = 3;
    /** Code: association of temporary addresses. */
    public static final int IA_TA = 4;
    /** Code: an address, within an association. */
    public static final int IA_ADDRESS = 5;
    /** Code: how it went: 2 bytes of code, and a text. */
    public static final int STATUS = 13;
    /** Code: resolvers (RFC 3646). */
    public static final int DNS = 23;
    /** Code: domain search list (RFC 3646). */
    public static final int SEARCH = 24;
    /** Code: fully qualified name of the client (RFC 4704): a byte of flags, and the name. */
    public static final int FQDN = 39;

    /** {@link #STATUS} code: the addresses are not of the client's link. */
    public static final int NOT_ON_LINK = 4;
    /** {@link #FQDN} flag: the server should update, or updates, the name's addresses. */
    public static final int FQDN_SERVER_UPDATES = 1;
    /** {@link #FQDN} flag: the server does otherwise than the client asked. */
    public static final int FQDN_OVERRIDE = 2;

    /** Bytes of an option without content. */
    public static final int HEADER = 4;
    /** Content of {@link #IA_NA} in front of its options: identifier, T1, T2. */
    public static final int IA_NA_HEAD = 12;
    /** Content of {@link #IA_TA} in front of its options: identifier. */
    public static final int IA_TA_HEAD = 4;
    /** Content of {@link #IA_ADDRESS} in front of its options: address, two lifetimes. */
    public static final int IA_ADDRESS_HEAD = 24;

    private Dhcpv6Options() {}

    /** Whether the options fill these bytes exactly. */
    public static boolean areValid(MemorySegment frame, long at, int length) {
        int seen = 0;
        while (seen < length) {
            int size = size(frame, at + seen, length - seen);
            if (size < 0) {
                return false;
            }
            seen += size;
        }
        return true;
    }

    /** Bytes of the option here, {@link #HEADER} included; -1 if it is cut short. */
    public static int size(MemorySegment frame, long at, int available) {
        if (available < HEADER) {
            return -1;
        }
        int size = HEADER + length(frame, at);
        return size <= available ? size : -1;
    }

    /** The code of the option here. */
    public static int code(MemorySegment frame, long at) {
        return BigEndian.u16(frame, at);
    }

    /** Bytes of content of the option here. */
    public static int length(MemorySegment frame, long at) {
        return BigEndian.u16(frame, at + 2);
    }

    /**
     * Writes code and length.
     *
     * @return bytes written
     */
    public static int putHeader(MemorySegment frame, long at, int code, int length) {
        BigEndian.putU32(frame, at, code << 16 | length & 0xffff);
        return HEADER;
    }

    /**
     * Writes a whole option.
     *
     * @return bytes written
     */
    public static int put(MemorySegment frame, long at, int code, byte[] content) {
        putHeader(frame, at, code, content.length);
        MemorySegment.copy(content, 0, frame, ValueLayout.JAVA_BYTE, at + HEADER, content.length);
        return HEADER + content.length;
    }
}
