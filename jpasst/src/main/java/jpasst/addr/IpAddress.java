// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/**
 * An IP address of either family, as a value for configuration and logs.
 *
 * <p>An IPv4-mapped IPv6 address and the IPv4 address are the same value. Per-packet code passes
 * the two longs and uses {@link Ip}.
 *
 * @param high bytes 0 to 7 of the IPv6 form, in network order
 * @param low bytes 8 to 15
 */
public record IpAddress(long high, long low) {
    /** {@code 0.0.0.0}. */
    public static final IpAddress ANY_V4 = ofV4(0);
    /** {@code ::}. */
    public static final IpAddress ANY_V6 = new IpAddress(0, 0);
    /** {@code 127.0.0.1}. */
    public static final IpAddress LOOPBACK_V4 = ofV4(0x7f00_0001);
    /** {@code ::1}. */
    public static final IpAddress LOOPBACK_V6 = new IpAddress(0, 1);

    /** The IPv4 address with these 32 bits, in network order. */
    public static IpAddress ofV4(int bits) {
        return new IpAddress(Ip.V4_HIGH, Ip.mapV4(bits));
    }

    /**
     * Reads a numeric address as strictly as {@code inet_pton(3)}; names and zones are not taken.
     *
     * @throws IllegalArgumentException if the text is not an address
     */
    public static IpAddress parse(String text) {
        var address = tryParse(text);
        if (address == null) {
            throw new IllegalArgumentException("not an IP address: " + text);
        }
        return address;
    }

    /** As {@link #parse}, but null if the text is not an address. */
    public static IpAddress tryParse(String text) {
        return AddressParser.tryParse(text);
    }

    /** Whether this is IPv4. */
    public boolean isV4() {
        return Ip.isV4(high, low);
    }

    /** The 32 bits of an IPv4 address, in network order; meaningless for IPv6. */
    public int v4() {
        return Ip.v4(low);
    }

    /** See {@link Ip#isUnspecified}. */
    public boolean isUnspecified() {
        return Ip.isUnspecified(high, low);
    }

    /** See {@link Ip#isLoopback}. */
    public boolean isLoopback() {
        return Ip.isLoopback(high, low);
    }

    /** See {@link Ip#isMulticast}. */
    public boolean isMulticast() {
        return Ip.isMulticast(high, low);
    }

    /** See {@link Ip#isLinkLocal}. */
    public boolean isLinkLocal() {
        return Ip.isLinkLocal(high, low);
    }

    /** See {@link Ip#isUnicast}. */
    public boolean isUnicast() {
        return Ip.isUnicast(high, low);
    }

    /** See {@link Ip#isBroadcast}. */
    public boolean isBroadcast() {
        return Ip.isBroadcast(high, low);
    }

    // As the record's own would be, which are linked at run time: 10 ms on the way to the start.
    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress that && that.high == high && that.low == low;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(high) + Long.hashCode(low);
    }

    /** Dotted decimal, or RFC 5952. */
    @Override
    public String toString() {
        return AddressText.of(high, low);
    }
}
