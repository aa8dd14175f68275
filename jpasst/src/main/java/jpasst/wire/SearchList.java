// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.util.Arrays;
import java.util.List;

/** The domains a resolver tries names in, as DHCP, DHCPv6 and router advertisements carry them. */
public final class SearchList {
    /** The two bits which make a length byte the first one of a pointer (RFC 1035 4.1.4). */
    private static final int POINTER = 0xc000;

    private SearchList() {}

    /**
     * The names one behind the other, for DHCPv6 (RFC 3646 section 4) and router advertisements
     * (RFC 8106 section 5.2).
     *
     * @param most bytes at most: names that do not fit are left out
     */
    public static byte[] plain(List<DomainName> names, int most) {
        var out = new byte[most];
        int length = 0;
        for (var name : names) {
            if (length + name.length() <= most) {
                name.copyTo(out, length);
                length += name.length();
            }
        }
        return Arrays.copyOf(out, length);
    }

    /**
     * The same for DHCP (RFC 3397), where the end of a name that was there before is written as a
     * pointer to it: two bytes with its distance from the start of the list.
     *
     * @param most bytes at most: names that do not fit are left out
     */
    public static byte[] compressed(List<DomainName> names, int most) {
        var out = new byte[most];
        int length = 0;
        var placed = new Placed[names.size()];
        int count = 0;
        for (var name : names) {
            long tail = sharedTail(name, placed, count);
            int own = (int) (tail >>> 32);
            int pointer = (int) tail;
            int needed = own + (pointer < 0 ? 0 : 2);
            if (length + needed > most) {
                continue;
            }
            for (int i = 0; i < own; i++) {
                out[length + i] = (byte) name.byteAt(i);
            }
            if (pointer >= 0) {
                out[length + own] = (byte) ((POINTER | pointer) >>> 8);
                out[length + own + 1] = (byte) pointer;
            }
            placed[count++] = new Placed(name, length, own);
            length += needed;
        }
        return Arrays.copyOf(out, length);
    }

    /** A name in the list: only its first {@code own} bytes are there, at {@code at}. */
    private record Placed(DomainName name, int at, int own) {}

    /**
     * How many bytes of a name have to be written out, in the upper half, and where the rest of it
     * is already: -1 in the lower half if nowhere.
     */
    private static long sharedTail(DomainName name, Placed[] placed, int count) {
        for (int from = 0; name.byteAt(from) != 0; from += name.byteAt(from) + 1) {
            for (int i = 0; i < count; i++) {
                int at = labelOf(placed[i], name, from);
                if (at >= 0) {
                    return (long) from << 32 | at;
                }
            }
        }
        return (long) name.length() << 32 | 0xffff_ffffL;
    }

    /** Where in the list the rest of a name begins as one of the labels a placed name wrote. */
    private static int labelOf(Placed placed, DomainName name, int from) {
        var other = placed.name();
        for (int at = 0; at < placed.own() && other.byteAt(at) != 0; at += other.byteAt(at) + 1) {
            if (name.endsLike(from, other, at)) {
                return placed.at() + at;
            }
        }
        return -1;
    }
}
