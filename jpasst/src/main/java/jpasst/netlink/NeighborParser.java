// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.MemorySegment;
import jpasst.addr.IpAddress;
import jpasst.linux.NeighborMessage;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;

/**
 * Reads RTM_NEWNEIGH and RTM_DELNEIGH (rtnetlink(7)). Messages cut short, of bridges or of proxies
 * say nothing; MAC addresses of other lengths than Ethernet's, and group addresses, as the kernel
 * has them for multicast and broadcast, are none.
 */
final class NeighborParser {
    /** States in which the kernel would send to the MAC address: its NUD_VALID. */
    private static final int USABLE = Rtnetlink.NUD_PERMANENT | Rtnetlink.NUD_NOARP
            | Rtnetlink.NUD_REACHABLE | Rtnetlink.NUD_PROBE | Rtnetlink.NUD_STALE
            | Rtnetlink.NUD_DELAY;
    private static final int BODY = Netlink.HEADER_LENGTH;
    private static final long GROUP_BIT = 0x0100_0000_0000L;

    private final NeighborListener listener;

    NeighborParser(NeighborListener listener) {
        this.listener = listener;
    }

    /**
     * Reads one message, of any type.
     *
     * @param length of the whole message, all of which is there; at least that of its header
     */
    void take(MemorySegment memory, int at, int length) {
        int type = Netlink.type(memory, at);
        boolean there = type == Rtnetlink.RTM_NEWNEIGH;
        if (!there && type != Rtnetlink.RTM_DELNEIGH
                || length < BODY + NeighborMessage.LENGTH
                || (NeighborMessage.flags(memory, at + BODY) & Rtnetlink.NTF_PROXY) != 0) {
            return;
        }
        IpAddress address = null;
        long mac = NeighborListener.NO_MAC;
        var attributes = new Attributes(memory, at + BODY + NeighborMessage.LENGTH, at + length);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.NDA_DST -> address = attributes.address();
                case Rtnetlink.NDA_LLADDR -> mac = attributes.macAddress();
                default -> { }
            }
        }
        if (address == null || !isOfFamily(address, NeighborMessage.family(memory, at + BODY))) {
            return;
        }
        boolean usable = there && (mac & GROUP_BIT) == 0
                && (NeighborMessage.state(memory, at + BODY) & USABLE) != 0;
        listener.neighbor(NeighborMessage.index(memory, at + BODY), address.high(),
                address.low(), usable ? mac : NeighborListener.NO_MAC);
    }

    private static boolean isOfFamily(IpAddress address, int family) {
        return family == (address.isV4() ? Sockets.AF_INET : Sockets.AF_INET6);
    }
}
