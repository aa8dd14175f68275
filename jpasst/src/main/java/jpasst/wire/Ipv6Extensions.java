// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * Finds the upper-layer header behind the extension headers of an IPv6 packet (RFC 8200 section 4,
 * RFC 4302). Options are skipped, not interpreted. Refused are fragments, which are never
 * reassembled here; a routing header with segments left, since then the destination of the packet
 * is not the final one, which the checksum covers; hop-by-hop options which are not the first
 * header; and whatever runs past the end. One instance is reused for all packets.
 *
 * <p>Cost: every header takes at least 8 bytes, so the walk is bounded by the packet's length.
 */
public final class Ipv6Extensions {
    private static final int NEXT_HEADER = 0;
    private static final int EXTENSION_LENGTH = 1;
    private static final int SEGMENTS_LEFT = 3;
    private static final int UNIT = 8;

    private int protocol;
    private int length;

    /**
     * Walks from {@code at}, just behind the IPv6 header, over at most {@code available} bytes.
     *
     * @param nextHeader that of the IPv6 header
     * @return {@link DropReason#NONE} if {@link #protocol} and {@link #length} are good
     */
    public DropReason walk(MemorySegment frame, long at, int available, int nextHeader) {
        int skipped = 0;
        int next = nextHeader;
        while (isExtension(next)) {
            if (next == IpProtocol.FRAGMENT) {
                return DropReason.FRAGMENT;
            }
            long header = at + skipped;
            if (available - skipped < UNIT || !isAllowed(frame, header, next, skipped)) {
                return DropReason.BAD_EXTENSION;
            }
            skipped += extensionLength(next, BigEndian.u8(frame, header + EXTENSION_LENGTH));
            if (skipped > available) {
                return DropReason.BAD_EXTENSION;
            }
            next = BigEndian.u8(frame, header + NEXT_HEADER);
        }
        protocol = next;
        length = skipped;
        return DropReason.NONE;
    }

    /** The first header that is no extension header. Only after a successful walk. */
    public int protocol() {
        return protocol;
    }

    /** Bytes of all extension headers together. Only after a successful walk. */
    public int length() {
        return length;
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT,
                    IpProtocol.AUTHENTICATION, IpProtocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    private static boolean isAllowed(MemorySegment frame, long header, int type, int skipped) {
        return switch (type) {
            case IpProtocol.HOP_BY_HOP -> skipped == 0;
            case IpProtocol.ROUTING -> BigEndian.u8(frame, header + SEGMENTS_LEFT) == 0;
            default -> true;
        };
    }

    /** The authentication header alone counts in units of 4 bytes, less 2 (RFC 4302 2.2). */
    private static int extensionLength(int header, int field) {
        return header == IpProtocol.AUTHENTICATION ? (field + 2) * 4 : (field + 1) * UNIT;
    }
}
