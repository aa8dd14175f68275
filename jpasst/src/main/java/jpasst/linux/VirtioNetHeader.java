// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct virtio_net_hdr} (linux/virtio_net.h, VIRTIO 1.3 section 5.1.6), in front of each
 * frame of a tap device with IFF_VNET_HDR. Numbers are in native order, 16 bits each. In place:
 * accessors take (memory, at) and any {@code at} is fine.
 */
public final class VirtioNetHeader {
    public static final int LENGTH = 10;

    /** flags: the checksum from {@link #checksumStart} on is yet to be filled in. */
    public static final int NEEDS_CHECKSUM = 1;
    /** flags: the checksum has been verified. */
    public static final int DATA_VALID = 2;

    // gsoType: what a frame longer than the link allows is to be cut into.
    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    public static final int GSO_UDP = 3;
    public static final int GSO_TCPV6 = 4;
    public static final int GSO_UDP_L4 = 5;
    /** A bit beside the type: segments carry ECN flags. */
    public static final int GSO_ECN = 0x80;

    static final int FLAGS = 0;
    static final int GSO_TYPE = 1;
    static final int HEADER_LENGTH = 2;
    static final int GSO_SIZE = 4;
    static final int CHECKSUM_START = 6;
    static final int CHECKSUM_OFFSET = 8;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    private VirtioNetHeader() {
    }

    /** No offload: all zero. */
    public static void clear(MemorySegment memory, long at) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, 0);
        memory.set(U16, at + CHECKSUM_OFFSET, (short) 0);
    }

    /**
     * Writes all fields.
     *
     * @param flags {@link #NEEDS_CHECKSUM}, {@link #DATA_VALID} or 0
     * @param gsoType a GSO_* value
     * @param headerLength bytes of Ethernet, IP and transport header, with a gsoType
     * @param gsoSize bytes of payload per segment, with a gsoType
     * @param checksumStart where in the frame the sum begins, with NEEDS_CHECKSUM
     * @param checksumOffset from there to the checksum field, with NEEDS_CHECKSUM
     */
    public static void put(MemorySegment memory, long at, int flags, int gsoType,
            int headerLength, int gsoSize, int checksumStart, int checksumOffset) {
        memory.set(ValueLayout.JAVA_BYTE, at + FLAGS, (byte) flags);
        memory.set(ValueLayout.JAVA_BYTE, at + GSO_TYPE, (byte) gsoType);
        memory.set(U16, at + HEADER_LENGTH, (short) headerLength);
        memory.set(U16, at + GSO_SIZE, (short) gsoSize);
        memory.set(U16, at + CHECKSUM_START, (short) checksumStart);
        memory.set(U16, at + CHECKSUM_OFFSET, (short) checksumOffset);
    }

    /** {@link #NEEDS_CHECKSUM} and {@link #DATA_VALID}. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + FLAGS) & 0xff;
    }

    /** A GSO_* value, perhaps with {@link #GSO_ECN}. */
    public static int gsoType(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at + GSO_TYPE) & 0xff;
    }

    /** Bytes of headers; a hint that is not to be trusted. */
    public static int headerLength(MemorySegment memory, long at) {
        return memory.get(U16, at + HEADER_LENGTH) & 0xffff;
    }

    /** Bytes of payload per segment. */
    public static int gsoSize(MemorySegment memory, long at) {
        return memory.get(U16, at + GSO_SIZE) & 0xffff;
    }

    /** Where in the frame the checksum begins to sum. */
    public static int checksumStart(MemorySegment memory, long at) {
        return memory.get(U16, at + CHECKSUM_START) & 0xffff;
    }

    /** From {@link #checksumStart} to the checksum field. */
    public static int checksumOffset(MemorySegment memory, long at) {
        return memory.get(U16, at + CHECKSUM_OFFSET) & 0xffff;
    }
}
