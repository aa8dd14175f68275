// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.util.Arrays;

/**
 * A domain name in wire form (RFC 1035 section 3.1): labels of 1 to 63 bytes, each behind a byte
 * with its length, and a zero byte at the end. At most 255 bytes, and never the root alone.
 * Immutable.
 */
public final class DomainName {
    /** Bytes of the wire form at most. */
    public static final int MAXIMUM_LENGTH = 255;
    /** Bytes of a label at most. */
    public static final int MAXIMUM_LABEL = 63;

    private final byte[] wire;

    private DomainName(byte[] wire) {
        this.wire = wire;
    }

    /**
     * Reads a name with dots between its labels, and perhaps one at the end.
     *
     * @return null if it is not a name: a label is empty or too long, the whole is too long, or
     *         there is a character that is not printable ASCII
     */
    public static DomainName tryParse(String text) {
        int length = text.endsWith(".") ? text.length() - 1 : text.length();
        if (length == 0 || length + 2 > MAXIMUM_LENGTH) {
            return null;
        }
        var wire = new byte[length + 2];
        int labelAt = 0;
        for (int i = 0; i <= length; i++) {
            char c = i < length ? text.charAt(i) : '.';
            if (c != '.') {
                if (c <= ' ' || c > '~') {
                    return null;
                }
                wire[i + 1] = (byte) c;
                continue;
            }
            int label = i - labelAt;
            if (label == 0 || label > MAXIMUM_LABEL) {
                return null;
            }
            wire[labelAt] = (byte) label;
            labelAt = i + 1;
        }
        return new DomainName(wire);
    }

    /** Bytes of the wire form. */
    public int length() {
        return wire.length;
    }

    /** A copy of the wire form. */
    public byte[] toBytes() {
        return wire.clone();
    }

    /** Copies the wire form into an array, which must have room for it. */
    void copyTo(byte[] target, int at) {
        System.arraycopy(wire, 0, target, at, wire.length);
    }

    /** The byte of the wire form at an index. */
    int byteAt(int index) {
        return wire[index] & 0xff;
    }

    /** Whether the rest of this name from an index on is the rest of another one. */
    boolean endsLike(int from, DomainName other, int otherFrom) {
        return Arrays.equals(wire, from, wire.length, other.wire, otherFrom, other.wire.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DomainName that && Arrays.equals(wire, that.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** The labels with dots between them, none at the end. */
    @Override
    public String toString() {
        var text = new StringBuilder(wire.length);
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            if (at > 0) {
                text.append('.');
            }
            for (int i = 1; i <= wire[at]; i++) {
                text.append((char) wire[at + i]);
            }
        }
        return text.toString();
    }
}
