// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;

/**
 * As whom the guest sees a peer of the host's sockets: as itself, unless the guest would take it
 * for itself or for its own loopback, and so never answer.
 */
final class InboundSource {
    private InboundSource() {}

    /**
     * The address that stands for a peer.
     *
     * @param family that of the peer
     * @param high first half of its address
     * @param low second half
     * @param destination where it goes, null if to any address of the guest
     * @return the address, or null if there is none to show
     */
    static IpAddress of(FamilyAddresses family, long high, long low, IpAddress destination) {
        if (FamilyAddresses.is(family.loopback(), high, low)
                && family.mapHostLoopback() != null) {
            return family.mapHostLoopback();
        }
        if (FamilyAddresses.is(family.address(), high, low)
                && family.mapGuestAddress() != null) {
            return family.mapGuestAddress();
        }
        if (isGuestAccessible(family, high, low)) {
            return new IpAddress(high, low);
        }
        return lastResort(family, destination);
    }

    /**
     * Whether the guest sees a peer as itself.
     *
     * @param family that of the peer
     */
    static boolean isGuestAccessible(FamilyAddresses family, long high, long low) {
        return !Ip.isLoopback(high, low) && !Ip.isUnspecified(high, low)
            && !FamilyAddresses.is(family.address(), high, low) && !family.seen().is(high, low);
    }

    /** The guest's gateway, if the destination is of its scope, else our own address. */
    private static IpAddress lastResort(FamilyAddresses family, IpAddress destination) {
        IpAddress gateway = family.guestGateway();
        if (gateway == null) {
            return family.ourTapAddress();
        }
        boolean onLink = gateway.isLinkLocal();
        boolean reaches = destination != null
            ? onLink == destination.isLinkLocal()
            : isKnown(onLink && !family.isV4() ? family.linkLocalSeen() : family.seen(), onLink);
        return reaches ? gateway : family.ourTapAddress();
    }

    private static boolean isKnown(LearnedAddress guest, boolean onLink) {
        return guest.isKnown() && Ip.isLinkLocal(guest.high(), guest.low()) == onLink;
    }
}
