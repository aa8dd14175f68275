// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.log.Log;

/**
 * Chooses the target of new flows and translates addresses between guest and host. Loop thread
 * only; keeps nothing but a reference to the addresses.
 */
public final class Forwarding implements TargetChooser {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int DNS_PORT = 53;
    private static final int DNS_OVER_TLS_PORT = 853; // RFC 7858

    private final Addresses addresses;
    private final Log log;

    /** Forwarding by the addresses as they are at the time of each question. */
    public Forwarding(Addresses addresses, Log log) {
        this.addresses = addresses;
        this.log = log;
    }

    /**
     * {@inheritDoc}
     *
     * <p>What the guest initiates goes to the host. What sockets initiate needs a forwarding
     * rule, and is refused without one.
     */
    @Override
    public Pif choose(Pif initiating, FlowSide side, int protocol, int ruleHint,
            FlowSide target) {
        if (initiating == Pif.TAP) {
            fromTap(side, protocol, target);
            return Pif.HOST;
        }
        if (log.debugging()) {
            log.debug("no rules to forward from " + initiating);
        }
        return Pif.NONE;
    }

    private void fromTap(FlowSide side, int protocol, FlowSide target) {
        long high = side.ourHigh();
        long low = side.ourLow();
        FamilyAddresses family = addresses.family(high, low);
        IpAddress replacement = meaning(family, high, low, side.ourPort(), protocol);
        if (replacement != null) {
            high = replacement.high();
            low = replacement.low();
        }
        IpAddress source = family.outboundAddress();
        if (source == null) {
            source = family.unspecified();
        }
        // The kernel chooses the port, and a ping's identifier; UDP keeps the guest's.
        int port = protocol == UDP ? side.endpointPort() : 0;
        target.set(high, low, side.ourPort(), source.high(), source.low(), port);
    }

    /** What an address means that stands for another, or null if it means itself. */
    private static IpAddress meaning(FamilyAddresses family, long high, long low, int port,
            int protocol) {
        if (isDns(protocol, port) && FamilyAddresses.is(family.dnsMatch(), high, low)
                && family.dnsHost() != null) {
            return family.dnsHost();
        }
        if (FamilyAddresses.is(family.mapHostLoopback(), high, low)) {
            return family.loopback();
        }
        if (FamilyAddresses.is(family.mapGuestAddress(), high, low)) {
            return family.address();
        }
        return null;
    }

    private static boolean isDns(int protocol, int port) {
        return (protocol == TCP || protocol == UDP)
            && (port == DNS_PORT || port == DNS_OVER_TLS_PORT);
    }

    /**
     * Whom the guest shall see as the sender of an ICMP error that a third party sent about one
     * of its flows. The flow's own endpoint appears as whom the guest was talking to, which may
     * be a name of its own for it.
     *
     * @param flow a flow with one side on the tap
     * @return the address, or null if there is none to show
     */
    public IpAddress offenderForGuest(Flow flow, long high, long low) {
        int tap = flow.sideOn(Pif.TAP);
        FlowSide host = flow.side(1 - tap);
        if (host.endpointHigh() == high && host.endpointLow() == low) {
            FlowSide guest = flow.side(tap);
            return new IpAddress(guest.ourHigh(), guest.ourLow());
        }
        return translateInbound(high, low);
    }

    /**
     * The address under which the guest sees a peer of the host's sockets: the peer's own, unless
     * the guest would take it for itself or for its loopback.
     *
     * @return the address, or null if there is none to show
     */
    public IpAddress translateInbound(long high, long low) {
        FamilyAddresses family = addresses.family(high, low);
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
        return family.ourTapAddress();
    }

    private static boolean isGuestAccessible(FamilyAddresses family, long high, long low) {
        return !Ip.isLoopback(high, low) && !Ip.isUnspecified(high, low)
            && !FamilyAddresses.is(family.address(), high, low) && !family.seen().is(high, low);
    }
}
