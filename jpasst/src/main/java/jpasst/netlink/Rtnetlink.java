// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

/**
 * Numbers of netlink(7) and rtnetlink(7) used here, equal on every architecture: linux/netlink.h,
 * linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/if.h. A test compares them with the
 * headers.
 */
final class Rtnetlink {
    /** Family of the socket, protocol, and its options. */
    static final int AF_NETLINK = 16, NETLINK_ROUTE = 0, SOL_NETLINK = 270;
    static final int NETLINK_CAP_ACK = 10, NETLINK_EXT_ACK = 11, NETLINK_GET_STRICT_CHK = 12;

    static final int AF_INET = 2, AF_INET6 = 10;

    /** Types of messages: control, then those of rtnetlink. */
    static final int NLMSG_ERROR = 2, NLMSG_DONE = 3;
    static final int RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_GETADDR = 22;
    static final int RTM_NEWROUTE = 24, RTM_GETROUTE = 26;

    /** Flags of messages. Those of one line belong to different kinds of requests or answers. */
    static final int NLM_F_REQUEST = 0x1, NLM_F_MULTI = 0x2, NLM_F_ACK = 0x4;
    static final int NLM_F_DUMP_INTR = 0x10, NLM_F_ACK_TLVS = 0x200, NLM_F_DUMP = 0x300;
    static final int NLM_F_REPLACE = 0x100, NLM_F_EXCL = 0x200, NLM_F_CREATE = 0x400;

    /** Attribute of an error message: the kernel's own words. */
    static final int NLMSGERR_ATTR_MSG = 1;
    /** What an attribute's type may carry besides the type. */
    static final int NLA_TYPE_MASK = 0x3fff;

    /** {@code struct nlmsghdr}: length u32, type u16, flags u16, sequence u32, port u32. */
    static final int HEADER_LENGTH = 16, LENGTH = 0, TYPE = 4, FLAGS = 6, SEQUENCE = 8;
    /** {@code struct nlmsgerr}, from the start of the message: error i32, then the old header. */
    static final int ERROR = 16, ERROR_LENGTH = 36;

    /** {@code struct ifinfomsg}, from the start of the message. */
    static final int LINK_LENGTH = 32, LINK_INDEX = 20, LINK_FLAGS = 24;
    static final int IFF_UP = 0x1, IFF_NOARP = 0x80;
    static final int IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4;

    /** {@code struct ifaddrmsg}, from the start of the message. */
    static final int ADDRESS_LENGTH = 24, ADDRESS_FAMILY = 16, ADDRESS_PREFIX = 17;
    static final int ADDRESS_FLAGS = 18, ADDRESS_SCOPE = 19, ADDRESS_INDEX = 20;
    static final int IFA_ADDRESS = 1, IFA_LOCAL = 2, IFA_LABEL = 3, IFA_CACHEINFO = 6;
    static final int IFA_FLAGS = 8;
    static final int IFA_F_NODAD = 0x2, IFA_F_DEPRECATED = 0x20;

    /** {@code struct rtmsg}, from the start of the message. */
    static final int ROUTE_LENGTH = 28, ROUTE_FAMILY = 16, ROUTE_PREFIX = 17, ROUTE_TABLE = 20;
    static final int ROUTE_TYPE = 23, ROUTE_FLAGS = 24;
    static final int RTA_DST = 1, RTA_OIF = 4, RTA_GATEWAY = 5, RTA_PREFSRC = 7;
    static final int RTA_MULTIPATH = 9, RTA_CACHEINFO = 12, RTA_TABLE = 15, RTA_VIA = 18;
    static final int RTA_NH_ID = 30;
    static final int RT_TABLE_MAIN = 254, RTPROT_BOOT = 3, RTN_UNICAST = 1;
    static final int RT_SCOPE_UNIVERSE = 0, RT_SCOPE_LINK = 253;
    static final int RTNH_F_ONLINK = 4;

    /** {@code struct rtnexthop}, from its own start: length u16, flags, hops u8, interface i32. */
    static final int HOP_LENGTH = 8, HOP_FLAGS = 2, HOP_WEIGHT = 3, HOP_INTERFACE = 4;

    private Rtnetlink() {
    }

    /** A length rounded up to the alignment of messages, attributes and next hops. */
    static int align(int length) {
        return length + 3 & ~3;
    }
}
