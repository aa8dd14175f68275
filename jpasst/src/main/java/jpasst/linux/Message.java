// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A {@code struct msghdr} with everything it points to: room for a socket address, a list of
 * iovecs, and control messages (recvmsg(2), cmsg(3)). Allocated once, used again and again by one
 * thread; the memory its iovecs name must stay alive.
 */
public final class Message {
    static final int HEADER_LENGTH = 56;
    static final int NAME = 0;
    static final int NAME_LENGTH = 8;
    static final int IOV = 16;
    static final int IOV_COUNT = 24;
    static final int CONTROL = 32;
    static final int CONTROL_LENGTH = 40;
    static final int FLAGS = 48;

    /** {@code struct cmsghdr}: u64 length with header, int level, int type; data follows. */
    static final int CONTROL_HEADER_LENGTH = 16;
    static final int CONTROL_LEVEL = 8;
    static final int CONTROL_TYPE = 12;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final MemorySegment header;
    private final long at;
    private final MemorySegment name;
    private final MemorySegment iov;
    private final MemorySegment control;
    private final int maxIov;

    /**
     * @param maxIov how many pieces of memory at most
     * @param controlBytes room for control messages, see {@link #controlSpace}; 0 for none
     */
    public Message(Arena arena, int maxIov, int controlBytes) {
        this(arena, arena.allocate(HEADER_LENGTH, 8), 0, maxIov, controlBytes);
    }

    Message(Arena arena, MemorySegment header, long at, int maxIov, int controlBytes) {
        this.header = header;
        this.at = at;
        this.maxIov = maxIov;
        this.name = arena.allocate(SocketAddress.LENGTH, 8);
        this.iov = arena.allocate((long) maxIov * Files.IOVEC_LENGTH, 8);
        this.control = arena.allocate(controlBytes, 8);
        header.set(LONG, at + IOV, iov.address());
    }

    /** The memory that holds the header, {@link #at} where. */
    public MemorySegment segment() {
        return header;
    }

    /** Offset of the header in {@link #segment}. */
    public long at() {
        return at;
    }

    /** Sets iovec {@code index} and leaves the count alone. */
    public Message iov(int index, MemorySegment memory, long memoryAt, long length) {
        Files.iovec(iov, 0, index, memory, memoryAt, length);
        return this;
    }

    /** Sets how many iovecs count, from the first. */
    public Message iovCount(int count) {
        if (count < 0 || count > maxIov) {
            throw new IndexOutOfBoundsException(count);
        }
        header.set(LONG, at + IOV_COUNT, count);
        return this;
    }

    /** How many iovecs count. */
    public int iovCount() {
        return (int) header.get(LONG, at + IOV_COUNT);
    }

    /** No destination: for connected sockets. */
    public Message noName() {
        header.set(LONG, at + NAME, 0);
        return nameLength(0);
    }

    /** Destination in the form of its own family, see {@link SocketAddress#put}. */
    public Message name(long high, long low, int port, int scopeId) {
        header.set(LONG, at + NAME, name.address());
        return nameLength(SocketAddress.put(name, 0, high, low, port, scopeId));
    }

    /** The socket address, at offset 0: the sender's after a receive. */
    public MemorySegment name() {
        return name;
    }

    /** Length of the sender's address as the kernel wrote it; 0 on connected streams. */
    public int nameLength() {
        return header.get(INT, at + NAME_LENGTH);
    }

    private Message nameLength(int length) {
        header.set(INT, at + NAME_LENGTH, length);
        return this;
    }

    /** Offers all room for name and control messages to the next receive, and clears flags. */
    public Message forReceive() {
        header.set(LONG, at + NAME, name.address());
        nameLength(SocketAddress.LENGTH);
        header.set(INT, at + FLAGS, 0);
        return controlLength((int) control.byteSize());
    }

    /** Flags after a receive: MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE. */
    public int flags() {
        return header.get(INT, at + FLAGS);
    }

    /** Bytes a control message with {@code dataLength} bytes of data takes (CMSG_SPACE). */
    public static int controlSpace(int dataLength) {
        return CONTROL_HEADER_LENGTH + align(dataLength);
    }

    private static int align(int length) {
        return length + 7 & ~7;
    }

    /** Forgets all control messages. */
    public Message noControl() {
        return controlLength(0);
    }

    /**
     * Appends a control message; its data is yet to be written, into {@link #control}.
     *
     * @return offset of the data in {@link #control}
     */
    public int addControl(int level, int type, int dataLength) {
        int start = controlLength();
        controlLength(start + controlSpace(dataLength));
        control.set(LONG, start, CONTROL_HEADER_LENGTH + dataLength);
        control.set(INT, start + CONTROL_LEVEL, level);
        control.set(INT, start + CONTROL_TYPE, type);
        return start + CONTROL_HEADER_LENGTH;
    }

    /** Appends a control message whose data is a u16, such as UDP_SEGMENT. */
    public Message addControlShort(int level, int type, int value) {
        control.set(ValueLayout.JAVA_SHORT, addControl(level, type, 2), (short) value);
        return this;
    }

    /** Appends a control message whose data is an int, such as IP_TTL. */
    public Message addControlInt(int level, int type, int value) {
        control.set(INT, addControl(level, type, 4), value);
        return this;
    }

    /** Bytes of control messages present. */
    public int controlLength() {
        return (int) header.get(LONG, at + CONTROL_LENGTH);
    }

    private Message controlLength(int length) {
        if (length > control.byteSize()) {
            throw new IndexOutOfBoundsException(length);
        }
        header.set(LONG, at + CONTROL, length == 0 ? 0 : control.address());
        header.set(LONG, at + CONTROL_LENGTH, length);
        return this;
    }

    /** The memory of the control messages. */
    public MemorySegment control() {
        return control;
    }

    /** Position of the first control message in {@link #control}, or -1. */
    public int firstControl() {
        return controlAt(0);
    }

    /** Position of the control message after the one at {@code position}, or -1. */
    public int nextControl(int position) {
        return controlAt(position + align((int) control.get(LONG, position)));
    }

    private int controlAt(int position) {
        if (position + CONTROL_HEADER_LENGTH > controlLength()) {
            return -1;
        }
        long length = control.get(LONG, position);
        boolean whole = length >= CONTROL_HEADER_LENGTH && position + length <= controlLength();
        return whole ? position : -1;
    }

    /** Level of the control message at {@code position}. */
    public int controlLevel(int position) {
        return control.get(INT, position + CONTROL_LEVEL);
    }

    /** Type of the control message at {@code position}. */
    public int controlType(int position) {
        return control.get(INT, position + CONTROL_TYPE);
    }

    /** Offset in {@link #control} of the data of the message at {@code position}. */
    public int controlData(int position) {
        return position + CONTROL_HEADER_LENGTH;
    }

    /** Bytes of data of the control message at {@code position}. */
    public int controlDataLength(int position) {
        return (int) control.get(LONG, position) - CONTROL_HEADER_LENGTH;
    }

    /** The data of the control message at {@code position} as an int (0 if it is shorter). */
    public int controlInt(int position) {
        return controlDataLength(position) < 4 ? 0 : control.get(INT, controlData(position));
    }
}
