// SPDX-License-Identifier: Apache-2.0

package jpasst.wire;

import jpasst.addr.Ip;

/**
 * Refuses addresses no packet on a link may carry, before anything else looks at the packet
 * (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5). Messages which legitimately come from the
 * unspecified address, namely DHCP and the neighbour solicitations of duplicate address detection,
 * must be taken out before.
 */
public final class AddressCheck {
    private AddressCheck() {}

    /** {@link DropReason#NONE}, or what is wrong with the addresses of a parsed packet. */
    public static DropReason check(IpPacket packet) {
        return check(packet.sourceHigh(), packet.sourceLow(),
                packet.destinationHigh(), packet.destinationLow());
    }

    /** As {@link #check(IpPacket)}, for addresses of one family. */
    public static DropReason check(long sourceHigh, long sourceLow,
            long destinationHigh, long destinationLow) {
        if (Ip.isUnspecified(sourceHigh, sourceLow)
                || Ip.isUnspecified(destinationHigh, destinationLow)) {
            return DropReason.UNSPECIFIED_ADDRESS;
        }
        if (Ip.isLoopback(sourceHigh, sourceLow)
                || Ip.isLoopback(destinationHigh, destinationLow)) {
            return DropReason.LOOPBACK_ADDRESS;
        }
        if (Ip.isMulticast(sourceHigh, sourceLow) || Ip.isBroadcast(sourceHigh, sourceLow)) {
            return DropReason.MULTICAST_SOURCE;
        }
        return DropReason.NONE;
    }
}
