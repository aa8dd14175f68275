// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.MemorySegment;
import jpasst.addr.IpAddress;
import jpasst.linux.Netlink;
import jpasst.linux.NextHop;
import jpasst.linux.RouteMessage;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;

/** Requests that add routes through an interface to the main table. */
final class RouteCopy {
    private static final int ADD =
            Netlink.NLM_F_ACK | Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;

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
        int header =
                request.raw(message.memory(), NetlinkMessage.BODY, RouteMessage.LENGTH);
        int flags = RouteMessage.flags(request.memory(), header);
        RouteMessage.flags(request.memory(), header, flags & Rtnetlink.RTNH_F_ONLINK);
        Attributes attributes = message.attributes(RouteMessage.LENGTH);
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
        while (end - at >= NextHop.LENGTH && NextHop.length(memory, at) >= NextHop.LENGTH) {
            NextHop.flags(memory, at, NextHop.flags(memory, at) & Rtnetlink.RTNH_F_ONLINK);
            NextHop.index(memory, at, index);
            at += Netlink.align(NextHop.length(memory, at));
        }
    }

    /** A request for the default route through a gateway. */
    static NetlinkRequest byDefault(NetlinkSocket socket, IpAddress gateway, int flags,
            int index) {
        return socket.request(Rtnetlink.RTM_NEWROUTE, ADD)
                .route(gateway.isV4() ? Sockets.AF_INET : Sockets.AF_INET6,
                        Rtnetlink.RTPROT_BOOT, Rtnetlink.RTN_UNICAST, flags)
                .attribute(Rtnetlink.RTA_OIF, index)
                .attribute(Rtnetlink.RTA_GATEWAY, gateway);
    }
}
