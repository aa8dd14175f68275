// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import jpasst.addr.IpAddress;

/** Requests that add routes through an interface to the main table. */
final class RouteCopy {
    private static final int ADD =
            Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;

    private RouteCopy() {
    }

    /**
     * The kernel's own message turned into a request for another interface. Left out are the
     * preferred source (the guest may not have it), nexthop objects (they exist on the host only)
     * and what the kernel tells about the state of next hops. The route is not {@code shared}.
     */
    static NetlinkRequest copy(NetlinkSocket socket, Route route, int index) {
        NetlinkMessage message = route.message();
        NetlinkRequest request = socket.request(Rtnetlink.RTM_NEWROUTE, ADD);
        int header = request.raw(message.memory(), Rtnetlink.HEADER_LENGTH,
                Rtnetlink.ROUTE_LENGTH - Rtnetlink.HEADER_LENGTH);
        int flagsAt = header + Rtnetlink.ROUTE_FLAGS - Rtnetlink.HEADER_LENGTH;
        int flags = request.memory().get(JAVA_INT_UNALIGNED, flagsAt);
        request.memory().set(JAVA_INT_UNALIGNED, flagsAt, flags & Rtnetlink.RTNH_F_ONLINK);
        Attributes attributes = message.attributes(Rtnetlink.ROUTE_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.RTA_PREFSRC, Rtnetlink.RTA_NH_ID, Rtnetlink.RTA_CACHEINFO -> { }
                case Rtnetlink.RTA_OIF -> request.attribute(Rtnetlink.RTA_OIF, index);
                case Rtnetlink.RTA_MULTIPATH -> redirectHops(request.memory(),
                        request.copy(attributes), attributes.length(), index);
                default -> request.copy(attributes);
            }
        }
        return request;
    }

    private static void redirectHops(MemorySegment memory, int from, int length, int index) {
        int end = from + length;
        int at = from;
        while (end - at >= Rtnetlink.HOP_LENGTH) {
            int hopLength = Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at));
            if (hopLength < Rtnetlink.HOP_LENGTH) {
                return;
            }
            int flags = memory.get(JAVA_BYTE, at + Rtnetlink.HOP_FLAGS);
            memory.set(JAVA_BYTE, at + Rtnetlink.HOP_FLAGS,
                    (byte) (flags & Rtnetlink.RTNH_F_ONLINK));
            memory.set(JAVA_INT_UNALIGNED, at + Rtnetlink.HOP_INTERFACE, index);
            at += Rtnetlink.align(hopLength);
        }
    }

    /** A request for the default route through a gateway. */
    static NetlinkRequest byDefault(NetlinkSocket socket, IpAddress gateway, int flags,
            int index) {
        return socket.request(Rtnetlink.RTM_NEWROUTE, ADD)
                .route(gateway.isV4() ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6,
                        Rtnetlink.RTPROT_BOOT, Rtnetlink.RTN_UNICAST, flags)
                .attribute(Rtnetlink.RTA_OIF, index)
                .attribute(Rtnetlink.RTA_GATEWAY, gateway);
    }
}
