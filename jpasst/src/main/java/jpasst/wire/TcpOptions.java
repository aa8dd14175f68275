// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * The TCP options we understand (RFC 9293 section 3.2, RFC 7323 section 2), read from and written
 * to the bytes behind a {@link TcpHeader}. Reading never fails: it stops at the end-of-list option,
 * at an option whose length is less than 2 or runs past the end, and ignores an option whose
 * length is not the one its kind has.
 */
public final class TcpOptions {
    /** Bytes {@link #putSyn} writes. */
    public static final int SYN_LENGTH = 8;

    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int MAXIMUM_SEGMENT_SIZE = 2;
    private static final int MAXIMUM_SEGMENT_SIZE_LENGTH = 4;
    private static final int WINDOW_SCALE = 3;
    private static final int WINDOW_SCALE_LENGTH = 3;
    private static final int VALUE = 2;

    private TcpOptions() {}

    /**
     * The maximum segment size, 0 to 65535, or -1 if there is none.
     *
     * @param at offset of the first option, just behind the fixed header
     * @param length bytes of options
     */
    public static int maximumSegmentSize(MemorySegment frame, long at, int length) {
        long option = find(frame, at, length, MAXIMUM_SEGMENT_SIZE, MAXIMUM_SEGMENT_SIZE_LENGTH);
        return option < 0 ? -1 : BigEndian.u16(frame, option + VALUE);
    }

    /** The window scale as sent, 0 to 255, or -1 if there is none; parameters as above. */
    public static int windowScale(MemorySegment frame, long at, int length) {
        long option = find(frame, at, length, WINDOW_SCALE, WINDOW_SCALE_LENGTH);
        return option < 0 ? -1 : BigEndian.u8(frame, option + VALUE);
    }

    /** Offset of the first option of this kind and length, or -1. */
    private static long find(MemorySegment frame, long at, int length, int kind, int kindLength) {
        int i = 0;
        while (i < length) {
            int found = BigEndian.u8(frame, at + i);
            if (found == END) {
                return -1;
            }
            if (found == NO_OPERATION) {
                i++;
                continue;
            }
            int optionLength = i + 1 < length ? BigEndian.u8(frame, at + i + 1) : 0;
            if (optionLength < 2 || optionLength > length - i) {
                return -1;
            }
            if (found == kind && optionLength == kindLength) {
                return at + i;
            }
            i += optionLength;
        }
        return -1;
    }

    /**
     * Writes the one option of a SYN segment that must not have a window scale, 4 bytes: maximum
     * segment size.
     *
     * @return the bytes written
     */
    public static int putMaximumSegmentSize(MemorySegment frame, long at,
            int maximumSegmentSize) {
        BigEndian.putU32(frame, at, MAXIMUM_SEGMENT_SIZE << 24 | MAXIMUM_SEGMENT_SIZE_LENGTH << 16
                | maximumSegmentSize & 0xffff);
        return MAXIMUM_SEGMENT_SIZE_LENGTH;
    }

    /**
     * Writes the options of our SYN segments, {@link #SYN_LENGTH} bytes: maximum segment size,
     * no-operation, window scale.
     *
     * @return the bytes written
     */
    public static int putSyn(MemorySegment frame, long at, int maximumSegmentSize,
            int windowScale) {
        BigEndian.putU32(frame, at, MAXIMUM_SEGMENT_SIZE << 24 | MAXIMUM_SEGMENT_SIZE_LENGTH << 16
                | maximumSegmentSize & 0xffff);
        BigEndian.putU32(frame, at + MAXIMUM_SEGMENT_SIZE_LENGTH, NO_OPERATION << 24
                | WINDOW_SCALE << 16 | WINDOW_SCALE_LENGTH << 8 | windowScale & 0xff);
        return SYN_LENGTH;
    }
}
