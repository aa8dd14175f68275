// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import java.lang.foreign.MemorySegment;

/** An Ethernet II header (IEEE 802.3 clause 3), seen in place inside a frame. */
public final class EthernetHeader {
    /** Bytes. */
    public static final int LENGTH = 14;
    /** Shortest frame on the wire, without checksum; shorter ones are padded with zeros. */
    public static final int MINIMUM_FRAME = 60;
    /** {@link #type} of IPv4. */
    public static final int ETHERTYPE_IPV4 = 0x0800;
    /** {@link #type} of ARP. */
    public static final int ETHERTYPE_ARP = 0x0806;
    /** {@link #type} of IPv6. */
    public static final int ETHERTYPE_IPV6 = 0x86dd;

    private static final int TARGET = 0;
    private static final int SOURCE = 6;
    private static final int TYPE = 12;

    private MemorySegment frame = MemorySegment.NULL;
    private long at;

    /** Looks at the header at this offset from now on. */
    public EthernetHeader wrap(MemorySegment frame, long at) {
        this.frame = frame;
        this.at = at;
        return this;
    }

    /** Whether the bytes available from here hold the header. */
    public boolean isValid(int available) {
        return available >= LENGTH;
    }

    /** MAC address of the receiver, 48 bits. */
    public long target() {
        return BigEndian.u48(frame, at + TARGET);
    }

    /** Sets {@link #target()}. */
    public EthernetHeader target(long mac) {
        BigEndian.putU48(frame, at + TARGET, mac);
        return this;
    }

    /** MAC address of the sender, 48 bits. */
    public long source() {
        return BigEndian.u48(frame, at + SOURCE);
    }

    /** Sets {@link #source()}. */
    public EthernetHeader source(long mac) {
        BigEndian.putU48(frame, at + SOURCE, mac);
        return this;
    }

    /** EtherType of the payload. */
    public int type() {
        return BigEndian.u16(frame, at + TYPE);
    }

    /** Sets {@link #type()}. */
    public EthernetHeader type(int type) {
        BigEndian.putU16(frame, at + TYPE, type);
        return this;
    }
}
