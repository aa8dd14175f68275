// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The options of a DHCP message (RFC 2132): one byte of code, one byte of length, content. Code 0
 * is a single byte of padding, code 255 a single byte which ends them.
 */
public final class DhcpOptions {
    /** Code: nothing. */
    public static final int PAD = 0;
    /** Code: mask of the client's network. */
    public static final int SUBNET_MASK = 1;
    /** Code: gateways. */
    public static final int ROUTER = 3;
    /** Code: resolvers. */
    public static final int DNS = 6;
    /** Code: the client's host name. */
    public static final int HOST_NAME = 12;
    /** Code: MTU of the client's interface, 2 bytes. */
    public static final int MTU = 26;
    /** Code: lease time in seconds, 4 bytes. */
    public static final int LEASE_TIME = 51;
    /** Code: kind of message, 1 byte: {@link #DISCOVER} and the like. */
    public static final int MESSAGE_TYPE = 53;
    /** Code: the server's address. */
    public static final int SERVER_ID = 54;
    /** Code: codes the client asks for. */
    public static final int PARAMETER_LIST = 55;
    /** Code: the client takes an answer at once (RFC 4039); no content. */
    public static final int RAPID_COMMIT = 80;
    /** Code: fully qualified name of the client (RFC 4702). */
    public static final int FQDN = 81;
    /** Code: domain search list (RFC 3397). */
    public static final int SEARCH = 119;
    /** Code: classless routes (RFC 3442). */
    public static final int CLASSLESS_ROUTES = 121;
    /** Code: end of the options. */
    public static final int END = 255;

    /** {@link #MESSAGE_TYPE}: who offers an address? */
    public static final int DISCOVER = 1;
    /** {@link #MESSAGE_TYPE}: this address is offered. */
    public static final int OFFER = 2;
    /** {@link #MESSAGE_TYPE}: may I have it, or keep it? */
    public static final int REQUEST = 3;
    /** {@link #MESSAGE_TYPE}: yes. */
    public static final int ACK = 5;

    /** Bytes of the content of one option at most. */
    public static final int MAXIMUM_CONTENT = 255;

    private DhcpOptions() {}

    /** Whether every option up to the end, or the end of the bytes, is whole. */
    public static boolean areValid(MemorySegment frame, long at, int length) {
        int seen = 0;
        while (seen < length) {
            int code = BigEndian.u8(frame, at + seen);
            if (code == END) {
                return true;
            }
            int size = size(frame, at + seen, length - seen);
            if (size < 0) {
                return false;
            }
            seen += size;
        }
        return true;
    }

    /**
     * Looks for an option among valid ones.
     *
     * @return distance of its length byte from {@code at}, the content follows that; -1 if the
     *         option is not there. Of several the first counts
     */
    public static int find(MemorySegment frame, long at, int length, int wanted) {
        int seen = 0;
        while (seen < length) {
            int code = BigEndian.u8(frame, at + seen);
            if (code == END) {
                return -1;
            }
            int size = size(frame, at + seen, length - seen);
            if (size < 0) {
                return -1;
            }
            if (code == wanted) {
                return seen + 1;
            }
            seen += size;
        }
        return -1;
    }

    /** Bytes of the option here, -1 if it is cut short. */
    private static int size(MemorySegment frame, long at, int available) {
        if (BigEndian.u8(frame, at) == PAD) {
            return 1;
        }
        int size = available < 2 ? Integer.MAX_VALUE : 2 + BigEndian.u8(frame, at + 1);
        return size <= available ? size : -1;
    }

    /**
     * Writes an option.
     *
     * @param content at most {@link #MAXIMUM_CONTENT} bytes
     * @return bytes written
     */
    public static int put(MemorySegment frame, long at, int code, byte[] content) {
        assert content.length <= MAXIMUM_CONTENT;
        BigEndian.putU16(frame, at, code << 8 | content.length);
        MemorySegment.copy(content, 0, frame, ValueLayout.JAVA_BYTE, at + 2, content.length);
        return 2 + content.length;
    }
}
