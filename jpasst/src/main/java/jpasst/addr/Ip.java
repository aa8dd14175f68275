// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/**
 * Predicates and conversions over an IP address held as two longs, for per-packet code.
 *
 * <p>{@code high} and {@code low} are the 16 bytes of the IPv6 form in network order; an IPv4
 * address is IPv4-mapped (RFC 4291 section 2.5.5.2). Every method accepts every pair of longs. No
 * method allocates, except {@link #text}. May be called from any thread.
 */
public final class Ip {
    /** The high word of every IPv4 address. */
    public static final long V4_HIGH = 0;

    private static final long MAPPED = 0x0000_ffff_0000_0000L;
    private static final long V4_BITS = 0xffff_ffffL;
    private static final int BROADCAST_V4 = 0xffff_ffff;

    private Ip() {}

    /** Whether the address is an IPv4 one, that is IPv4-mapped. */
    public static boolean isV4(long high, long low) {
        return high == V4_HIGH && (low & ~V4_BITS) == MAPPED;
    }

    /** The low word of an IPv4 address given by its 32 bits in network order. */
    public static long mapV4(int bits) {
        return MAPPED | (bits & V4_BITS);
    }

    /** The 32 bits, in network order, of the IPv4 address with this low word. */
    public static int v4(long low) {
        return (int) low;
    }

    /** Whether this is {@code 0.0.0.0} or {@code ::}. */
    public static boolean isUnspecified(long high, long low) {
        return high == 0 && (low == 0 || low == MAPPED);
    }

    /** Whether this is in {@code 127.0.0.0/8} or is {@code ::1}. */
    public static boolean isLoopback(long high, long low) {
        return high == 0 && (low == 1 || (low >>> 24) == (MAPPED >>> 24 | 127));
    }

    /** Whether this is in {@code 224.0.0.0/4} or {@code ff00::/8}. */
    public static boolean isMulticast(long high, long low) {
        return (high >>> 56) == 0xff || isV4(high, low) && (v4(low) >>> 28) == 0xe;
    }

    /** Whether this is in {@code 169.254.0.0/16} (RFC 3927) or {@code fe80::/10} (RFC 4291). */
    public static boolean isLinkLocal(long high, long low) {
        return (high >>> 54) == (0xfe80 >>> 6) || isV4(high, low) && (v4(low) >>> 16) == 0xa9fe;
    }

    /** Whether this is the limited broadcast address {@code 255.255.255.255}. */
    public static boolean isBroadcast(long high, long low) {
        return isV4(high, low) && v4(low) == BROADCAST_V4;
    }

    /** Whether one host may own this: neither unspecified nor multicast nor broadcast. */
    public static boolean isUnicast(long high, long low) {
        return !isUnspecified(high, low) && !isMulticast(high, low) && !isBroadcast(high, low);
    }

    /** The dotted or RFC 5952 text; for logs, since it allocates. */
    public static String text(long high, long low) {
        return AddressText.of(high, low);
    }
}
