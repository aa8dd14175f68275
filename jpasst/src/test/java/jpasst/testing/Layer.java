// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import java.util.Arrays;

/**
 * One layer of a frame under check: the bytes from {@code at}, {@code length} of them, and the
 * layer around it ({@code null} for Ethernet). {@code headerLength} bytes of it are header.
 */
record Layer(String name, byte[] bytes, int at, int length, int headerLength, Layer outer) {
    int u8(int offset) {
        return bytes[at + offset] & 0xff;
    }

    int u16(int offset) {
        return u8(offset) << 8 | u8(offset + 1);
    }

    int u32(int offset) {
        return u16(offset) << 16 | u16(offset + 2);
    }

    long u48(int offset) {
        return (long) u16(offset) << 32 | u32(offset + 2) & 0xffffffffL;
    }

    byte[] range(int offset, int count) {
        return Arrays.copyOfRange(bytes, at + offset, at + offset + count);
    }

    byte[] payload() {
        return range(headerLength, length - headerLength);
    }

    /** The layer inside, which takes all that is left. */
    Layer inner(String innerName, int innerHeader) {
        return inner(innerName, length - headerLength, innerHeader);
    }

    /** The layer inside, {@code count} bytes long. */
    Layer inner(String innerName, int count, int innerHeader) {
        return new Layer(innerName, bytes, at + headerLength, count, innerHeader, this);
    }
}
