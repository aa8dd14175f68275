// SPDX-License-Identifier: Apache-2.0

package jpasst.addr;

/**
 * A 48-bit Ethernet address, as a value for configuration and logs.
 *
 * @param bits the six bytes in network order, in the low 48 bits; the upper 16 are zero
 */
public record MacAddress(long bits) {
    /** {@code ff:ff:ff:ff:ff:ff}. */
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final int BYTES = 6;
    private static final int TEXT_LENGTH = 3 * BYTES - 1;
    private static final long GROUP_BIT = 1L << 40;

    /** Checks the range. */
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("a MAC address has 48 bits");
        }
    }

    /**
     * Reads six two-digit hexadecimal numbers, all separated by colons.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static MacAddress parse(String text) {
        long bits = text.length() == TEXT_LENGTH ? parseBits(text) : -1;
        if (bits < 0) {
            throw new IllegalArgumentException("not a MAC address: " + text);
        }
        return new MacAddress(bits);
    }

    private static long parseBits(String text) {
        long bits = 0;
        for (int at = 0; at < TEXT_LENGTH; at += 3) {
            int upper = HexDigit.value(text.charAt(at));
            int lower = HexDigit.value(text.charAt(at + 1));
            boolean separated = at + 2 == TEXT_LENGTH || text.charAt(at + 2) == ':';
            if (upper < 0 || lower < 0 || !separated) {
                return -1;
            }
            bits = bits << 8 | upper << 4 | lower;
        }
        return bits;
    }

    /** The text of an address held as a long; for logs, since it allocates. */
    public static String text(long bits) {
        var text = new StringBuilder(TEXT_LENGTH);
        for (int shift = 44; shift >= 0; shift -= 4) {
            text.append(Character.forDigit((int) (bits >>> shift) & 0xf, 16));
            if ((shift & 7) == 0 && shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }

    /** Whether the group bit is set: multicast or broadcast. */
    public boolean isMulticast() {
        return (bits & GROUP_BIT) != 0;
    }

    /** Lower-case hexadecimal, colons between the bytes. */
    @Override
    public String toString() {
        return text(bits);
    }
}
