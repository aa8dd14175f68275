// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/** An ARP packet for IPv4 over Ethernet (RFC 826), seen in place inside a frame. */
public final class ArpPacket {
    /** Bytes. */
    public static final int LENGTH = 28;
    /** {@link #operation}: who has? */
    public static final int REQUEST = 1;
    /** {@link #operation}: here it is. */
    public static final int REPLY = 2;

    private static final int HARDWARE_AND_PROTOCOL = 0;
    private static final int LENGTHS = 4;
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    /** Hardware type 1 (Ethernet), protocol type IPv4. */
    private static final int ETHERNET_IPV4 = 1 << 16 | EthernetHeader.ETHERTYPE_IPV4;
    /** Bytes of either kind of address, one byte each. */
    private static final int ADDRESS_LENGTHS = 6 << 8 | 4;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public ArpPacket wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /**
     * Whether the bytes available from here hold a packet, and it is about IPv4 over Ethernet.
     */
    public boolean isValid(int available) {
        return available >= LENGTH
                && BigEndian.u32(frame, at + HARDWARE_AND_PROTOCOL) == ETHERNET_IPV4
                && BigEndian.u16(frame, at + LENGTHS) == ADDRESS_LENGTHS;
    }

    /** Writes the fixed part and the operation; the addresses are still to be set. */
    public ArpPacket write(int operation) {
        BigEndian.putU32(frame, at + HARDWARE_AND_PROTOCOL, ETHERNET_IPV4);
        BigEndian.putU16(frame, at + LENGTHS, ADDRESS_LENGTHS);
        BigEndian.putU16(frame, at + OPERATION, operation);
        return this;
    }

    /** {@link #REQUEST} or {@link #REPLY}; others exist. */
    public int operation() {
        return BigEndian.u16(frame, at + OPERATION);
    }

    /** Sets {@link #operation()}. */
    public ArpPacket operation(int operation) {
        BigEndian.putU16(frame, at + OPERATION, operation);
        return this;
    }

    /** MAC address of the sender. */
    public long senderHardwareAddress() {
        return BigEndian.u48(frame, at + SENDER_HARDWARE);
    }

    /** Sets {@link #senderHardwareAddress()}. */
    public ArpPacket senderHardwareAddress(long senderHardwareAddress) {
        BigEndian.putU48(frame, at + SENDER_HARDWARE, senderHardwareAddress);
        return this;
    }

    /** IPv4 address of the sender. */
    public int senderProtocolAddress() {
        return BigEndian.u32(frame, at + SENDER_PROTOCOL);
    }

    /** Sets {@link #senderProtocolAddress()}. */
    public ArpPacket senderProtocolAddress(int senderProtocolAddress) {
        BigEndian.putU32(frame, at + SENDER_PROTOCOL, senderProtocolAddress);
        return this;
    }

    /** MAC address asked for, or of the receiver. */
    public long targetHardwareAddress() {
        return BigEndian.u48(frame, at + TARGET_HARDWARE);
    }

    /** Sets {@link #targetHardwareAddress()}. */
    public ArpPacket targetHardwareAddress(long targetHardwareAddress) {
        BigEndian.putU48(frame, at + TARGET_HARDWARE, targetHardwareAddress);
        return this;
    }

    /** IPv4 address asked for, or of the receiver. */
    public int targetProtocolAddress() {
        return BigEndian.u32(frame, at + TARGET_PROTOCOL);
    }

    /** Sets {@link #targetProtocolAddress()}. */
    public ArpPacket targetProtocolAddress(int targetProtocolAddress) {
        BigEndian.putU32(frame, at + TARGET_PROTOCOL, targetProtocolAddress);
        return this;
    }
}
