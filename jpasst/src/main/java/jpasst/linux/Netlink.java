// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * netlink(7): {@code struct nlmsghdr}, {@code nlattr}/{@code rtattr} and {@code sockaddr_nl} in
 * place. Numbers are in native order; messages and attributes begin at multiples of 4.
 */
public final class Netlink {
    public static final int NETLINK_ROUTE = 0;
    public static final int NETLINK_SOCK_DIAG = 4;

    // Options at level SOL_NETLINK.
    public static final int NETLINK_CAP_ACK = 10;
    public static final int NETLINK_EXT_ACK = 11;
    public static final int NETLINK_GET_STRICT_CHK = 12;

    // Types of messages below RTM_*.
    public static final int NLMSG_NOOP = 1;
    public static final int NLMSG_ERROR = 2;
    public static final int NLMSG_DONE = 3;

    // Flags of messages.
    public static final int NLM_F_REQUEST = 1;
    public static final int NLM_F_MULTI = 2;
    public static final int NLM_F_ACK = 4;
    public static final int NLM_F_DUMP_INTR = 0x10;
    public static final int NLM_F_ACK_TLVS = 0x200;
    public static final int NLM_F_REPLACE = 0x100;
    public static final int NLM_F_EXCL = 0x200;
    public static final int NLM_F_CREATE = 0x400;
    public static final int NLM_F_APPEND = 0x800;
    public static final int NLM_F_DUMP = 0x300;

    /** {@code struct nlmsghdr}: u32 length, u16 type, u16 flags, u32 sequence, u32 port. */
    public static final int HEADER_LENGTH = 16;
    static final int LENGTH = 0;
    static final int TYPE = 4;
    static final int FLAGS = 6;
    static final int SEQUENCE = 8;
    static final int PORT = 12;
    /** {@code struct nlmsgerr}, behind the header: -errno, then the request's header. */
    static final int ERROR = 16;
    /** Where attributes of NLMSG_ERROR begin, if the request is left out (NETLINK_CAP_ACK). */
    public static final int ERROR_ATTRIBUTES = 36;
    /** Where attributes of NLMSG_DONE begin, behind -errno. */
    public static final int DONE_ATTRIBUTES = 20;
    /** The kernel's explanation of an error, as text. */
    public static final int NLMSGERR_ATTR_MSG = 1;

    /** {@code struct rtattr}: u16 length with header, u16 type. */
    public static final int ATTRIBUTE_HEADER_LENGTH = 4;
    static final int ATTRIBUTE_LENGTH = 0;
    static final int ATTRIBUTE_TYPE = 2;
    /** The type without the bits NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
    static final int NLA_TYPE_MASK = 0x3fff;
    public static final int NLA_F_NESTED = 0x8000;

    /** {@code struct sockaddr_nl}: u16 family, u16 padding, u32 port, u32 groups. */
    public static final int ADDRESS_LENGTH = 12;
    static final int ADDRESS_PORT = 4;
    static final int ADDRESS_GROUPS = 8;

    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    private Netlink() {
    }

    /** Rounds up to where the next message or attribute begins. */
    public static int align(int length) {
        return length + 3 & ~3;
    }

    /** Writes a message header. */
    public static void putHeader(MemorySegment memory, long at, int length, int type, int flags,
            int sequence) {
        memory.set(U32, at + LENGTH, length);
        memory.set(U16, at + TYPE, (short) type);
        memory.set(U16, at + FLAGS, (short) flags);
        memory.set(U32, at + SEQUENCE, sequence);
        memory.set(U32, at + PORT, 0);
    }

    /** Length of a message with its header, without the padding behind it. */
    public static int length(MemorySegment memory, long at) {
        return memory.get(U32, at + LENGTH);
    }

    /** Sets the length of a message. */
    public static void length(MemorySegment memory, long at, int length) {
        memory.set(U32, at + LENGTH, length);
    }

    /** NLMSG_* or RTM_*. */
    public static int type(MemorySegment memory, long at) {
        return memory.get(U16, at + TYPE) & 0xffff;
    }

    /** NLM_F_*. */
    public static int flags(MemorySegment memory, long at) {
        return memory.get(U16, at + FLAGS) & 0xffff;
    }

    /** The sequence number of the request this answers. */
    public static int sequence(MemorySegment memory, long at) {
        return memory.get(U32, at + SEQUENCE);
    }

    /** In a message NLMSG_ERROR: 0 (an acknowledgement) or -errno. NLMSG_DONE has it too. */
    public static int error(MemorySegment memory, long at) {
        return memory.get(U32, at + ERROR);
    }

    /** Writes a {@code sockaddr_nl} of our own: the kernel chooses the port. */
    public static void putAddress(MemorySegment memory, long at, int groups) {
        memory.set(U16, at, (short) Sockets.AF_NETLINK);
        memory.set(U16, at + 2, (short) 0);
        memory.set(U32, at + ADDRESS_PORT, 0);
        memory.set(U32, at + ADDRESS_GROUPS, groups);
    }

    /** Writes an attribute's header; its data begins {@link #ATTRIBUTE_HEADER_LENGTH} later. */
    public static void putAttribute(MemorySegment memory, long at, int type, int dataLength) {
        memory.set(U16, at + ATTRIBUTE_LENGTH, (short) (ATTRIBUTE_HEADER_LENGTH + dataLength));
        memory.set(U16, at + ATTRIBUTE_TYPE, (short) type);
    }

    /** Length of an attribute with its header, without the padding behind it. */
    public static int attributeLength(MemorySegment memory, long at) {
        return memory.get(U16, at + ATTRIBUTE_LENGTH) & 0xffff;
    }

    /** An attribute's type, without flag bits. */
    public static int attributeType(MemorySegment memory, long at) {
        return memory.get(U16, at + ATTRIBUTE_TYPE) & NLA_TYPE_MASK;
    }
}
