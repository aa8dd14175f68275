// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import static jpasst.wire.IpProtocol.TCP;
import static jpasst.wire.IpProtocol.UDP;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.flow.TargetChooser;
import jpasst.log.Log;

/**
 * Chooses the target of new flows and translates addresses between guest and host. Loop thread
 * only; keeps nothing but references to the addresses and the rules of the time.
 */
public final class Forwarding implements TargetChooser {
    private static final int DNS_PORT = 53;
    private static final int DNS_OVER_TLS_PORT = 853; // RFC 7858

    private final Addresses addresses;
    private final SplicePolicy policy;
    private final Log log;
    private Rules rules = Rules.NONE;

    /** Forwarding as {@link #Forwarding(Addresses, SplicePolicy, Log)}, all of it by the tap. */
    public Forwarding(Addresses addresses, Log log) {
        this(addresses, SplicePolicy.NONE, log);
    }

    /** Forwarding by the addresses as they are at the time of each question, without rules yet. */
    public Forwarding(Addresses addresses, SplicePolicy policy, Log log) {
        this.addresses = addresses;
        this.policy = policy;
        this.log = log;
    }

    /** The rules for what sockets initiate. */
    public Rules rules() {
        return rules;
    }

    /** Sets the rules for flows to come; those that exist stay as they are. */
    public void rules(Rules rules) {
        this.rules = rules;
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
        ForwardRule rule = rules.of(initiating).find(protocol, side.ourHigh(), side.ourLow(),
                side.ourPort(), ruleHint);
        if (rule == null) {
            return refuse("no rules to forward from ", initiating, side);
        }
        return initiating == Pif.HOST
                ? fromHost(side, rule, target) : fromSplice(side, rule, target);
    }

    private Pif refuse(String reason, Pif initiating, FlowSide side) {
        if (log.debugging()) {
            log.debug(reason + initiating + " ["
                + Ip.text(side.endpointHigh(), side.endpointLow()) + "]:" + side.endpointPort()
                + " -> [" + Ip.text(side.ourHigh(), side.ourLow()) + "]:" + side.ourPort());
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
        IpAddress source = outboundSource(family);
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

    /** To the namespace: past the tap if it comes from the loopback, else over it. */
    private Pif fromHost(FlowSide side, ForwardRule rule, FlowSide target) {
        IpAddress destination = destination(side, rule);
        boolean spliced = policy.splice() && rule.targetAddress() == null
            && Ip.isLoopback(side.endpointHigh(), side.endpointLow());
        if (!spliced && policy.spliceOnly()) {
            return refuse("not from loopback to loopback, refused from ", Pif.HOST, side);
        }
        return spliced ? spliceToNamespace(side, rule, destination, target)
            : hostToTap(side, rule, destination, target);
    }

    /** What rule and options say about the destination, or null if it is the guest's choice. */
    private IpAddress destination(FlowSide side, ForwardRule rule) {
        if (rule.targetAddress() != null) {
            return rule.targetAddress();
        }
        boolean kept = Ip.isMulticast(side.ourHigh(), side.ourLow())
            || policy.hostLoopbackToNamespaceLoopback()
            && Ip.isLoopback(side.ourHigh(), side.ourLow());
        return kept ? new IpAddress(side.ourHigh(), side.ourLow()) : null;
    }

    /**
     * The outer address of the namespace rather than its loopback: what listens on that only is
     * not meant for others, unless the user says so.
     */
    private Pif spliceToNamespace(FlowSide side, ForwardRule rule, IpAddress given,
            FlowSide target) {
        FamilyAddresses family = addresses.family(side.endpointHigh(), side.endpointLow());
        IpAddress destination = given != null ? given : family.seen().value();
        if (destination == null) {
            return refuse("no address of the guest to forward to from ", Pif.HOST, side);
        }
        IpAddress our = family.unspecified();
        target.set(destination.high(), destination.low(), rule.targetOf(side.ourPort()),
            our.high(), our.low(), ourPort(side, rule));
        return Pif.SPLICE;
    }

    /** The kernel chooses our port, but a UDP peer's is kept: replies may be expected there. */
    private static int ourPort(FlowSide side, ForwardRule rule) {
        return rule.protocol() == UDP ? side.endpointPort() : 0;
    }

    private Pif hostToTap(FlowSide side, ForwardRule rule, IpAddress given, FlowSide target) {
        FamilyAddresses family = addresses.family(side.endpointHigh(), side.endpointLow());
        IpAddress source = InboundSource.of(family, side.endpointHigh(), side.endpointLow(),
            given);
        if (source == null) {
            return refuse("no address to show to the guest for what comes from ", Pif.HOST, side);
        }
        IpAddress destination = given != null ? given : guestAddress(family, source);
        if (destination == null) {
            return refuse("no address of the guest to forward to from ", Pif.HOST, side);
        }
        target.set(destination.high(), destination.low(), rule.targetOf(side.ourPort()),
            source.high(), source.low(), side.endpointPort());
        return Pif.TAP;
    }

    /** The address at which the guest is reached from a source, null if it is not known. */
    private static IpAddress guestAddress(FamilyAddresses family, IpAddress source) {
        boolean onLink = !family.isV4() && source.isLinkLocal();
        return (onLink ? family.linkLocalSeen() : family.seen()).value();
    }

    /**
     * From the namespace's loopback to the host's, where both addresses stay as they are, for a
     * service bound to 127.0.0.5 is found at 127.0.0.5; unless the rule names another target. If
     * that is beyond the loopback, it is reached as what the guest itself sends there would be.
     */
    private Pif fromSplice(FlowSide side, ForwardRule rule, FlowSide target) {
        if (!Ip.isLoopback(side.endpointHigh(), side.endpointLow())
                || !Ip.isLoopback(side.ourHigh(), side.ourLow())) {
            return refuse("not from loopback to loopback, refused from ", Pif.SPLICE, side);
        }
        long high = side.ourHigh();
        long low = side.ourLow();
        if (rule.targetAddress() != null) {
            high = rule.targetAddress().high();
            low = rule.targetAddress().low();
        }
        // A socket at a loopback address could not connect to any other.
        boolean stays = Ip.isLoopback(high, low);
        IpAddress source = outboundSource(addresses.family(high, low));
        target.set(high, low, rule.targetOf(side.ourPort()),
            stays ? side.endpointHigh() : source.high(), stays ? side.endpointLow() : source.low(),
            ourPort(side, rule));
        return Pif.HOST;
    }

    /** The source of what leaves the host: the kernel chooses, unless the user did. */
    private static IpAddress outboundSource(FamilyAddresses family) {
        IpAddress source = family.outboundAddress();
        return source != null ? source : family.unspecified();
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
        return InboundSource.of(addresses.family(high, low), high, low, null);
    }
}
