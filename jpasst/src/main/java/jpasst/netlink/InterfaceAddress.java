// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;

/**
 * An address of an interface, as RTM_GETADDR tells, with the message it came in.
 *
 * @param index the interface
 * @param address the interface's own address (IFA_LOCAL; IFA_ADDRESS where only that is given)
 * @param prefixLength 0 to 32 or 0 to 128
 * @param flags IFA_F_* bits of linux/if_addr.h
 * @param scope RT_SCOPE_*: 0 universe, 253 link
 * @param message the kernel's message, kept to be copied
 */
public record InterfaceAddress(int index, IpAddress address, int prefixLength, int flags,
        int scope, NetlinkMessage message) {

    /** All addresses of one family (AF_INET or AF_INET6) on one interface. */
    static List<InterfaceAddress> of(NetlinkSocket socket, int family, int index) {
        socket.request(Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP)
                .address(family, 0, 0, 0, index);
        List<InterfaceAddress> addresses = new ArrayList<>();
        for (NetlinkMessage message : socket.dump("list addresses")) {
            // Kernels without strict checking send every interface and family.
            if (message.type() == Rtnetlink.RTM_NEWADDR
                    && message.byteAt(Rtnetlink.ADDRESS_FAMILY) == family
                    && message.intAt(Rtnetlink.ADDRESS_INDEX) == index) {
                add(addresses, message);
            }
        }
        return addresses;
    }

    private static void add(List<InterfaceAddress> addresses, NetlinkMessage message) {
        IpAddress local = null;
        IpAddress peerOrLocal = null;
        int flags = message.byteAt(Rtnetlink.ADDRESS_FLAGS);
        Attributes attributes = message.attributes(Rtnetlink.ADDRESS_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.IFA_LOCAL -> local = attributes.address();
                case Rtnetlink.IFA_ADDRESS -> peerOrLocal = attributes.address();
                case Rtnetlink.IFA_FLAGS -> flags = attributes.number();
                default -> { }
            }
        }
        IpAddress address = local != null ? local : peerOrLocal;
        if (address != null) {
            addresses.add(new InterfaceAddress(message.intAt(Rtnetlink.ADDRESS_INDEX), address,
                    message.byteAt(Rtnetlink.ADDRESS_PREFIX), flags,
                    message.byteAt(Rtnetlink.ADDRESS_SCOPE), message));
        }
    }

    /** Whether new connections should avoid it: its preferred lifetime is over. */
    public boolean deprecated() {
        return (flags & Rtnetlink.IFA_F_DEPRECATED) != 0;
    }

    /** Whether it is valid on its link only. */
    public boolean linkScope() {
        return scope == Rtnetlink.RT_SCOPE_LINK;
    }
}
