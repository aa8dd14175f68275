// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/**
 * A TCP header (RFC 9293 section 3.1), seen in place inside a frame. Sequence numbers are ints to
 * be compared modulo 2^32.
 */
public final class TcpHeader {
    /** Bytes, without options. */
    public static final int LENGTH = 20;
    /** Distance of the checksum field from the header's first byte. */
    public static final int CHECKSUM_OFFSET = 16;
    /** {@link #flags} bit: the sender is finished. */
    public static final int FIN = 0x01;
    /** {@link #flags} bit: synchronise sequence numbers. */
    public static final int SYN = 0x02;
    /** {@link #flags} bit: reset. */
    public static final int RST = 0x04;
    /** {@link #flags} bit: push. */
    public static final int PSH = 0x08;
    /** {@link #flags} bit: the acknowledgment number is meant. */
    public static final int ACK = 0x10;
    /** {@link #flags} bit: the urgent pointer is meant. */
    public static final int URG = 0x20;
    /** {@link #flags} bit: ECN echo (RFC 3168). */
    public static final int ECE = 0x40;
    /** {@link #flags} bit: congestion window reduced (RFC 3168). */
    public static final int CWR = 0x80;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE_NUMBER = 4;
    private static final int ACKNOWLEDGMENT_NUMBER = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public TcpHeader wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /**
     * Whether the bytes available from here hold the header with its options; the rest is data.
     */
    public boolean isValid(int available) {
        return available >= LENGTH && dataOffset() >= LENGTH && dataOffset() <= available;
    }

    /**
     * Writes a whole header: checksum and urgent pointer are 0.
     *
     * @param dataOffset bytes of header and options, a multiple of 4
     * @param window as it goes on the wire, 0 to 65535, scale already applied
     */
    public TcpHeader write(int sourcePort, int destinationPort, int sequenceNumber,
            int acknowledgmentNumber, int dataOffset, int flags, int window) {
        BigEndian.putU32(frame, at + SOURCE_PORT, sourcePort << 16 | destinationPort & 0xffff);
        BigEndian.putU32(frame, at + SEQUENCE_NUMBER, sequenceNumber);
        BigEndian.putU32(frame, at + ACKNOWLEDGMENT_NUMBER, acknowledgmentNumber);
        BigEndian.putU32(frame, at + DATA_OFFSET,
                dataOffset / 4 << 28 | (flags & 0xff) << 16 | window & 0xffff);
        BigEndian.putU32(frame, at + CHECKSUM_OFFSET, 0);
        return this;
    }

    /** Whether all of these flags are set. */
    public boolean has(int flags) {
        return (flags() & flags) == flags;
    }

    /** Port of the sender. */
    public int sourcePort() {
        return BigEndian.u16(frame, at + SOURCE_PORT);
    }

    /** Sets {@link #sourcePort()}. */
    public TcpHeader sourcePort(int sourcePort) {
        BigEndian.putU16(frame, at + SOURCE_PORT, sourcePort);
        return this;
    }

    /** Port of the receiver. */
    public int destinationPort() {
        return BigEndian.u16(frame, at + DESTINATION_PORT);
    }

    /** Sets {@link #destinationPort()}. */
    public TcpHeader destinationPort(int destinationPort) {
        BigEndian.putU16(frame, at + DESTINATION_PORT, destinationPort);
        return this;
    }

    /** Sequence number of the first data byte, or of SYN. */
    public int sequenceNumber() {
        return BigEndian.u32(frame, at + SEQUENCE_NUMBER);
    }

    /** Sets {@link #sequenceNumber()}. */
    public TcpHeader sequenceNumber(int sequenceNumber) {
        BigEndian.putU32(frame, at + SEQUENCE_NUMBER, sequenceNumber);
        return this;
    }

    /** Next sequence number expected, if {@link #ACK} is set. */
    public int acknowledgmentNumber() {
        return BigEndian.u32(frame, at + ACKNOWLEDGMENT_NUMBER);
    }

    /** Sets {@link #acknowledgmentNumber()}. */
    public TcpHeader acknowledgmentNumber(int acknowledgmentNumber) {
        BigEndian.putU32(frame, at + ACKNOWLEDGMENT_NUMBER, acknowledgmentNumber);
        return this;
    }

    /** Bytes of the header with its options: 0 to 60, at least 20 if valid. */
    public int dataOffset() {
        return (BigEndian.u8(frame, at + DATA_OFFSET) >>> 4) * 4;
    }

    /** Sets {@link #dataOffset()}, a multiple of 4, and the reserved bits to 0. */
    public TcpHeader dataOffset(int dataOffset) {
        BigEndian.putU8(frame, at + DATA_OFFSET, dataOffset / 4 << 4);
        return this;
    }

    /** Control bits, {@link #FIN} to {@link #CWR}. */
    public int flags() {
        return BigEndian.u8(frame, at + FLAGS);
    }

    /** Sets {@link #flags()}. */
    public TcpHeader flags(int flags) {
        BigEndian.putU8(frame, at + FLAGS, flags);
        return this;
    }

    /** Window as it is on the wire, not scaled. */
    public int window() {
        return BigEndian.u16(frame, at + WINDOW);
    }

    /** Sets {@link #window()}. */
    public TcpHeader window(int window) {
        BigEndian.putU16(frame, at + WINDOW, window);
        return this;
    }

    /** Checksum. */
    public int checksum() {
        return BigEndian.u16(frame, at + CHECKSUM_OFFSET);
    }

    /** Sets {@link #checksum()}. */
    public TcpHeader checksum(int checksum) {
        BigEndian.putU16(frame, at + CHECKSUM_OFFSET, checksum);
        return this;
    }

    /** Urgent pointer, if {@link #URG} is set. */
    public int urgentPointer() {
        return BigEndian.u16(frame, at + URGENT_POINTER);
    }

    /** Sets {@link #urgentPointer()}. */
    public TcpHeader urgentPointer(int urgentPointer) {
        BigEndian.putU16(frame, at + URGENT_POINTER, urgentPointer);
        return this;
    }
}
