// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.linux.AddressMessage;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;

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
        socket.request(Rtnetlink.RTM_GETADDR, Netlink.NLM_F_DUMP)
                .address(family, 0, 0, 0, index);
        List<InterfaceAddress> addresses = new ArrayList<>();
        for (NetlinkMessage message : socket.dump("list addresses")) {
            // Kernels without strict checking send every interface and family.
            MemorySegment memory = message.memory();
            if (message.is(Rtnetlink.RTM_NEWADDR, AddressMessage.LENGTH)
                    && AddressMessage.family(memory, NetlinkMessage.BODY) == family
                    && AddressMessage.index(memory, NetlinkMessage.BODY) == index) {
                add(addresses, message);
            }
        }
        return addresses;
    }

    private static void add(List<InterfaceAddress> addresses, NetlinkMessage message) {
        MemorySegment memory = message.memory();
        IpAddress local = null;
        IpAddress peerOrLocal = null;
        int flags = AddressMessage.flags(memory, NetlinkMessage.BODY);
        Attributes attributes = message.attributes(AddressMessage.LENGTH);
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
            addresses.add(new InterfaceAddress(
                    AddressMessage.index(memory, NetlinkMessage.BODY), address,
                    AddressMessage.prefixLength(memory, NetlinkMessage.BODY), flags,
                    AddressMessage.scope(memory, NetlinkMessage.BODY), message));
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
