// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpasst.linux.InterfaceMessage;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;

/**
 * A network interface, as RTM_GETLINK tells.
 *
 * @param index its number, from 1
 * @param name its name
 * @param mtu bytes of the largest IP packet
 * @param mac its MAC address (48 bits, network order), 0 if it has none of 6 bytes
 * @param flags IFF_* bits of linux/if.h
 */
record Link(int index, String name, int mtu, long mac, int flags) {
    /** All interfaces of the socket's namespace, in the kernel's order. */
    static List<Link> all(NetlinkSocket socket) {
        socket.request(Rtnetlink.RTM_GETLINK, Netlink.NLM_F_DUMP).link(0, 0, 0);
        List<Link> links = new ArrayList<>();
        for (NetlinkMessage message : socket.dump("list interfaces")) {
            if (message.is(Rtnetlink.RTM_NEWLINK, InterfaceMessage.LENGTH)) {
                links.add(of(message));
            }
        }
        return links;
    }

    private static Link of(NetlinkMessage message) {
        String name = "";
        int mtu = 0;
        long mac = 0;
        Attributes attributes = message.attributes(InterfaceMessage.LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.IFLA_IFNAME -> name = attributes.text();
                case Rtnetlink.IFLA_MTU -> mtu = attributes.number();
                case Rtnetlink.IFLA_ADDRESS -> mac = attributes.macAddress();
                default -> { }
            }
        }
        MemorySegment memory = message.memory();
        return new Link(InterfaceMessage.index(memory, NetlinkMessage.BODY), name, mtu, mac,
                InterfaceMessage.flags(memory, NetlinkMessage.BODY));
    }

    /** The interface of that name; {@code null} if there is none. */
    static Link named(List<Link> links, String name) {
        for (Link link : links) {
            if (link.name.equals(name)) {
                return link;
            }
        }
        return null;
    }

    /** The interface of that index; {@code null} if there is none. */
    static Link indexed(List<Link> links, int index) {
        for (Link link : links) {
            if (link.index == index) {
                return link;
            }
        }
        return null;
    }
}
