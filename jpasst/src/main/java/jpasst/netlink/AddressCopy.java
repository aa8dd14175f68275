// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import jpasst.addr.IpAddress;
import jpasst.linux.AddressMessage;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;

/** Requests that add addresses, without duplicate address detection, to an interface. */
final class AddressCopy {
    private static final int ADD =
            Netlink.NLM_F_ACK | Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE;

    private AddressCopy() {
    }

    /** Whether an address of the template is one for the guest. */
    static boolean wanted(InterfaceAddress address) {
        return !address.linkScope() && !address.deprecated();
    }

    /**
     * The kernel's own message turned into a request for another interface. The label belongs to
     * the old interface; without lifetimes the copy lives for ever, as there is nobody to renew it.
     */
    static NetlinkRequest copy(NetlinkSocket socket, InterfaceAddress address, int index) {
        NetlinkMessage message = address.message();
        NetlinkRequest request = socket.request(Rtnetlink.RTM_NEWADDR, ADD);
        int flags = address.flags() | Rtnetlink.IFA_F_NODAD;
        request.address(AddressMessage.family(message.memory(), NetlinkMessage.BODY),
                address.prefixLength(), flags & 0xff, address.scope(), index);
        Attributes attributes = message.attributes(AddressMessage.LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.IFA_LABEL, Rtnetlink.IFA_CACHEINFO, Rtnetlink.IFA_FLAGS -> { }
                default -> request.copy(attributes);
            }
        }
        return request.attribute(Rtnetlink.IFA_FLAGS, flags);
    }

    /** A request for a single address with its network. */
    static NetlinkRequest single(NetlinkSocket socket, IpAddress address, int prefixLength,
            int index) {
        return socket.request(Rtnetlink.RTM_NEWADDR, ADD)
                .address(address.isV4() ? Sockets.AF_INET : Sockets.AF_INET6, prefixLength,
                        Rtnetlink.IFA_F_NODAD, Rtnetlink.RT_SCOPE_UNIVERSE, index)
                .attribute(Rtnetlink.IFA_LOCAL, address)
                .attribute(Rtnetlink.IFA_ADDRESS, address)
                .attribute(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NODAD);
    }
}
