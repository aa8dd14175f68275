// SPDX-License-Identifier: Apache-2.0

package jpasst.frame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.LazyMemory;

/**
 * One Ethernet frame in memory, with its offload facts in the meaning of
 * {@code struct virtio_net_hdr} (virtio 1.2 section 5.1.6). Reused; loop thread only. All offsets
 * of facts count from the frame's first byte, not from that of the memory.
 */
public final class Frame {
    /**
     * Bytes in front of a frame in its own memory, free for a transport's header; and in front of
     * a payload received for one, where the frame's own headers (62 bytes with IPv6 and UDP) find
     * room, too.
     */
    public static final int HEADROOM = 128;
    /** Largest length of a frame in its own memory: an IP packet of 64 KiB and its link header. */
    public static final int MAXIMUM_LENGTH = 65536 + 64;
    /** Bytes of a frame's own memory. */
    public static final int CAPACITY = HEADROOM + MAXIMUM_LENGTH;

    /** {@link #gsoType}: an ordinary frame. The values are those of virtio_net_hdr. */
    public static final int GSO_NONE = 0;
    /** {@link #gsoType}: many TCP segments over IPv4. */
    public static final int GSO_TCPV4 = 1;
    /** {@link #gsoType}: many TCP segments over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** {@link #gsoType}: many UDP datagrams, over IPv4 or IPv6. */
    public static final int GSO_UDP_L4 = 5;

    private final MemorySegment own;
    private MemorySegment memory;
    private long at;
    private int length;
    private boolean needsChecksum;
    private int checksumStart;
    private int checksumOffset;
    private int gsoType;
    private int gsoSize;
    private int headerLength;
    private boolean trusted;

    /** A frame without memory of its own: {@link #wrap} gives it some. */
    public Frame() {
        own = MemorySegment.NULL;
        memory = own;
    }

    /** A frame with {@link #CAPACITY} bytes of its own, which live as long as the arena. */
    public Frame(Arena arena) {
        own = LazyMemory.allocate(arena, CAPACITY);
        reset();
    }

    /** Back to the frame's own memory behind the headroom: empty and {@link #plain}. */
    public Frame reset() {
        return wrap(own, own.byteSize() == 0 ? 0 : HEADROOM, 0);
    }

    /** Is from now on the frame at this place, and {@link #plain}. */
    public Frame wrap(MemorySegment memory, long at, int length) {
        assert at >= 0 && length >= 0 && at + length <= memory.byteSize();
        this.memory = memory;
        this.at = at;
        this.length = length;
        return plain();
    }

    /** The memory the frame is in. */
    public MemorySegment memory() {
        return memory;
    }

    /** Offset of the frame's first byte in {@link #memory}. */
    public long at() {
        return at;
    }

    /** Bytes of the frame, link header included. */
    public int length() {
        return length;
    }

    /** Sets {@link #length()}; the facts stay. */
    public Frame length(int length) {
        assert length >= 0 && at + length <= memory.byteSize();
        this.length = length;
        return this;
    }

    /**
     * Whether the transport checksum is incomplete: its field holds the folded sum of the pseudo
     * header, and the sum of all bytes from {@link #checksumStart} to the end is to be added.
     */
    public boolean needsChecksum() {
        return needsChecksum;
    }

    /** Where the transport header begins. Only if {@link #needsChecksum}. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Distance of the checksum field from {@link #checksumStart}. Only if it is needed. */
    public int checksumOffset() {
        return checksumOffset;
    }

    /** One of the {@code GSO_} constants. */
    public int gsoType() {
        return gsoType;
    }

    /** Bytes of transport payload in each segment of a super-frame but the last. */
    public int gsoSize() {
        return gsoSize;
    }

    /** Bytes of all headers of a super-frame, link to transport; a hint, as in virtio. */
    public int headerLength() {
        return headerLength;
    }

    /**
     * Whether a receiver must not verify the checksum: the frame comes from the same machine and
     * the checksum is incomplete, or the link has checked it (virtio DATA_VALID).
     */
    public boolean checksumTrusted() {
        return trusted || needsChecksum;
    }

    /** Whether the link vouches for the checksum, whatever {@link #needsChecksum} says. */
    boolean trusted() {
        return trusted;
    }

    /** No facts: one ordinary frame with a complete checksum, which is to be verified. */
    public Frame plain() {
        needsChecksum = false;
        checksumStart = 0;
        checksumOffset = 0;
        trusted = false;
        return gso(GSO_NONE, 0, 0);
    }

    /** Sets {@link #needsChecksum}, with {@link #checksumStart} and {@link #checksumOffset}. */
    public Frame partialChecksum(int start, int offset) {
        needsChecksum = true;
        checksumStart = start;
        checksumOffset = offset;
        return this;
    }

    /** The checksum is complete now: clears {@link #needsChecksum}. */
    public Frame completeChecksum() {
        needsChecksum = false;
        checksumStart = 0;
        checksumOffset = 0;
        return this;
    }

    /** Sets {@link #gsoType}, {@link #gsoSize} and {@link #headerLength}. */
    public Frame gso(int type, int size, int headerLength) {
        gsoType = type;
        gsoSize = size;
        this.headerLength = headerLength;
        return this;
    }

    /** Sets whether the link vouches for the checksum; see {@link #checksumTrusted}. */
    public Frame trusted(boolean trusted) {
        this.trusted = trusted;
        return this;
    }
}
