// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;

/**
 * Whose MAC addresses the guest sees on its link: those of the host's own neighbours, as if it
 * were on their link, and ours for everybody else. Somebody else keeps this as the host's table
 * is. Loop thread only.
 *
 * <p>Keys are addresses as the guest sees them. What stands for the host to the guest (the
 * addresses that map to its loopback, and to its address) has our MAC address for ever, even if a
 * neighbour, mostly the gateway, has that IP address too. A neighbour whom the guest cannot see by
 * his own address, for it is the guest's, has no entry: he comes as the gateway does.
 */
public final class Neighbors {
    private final Addresses addresses;
    private final NeighborCache cache = new NeighborCache();
    /** Null if nobody has any. */
    private NeighborNews news;
    private long dumpMark;

    Neighbors(Addresses addresses) {
        this.addresses = addresses;
    }

    /** How many neighbours there are, 0 to 512. */
    public int size() {
        return cache.size();
    }

    /** Sets who is asked for news before a flow's MAC address is decided; null for nobody. */
    public void news(NeighborNews news) {
        this.news = news;
    }

    /**
     * A neighbour of the host has this MAC address.
     *
     * @param mac 48 bits, a unicast address
     * @return whether that is news for the guest
     */
    public boolean learn(long high, long low, long mac) {
        FamilyAddresses family = addresses.family(high, low);
        if (Ip.isMulticast(high, low) || isOurs(family, high, low)
                || !InboundSource.isGuestAccessible(family, high, low)) {
            cache.remove(high, low);
            return false;
        }
        return cache.put(high, low, mac) && mac != addresses.ourTapMac();
    }

    /** The host has no neighbour of this address, or does not know where. */
    public void forget(long high, long low) {
        cache.remove(high, low);
    }

    /** From now on, until {@link #endDump}, all neighbours are told of. */
    public void beginDump() {
        dumpMark = cache.mark();
    }

    /** All neighbours have been told of: the others are no more. */
    public void endDump() {
        cache.removeUnheardSince(dumpMark);
    }

    /**
     * The MAC address that an IP address has on the guest's link: the neighbour's, else that of
     * the guest's gateway if it is one, else ours.
     *
     * @return 48 bits
     */
    public long macOf(long high, long low) {
        FamilyAddresses family = addresses.family(high, low);
        long mac = entry(family, high, low);
        if (mac == NeighborCache.NONE && family.guestGateway() != null) {
            mac = entry(family, family.guestGateway().high(), family.guestGateway().low());
        }
        // A frame from the guest's own address would look to the guest like an echo of its own.
        return mac == NeighborCache.NONE || mac == addresses.guestMac()
            ? addresses.ourTapMac() : mac;
    }

    private long entry(FamilyAddresses family, long high, long low) {
        return isOurs(family, high, low) ? addresses.ourTapMac() : cache.find(high, low);
    }

    private static boolean isOurs(FamilyAddresses family, long high, long low) {
        return FamilyAddresses.is(family.mapHostLoopback(), high, low)
            || FamilyAddresses.is(family.mapGuestAddress(), high, low);
    }

    /**
     * The source MAC address of frames to the guest for a flow. It is decided with the first frame
     * and kept: by then the host has found its neighbour, which it may not have when the flow
     * began.
     *
     * @param flow TYPED or ACTIVE, with a side on the tap
     */
    public long macFor(Flow flow) {
        long mac = flow.tapMac();
        return mac != Flow.TAP_MAC_UNKNOWN ? mac : resolve(flow);
    }

    private long resolve(Flow flow) {
        FlowSide side = flow.side(flow.sideOn(Pif.TAP));
        // The host found its neighbour just before, maybe for this very flow.
        if (news != null && cache.find(side.ourHigh(), side.ourLow()) == NeighborCache.NONE) {
            news.enterNews();
        }
        long mac = macOf(side.ourHigh(), side.ourLow());
        flow.resolveTapMac(mac);
        return mac;
    }
}
