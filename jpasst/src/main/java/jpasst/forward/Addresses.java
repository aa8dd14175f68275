// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.addr.MacAddress;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;

/**
 * The addresses of both families and of the link, and how the guest's are learned: the guest may
 * use others than it was given, and what comes in must find it.
 *
 * <p>Filled in at start; once the loop runs only its thread uses it.
 */
public final class Addresses {
    /** The MAC address we have on the tap unless told otherwise: 9a:55:9a:55:9a:55. */
    public static final long DEFAULT_OUR_TAP_MAC = 0x9a55_9a55_9a55L;

    /** The MTU of the tap unless told otherwise. */
    public static final int DEFAULT_MTU = 65520;

    private static final long BROADCAST_MAC = 0xffff_ffff_ffffL;

    private final FamilyAddresses v4 = new FamilyAddresses(true);
    private final FamilyAddresses v6 = new FamilyAddresses(false);
    private final Neighbors neighbors = new Neighbors(this);
    private final Log log;
    private final RateLimit newMacs;
    private long ourTapMac = DEFAULT_OUR_TAP_MAC;
    private long guestMac = BROADCAST_MAC;
    private int mtu = DEFAULT_MTU;
    private int tapIndex;

    /** Both families disabled, no address known, the guest's MAC address the broadcast one. */
    public Addresses(Log log) {
        this.log = log;
        this.newMacs = new RateLimit(log, Level.INFO);
    }

    /** The IPv4 addresses. */
    public FamilyAddresses v4() {
        return v4;
    }

    /** The IPv6 addresses. */
    public FamilyAddresses v6() {
        return v6;
    }

    /** The addresses of the family an address belongs to. */
    public FamilyAddresses family(long high, long low) {
        return Ip.isV4(high, low) ? v4 : v6;
    }

    /** Whose MAC addresses the guest sees on its link. */
    public Neighbors neighbors() {
        return neighbors;
    }

    /** Our MAC address on the tap, 48 bits. */
    public long ourTapMac() {
        return ourTapMac;
    }

    /** Sets {@link #ourTapMac()}. */
    public Addresses ourTapMac(long mac) {
        ourTapMac = mac;
        return this;
    }

    /** The guest's MAC address, 48 bits; all ones until it is known. */
    public long guestMac() {
        return guestMac;
    }

    /** Sets {@link #guestMac()}. */
    public Addresses guestMac(long mac) {
        guestMac = mac;
        return this;
    }

    /** The MTU of the tap: the longest IP packet, in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Sets {@link #mtu()}. */
    public Addresses mtu(int bytes) {
        mtu = bytes;
        return this;
    }

    /** Index of the tap's interface in the guest's namespace, 0 if there is none. */
    public int tapIndex() {
        return tapIndex;
    }

    /** Sets {@link #tapIndex()}. */
    public Addresses tapIndex(int index) {
        tapIndex = index;
        return this;
    }

    /**
     * Learns from a frame's source MAC address.
     *
     * @param mac 48 bits, a unicast address
     * @param nowNs CLOCK_MONOTONIC time of the round
     */
    public void learnMac(long mac, long nowNs) {
        if (mac != guestMac) {
            guestMac = mac;
            if (newMacs.permits(nowNs)) {
                log.info("new guest MAC address: " + new MacAddress(mac));
            }
        }
    }

    /** Learns from the source of an IPv4 packet that passed the basic checks. */
    public void learnV4(int source) {
        if (source != 0 && !v4.isFixed()) {
            v4.seen().set(Ip.V4_HIGH, Ip.mapV4(source));
        }
    }

    /**
     * Learns from the source of an IPv6 packet that passed the basic checks: a link-local source
     * replaces no other one, but in local mode it is the guest's address if there is none.
     */
    public void learnV6(long high, long low) {
        if (Ip.isLinkLocal(high, low)) {
            learnLinkLocal(high, low);
        } else if (!Ip.isUnspecified(high, low) && !v6.isFixed()) {
            v6.seen().set(high, low);
        }
    }

    /** The guest was just assigned its IPv6 address again: it is taken to use that. */
    public void learnAssignedV6() {
        v6.seen().value(v6.address());
    }

    private void learnLinkLocal(long high, long low) {
        v6.linkLocalSeen().set(high, low);
        if (!v6.seen().isKnown() && !v6.isFixed()) {
            v6.seen().set(high, low);
        }
        if (v6.address() == null) {
            v6.assign(new IpAddress(high, low));
        }
    }
}
