// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/**
 * An address together with the length of its network prefix, as in {@code 192.0.2.5/24}. Bits
 * beyond the prefix are kept: this also names a host within its network.
 *
 * @param address the address
 * @param length leading bits which name the network: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record Prefix(IpAddress address, int length) {
    private static final int V4_OFFSET = 96;

    /** Checks the range of the length. */
    public Prefix {
        if (length < 0 || length > (address.isV4() ? 32 : 128)) {
            throw new IllegalArgumentException("prefix length out of range: " + length);
        }
    }

    /**
     * Reads {@code address/length}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        int digits = text.length() - slash - 1;
        if (slash < 0 || digits < 1 || digits > 3) {
            throw new IllegalArgumentException("not an address with prefix length: " + text);
        }
        int length = 0;
        for (int i = slash + 1; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not a prefix length: " + text);
            }
            length = 10 * length + digit;
        }
        return new Prefix(IpAddress.parse(text.substring(0, slash)), length);
    }

    /** Whether the address is of the same family and shares the prefix. */
    public boolean contains(IpAddress other) {
        return contains(other.high(), other.low());
    }

    /** As {@link #contains(IpAddress)}, for an address held as two longs. */
    public boolean contains(long high, long low) {
        if (Ip.isV4(high, low) != address.isV4()) {
            return false;
        }
        int bits = address.isV4() ? V4_OFFSET + length : length;
        return ((high ^ address.high()) & highMask(bits)) == 0
                && ((low ^ address.low()) & highMask(bits - 64)) == 0;
    }

    /** The network mask of an IPv4 prefix, 32 bits in network order; meaningless for IPv6. */
    public int maskV4() {
        return length == 0 ? 0 : -1 << 32 - length;
    }

    /** A mask with the given number of leading ones, which may lie outside 0 to 64. */
    private static long highMask(int ones) {
        if (ones <= 0) {
            return 0;
        }
        return ones >= 64 ? -1 : -1L << 64 - ones;
    }

    /** {@code address/length}. */
    @Override
    public String toString() {
        return address + "/" + length;
    }
}
