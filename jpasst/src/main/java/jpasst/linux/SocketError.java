// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct sock_extended_err} (linux/errqueue.h): the data of an IP_RECVERR or IPV6_RECVERR
 * control message read with MSG_ERRQUEUE. The address of who reported it follows it.
 */
public final class SocketError {
    public static final int LENGTH = 16;
    /** Room for the data of the control message: this and the offender's address. */
    public static final int CONTROL_DATA_LENGTH = LENGTH + SocketAddress.LENGTH;

    // origin.
    public static final int SO_EE_ORIGIN_NONE = 0;
    public static final int SO_EE_ORIGIN_LOCAL = 1;
    public static final int SO_EE_ORIGIN_ICMP = 2;
    public static final int SO_EE_ORIGIN_ICMP6 = 3;

    static final int ERRNO = 0;
    static final int ORIGIN = 4;
    static final int TYPE = 5;
    static final int CODE = 6;
    static final int INFO = 8;
    static final int DATA = 12;

    private SocketError() {
    }

    /** The positive error number. */
    public static int errno(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + ERRNO);
    }

    /** Where it came from, SO_EE_ORIGIN_*. */
    public static int origin(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + ORIGIN) & 0xff;
    }

    /** ICMP type. */
    public static int type(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + TYPE) & 0xff;
    }

    /** ICMP code. */
    public static int code(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + CODE) & 0xff;
    }

    /** With EMSGSIZE the path MTU in bytes. */
    public static int info(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + INFO);
    }

    /** Offset of the offender's socket address (SO_EE_OFFENDER); AF_UNSPEC if not known. */
    public static long offender(long at) {
        return at + LENGTH;
    }
}
