// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * {@code struct sockaddr_in} and {@code sockaddr_in6} in place, ip(7) and ipv6(7). Addresses
 * travel as two longs of the 16-byte big-endian IPv6 form, IPv4 mapped (::ffff:a.b.c.d); ports
 * are 0 to 65535, scope ids are interface indices (0: none). Any {@code at} is fine.
 */
public final class SocketAddress {
    /** Room for either form: sizeof(struct sockaddr_in6). */
    public static final int LENGTH = 28;

    static final int V4_LENGTH = 16;
    static final int FAMILY = 0;
    static final int PORT = 2;
    static final int V4_ADDRESS = 4;
    static final int V6_FLOW_INFO = 4;
    static final int V6_ADDRESS = 8;
    static final int V6_SCOPE = 24;

    private static final long MAPPED_PREFIX = 0x0000_ffff_0000_0000L;

    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketAddress() {
    }

    /**
     * Writes an address in the form of its own family: sockaddr_in if mapped, else sockaddr_in6.
     *
     * @return the length used, 16 or 28
     */
    public static int put(MemorySegment memory, long at, long high, long low, int port,
            int scopeId) {
        if (high != 0 || low >>> 32 != 0xffff) {
            return putV6(memory, at, high, low, port, scopeId);
        }
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY, (short) Sockets.AF_INET);
        memory.set(U16, at + PORT, (short) port);
        memory.set(U32, at + V4_ADDRESS, (int) low);
        memory.set(U64, at + V4_ADDRESS + 4, 0);
        return V4_LENGTH;
    }

    /**
     * Writes a sockaddr_in6, for dual-stack sockets also if the address is a mapped one.
     *
     * @return the length used, 28
     */
    public static int putV6(MemorySegment memory, long at, long high, long low, int port,
            int scopeId) {
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY, (short) Sockets.AF_INET6);
        memory.set(U16, at + PORT, (short) port);
        memory.set(U32, at + V6_FLOW_INFO, 0);
        memory.set(U64, at + V6_ADDRESS, high);
        memory.set(U64, at + V6_ADDRESS + 8, low);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + V6_SCOPE, scopeId);
        return LENGTH;
    }

    /** {@link Sockets#AF_INET} or {@link Sockets#AF_INET6}, or what else the kernel wrote. */
    public static int family(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY) & 0xffff;
    }

    /** Upper half of the address; 0 for IPv4. */
    public static long high(MemorySegment memory, long at) {
        return isV6(memory, at) ? memory.get(U64, at + V6_ADDRESS) : 0;
    }

    /** Lower half of the address; the mapped form for IPv4. */
    public static long low(MemorySegment memory, long at) {
        return isV6(memory, at) ? memory.get(U64, at + V6_ADDRESS + 8)
                : MAPPED_PREFIX | memory.get(U32, at + V4_ADDRESS) & 0xffff_ffffL;
    }

    /** The port, 0 to 65535. */
    public static int port(MemorySegment memory, long at) {
        return memory.get(U16, at + PORT) & 0xffff;
    }

    /** The scope id, 0 for IPv4. */
    public static int scopeId(MemorySegment memory, long at) {
        return isV6(memory, at) ? memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + V6_SCOPE) : 0;
    }

    private static boolean isV6(MemorySegment memory, long at) {
        return family(memory, at) == Sockets.AF_INET6;
    }
}
