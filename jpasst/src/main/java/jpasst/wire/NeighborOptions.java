// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * Options of neighbor discovery messages (RFC 4861 section 4.6): one byte of type, one byte of
 * length in units of 8 bytes, type and length included.
 */
public final class NeighborOptions {
    /** Type: link-layer address of the sender. */
    public static final int SOURCE_LINK_LAYER = 1;
    /** Type: link-layer address of the target. */
    public static final int TARGET_LINK_LAYER = 2;
    /** Bytes of a link-layer address option for Ethernet (RFC 2464 section 6). */
    public static final int LINK_LAYER_LENGTH = 8;

    private static final int LENGTH = 1;
    private static final int ADDRESS = 2;
    private static final int UNIT = 8;

    private NeighborOptions() {}

    /** Whether the options fill these bytes exactly and none has length 0 (RFC 4861 7.1.1). */
    public static boolean areValid(MemorySegment frame, long at, int length) {
        int seen = 0;
        while (length - seen >= UNIT) {
            int option = BigEndian.u8(frame, at + seen + LENGTH) * UNIT;
            if (option == 0) {
                return false;
            }
            seen += option;
        }
        return seen == length;
    }

    /**
     * The MAC address in the first option of this type, -1 if there is none.
     *
     * @param type {@link #SOURCE_LINK_LAYER} or {@link #TARGET_LINK_LAYER}
     */
    public static long linkLayerAddress(MemorySegment frame, long at, int length, int type) {
        int seen = 0;
        while (length - seen >= UNIT) {
            int option = BigEndian.u8(frame, at + seen + LENGTH) * UNIT;
            if (option == 0) {
                return -1;
            }
            if (BigEndian.u8(frame, at + seen) == type) {
                return BigEndian.u48(frame, at + seen + ADDRESS);
            }
            seen += option;
        }
        return -1;
    }

    /** Writes a link-layer address option and returns its length in bytes. */
    public static int putLinkLayerAddress(MemorySegment frame, long at, int type, long mac) {
        BigEndian.putU16(frame, at, type << 8 | LINK_LAYER_LENGTH / UNIT);
        BigEndian.putU48(frame, at + ADDRESS, mac);
        return LINK_LAYER_LENGTH;
    }
}
