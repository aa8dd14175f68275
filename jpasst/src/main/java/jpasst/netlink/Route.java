// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpasst.addr.IpAddress;
import jpasst.linux.Netlink;
import jpasst.linux.NextHop;
import jpasst.linux.RouteMessage;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;

/**
 * A unicast route of the main table, as RTM_GETROUTE tells, with the message it came in.
 *
 * @param destination network address; unspecified for a default route
 * @param prefixLength 0 for a default route
 * @param output index of the interface: of the first next hop if there are several; 0 if none
 * @param shared whether any next hop uses another interface than {@code output}
 * @param gateway of the same family: of the next hop with the highest weight, the last among
 *     equals, if there are several; unspecified if there is none
 * @param message the kernel's message, kept to be copied
 */
public record Route(IpAddress destination, int prefixLength, int output, boolean shared,
        IpAddress gateway, NetlinkMessage message) {
    private static final int BODY = NetlinkMessage.BODY;

    /** All unicast routes of the main table of one family, in the kernel's order. */
    static List<Route> main(NetlinkSocket socket, int family) {
        socket.request(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_DUMP)
                .route(family, 0, Rtnetlink.RTN_UNICAST, 0)
                .attribute(Rtnetlink.RTA_TABLE, Rtnetlink.RT_TABLE_MAIN);
        List<Route> routes = new ArrayList<>();
        for (NetlinkMessage message : socket.dump("list routes")) {
            // Kernels without strict checking send every table and type.
            MemorySegment memory = message.memory();
            if (message.is(Rtnetlink.RTM_NEWROUTE, RouteMessage.LENGTH)
                    && RouteMessage.family(memory, BODY) == family
                    && RouteMessage.table(memory, BODY) == Rtnetlink.RT_TABLE_MAIN
                    && RouteMessage.type(memory, BODY) == Rtnetlink.RTN_UNICAST) {
                routes.add(new Reader(message).read());
            }
        }
        return routes;
    }

    /** Whether it leads everywhere. */
    public boolean isDefault() {
        return prefixLength == 0;
    }

    /** Gathers the parts of a route which are spread over attributes and next hops. */
    private static final class Reader {
        private final NetlinkMessage message;
        private final boolean v4;
        private IpAddress destination;
        private IpAddress gateway;
        private int output;
        private boolean shared;
        private int heaviest = -1;

        Reader(NetlinkMessage message) {
            this.message = message;
            this.v4 = RouteMessage.family(message.memory(), BODY) == Sockets.AF_INET;
            this.destination = v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
            this.gateway = destination;
        }

        Route read() {
            Attributes attributes = message.attributes(RouteMessage.LENGTH);
            while (attributes.next()) {
                switch (attributes.type()) {
                    case Rtnetlink.RTA_DST -> destination = attributes.address();
                    case Rtnetlink.RTA_OIF -> output = attributes.number();
                    case Rtnetlink.RTA_MULTIPATH -> readHops(attributes);
                    default -> readGateway(attributes);
                }
            }
            return new Route(destination, RouteMessage.destinationLength(message.memory(), BODY),
                    output, shared, gateway, message);
        }

        /** A gateway of the route or of a hop; one of the other family (RTA_VIA) is no gateway. */
        private void readGateway(Attributes attributes) {
            int type = attributes.type();
            IpAddress found = null;
            if (type == Rtnetlink.RTA_GATEWAY) {
                found = attributes.address();
            } else if (type == Rtnetlink.RTA_VIA && attributes.length() > 2) {
                // struct rtvia: family u16, address.
                found = Attributes.address(attributes.memory(), attributes.at() + 2,
                        attributes.length() - 2);
            }
            if (found != null && found.isV4() == v4) {
                gateway = found;
            }
        }

        private void readHops(Attributes hops) {
            int end = hops.at() + hops.length();
            int at = hops.at();
            while (end - at >= NextHop.LENGTH) {
                int length = NextHop.length(hops.memory(), at);
                if (length < NextHop.LENGTH || length > end - at) {
                    return;
                }
                readHop(hops, at, length);
                at += Netlink.align(length);
            }
        }

        private void readHop(Attributes hops, int at, int length) {
            int hopOutput = NextHop.index(hops.memory(), at);
            if (output == 0) {
                output = hopOutput;
            }
            shared |= hopOutput != output;
            int weight = NextHop.hops(hops.memory(), at);
            if (weight < heaviest) {
                return;
            }
            heaviest = weight;
            gateway = v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
            Attributes attributes =
                    new Attributes(hops.memory(), at + NextHop.LENGTH, at + length);
            while (attributes.next()) {
                readGateway(attributes);
            }
        }
    }
}
