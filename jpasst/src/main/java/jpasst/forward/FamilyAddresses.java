// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.addr.IpAddress;

/**
 * The address state of one family. Filled in at start by chained setters; once the loop runs only
 * its thread uses it. Addresses that are not set are null; those that are belong to the family.
 */
public final class FamilyAddresses {
    /** {@link #templateIndex()} of a family that is switched off. */
    public static final int DISABLED = 0;

    /** {@link #templateIndex()} of a family without usable host interface. */
    public static final int LOCAL_MODE = -1;

    private final boolean v4;
    private final IpAddress unspecified;
    private final IpAddress loopback;
    private final LearnedAddress seen = new LearnedAddress();
    private final LearnedAddress linkLocalSeen = new LearnedAddress();
    private int templateIndex = DISABLED;
    private int prefixLength;
    private boolean fixed;
    private boolean gatewayGiven;
    private IpAddress address;
    private IpAddress guestGateway;
    private IpAddress ourTapAddress;
    private IpAddress mapHostLoopback;
    private IpAddress mapGuestAddress;
    private IpAddress dnsMatch;
    private IpAddress dnsHost;
    private IpAddress outboundAddress;
    private String outboundInterface;

    FamilyAddresses(boolean v4) {
        this.v4 = v4;
        this.unspecified = v4 ? IpAddress.ANY_V4 : IpAddress.ANY_V6;
        this.loopback = v4 ? IpAddress.LOOPBACK_V4 : IpAddress.LOOPBACK_V6;
    }

    /** Whether this is IPv4. */
    public boolean isV4() {
        return v4;
    }

    /** 0.0.0.0 or ::. */
    public IpAddress unspecified() {
        return unspecified;
    }

    /** 127.0.0.1 or ::1. */
    public IpAddress loopback() {
        return loopback;
    }

    /** Whether the family is forwarded at all. */
    public boolean isEnabled() {
        return templateIndex != DISABLED;
    }

    /** Index of the host's template interface, {@link #DISABLED} or {@link #LOCAL_MODE}. */
    public int templateIndex() {
        return templateIndex;
    }

    /** Sets {@link #templateIndex()}. */
    public FamilyAddresses templateIndex(int index) {
        templateIndex = index;
        return this;
    }

    /** The length of the prefix of {@link #address()}, in bits. */
    public int prefixLength() {
        return prefixLength;
    }

    /** Sets {@link #prefixLength()}. */
    public FamilyAddresses prefixLength(int bits) {
        prefixLength = bits;
        return this;
    }

    /** Whether {@link #address()} was asked for, so that {@link #seen()} is not learned. */
    public boolean isFixed() {
        return fixed;
    }

    /** Sets {@link #isFixed()}. */
    public FamilyAddresses fixed(boolean fixed) {
        this.fixed = fixed;
        return this;
    }

    /**
     * The address the guest was last seen using. For IPv6 a link-local one only if no other was
     * seen.
     */
    public LearnedAddress seen() {
        return seen;
    }

    /** The IPv6 link-local address the guest was last seen using; never known for IPv4. */
    public LearnedAddress linkLocalSeen() {
        return linkLocalSeen;
    }

    /** The address assigned to the guest, null if there is none. */
    public IpAddress address() {
        return address;
    }

    /** Sets {@link #address()}, which the guest is taken to use until it shows another. */
    public FamilyAddresses address(IpAddress address) {
        this.address = address;
        seen.value(address);
        return this;
    }

    /** The gateway named to the guest, null if there is none. */
    public IpAddress guestGateway() {
        return guestGateway;
    }

    /** Sets {@link #guestGateway()}. */
    public FamilyAddresses guestGateway(IpAddress address) {
        guestGateway = address;
        return this;
    }

    /**
     * Whether {@link #guestGateway()} was asked for: then it is a source of last resort towards
     * the guest that beats {@link #ourTapAddress()}, where its scope is the destination's.
     */
    public boolean isGatewayGiven() {
        return gatewayGiven;
    }

    /** Sets {@link #isGatewayGiven()}. */
    public FamilyAddresses gatewayGiven(boolean given) {
        gatewayGiven = given;
        return this;
    }

    /**
     * Our own address on the tap's link, the source of last resort towards the guest: the
     * gateway for IPv4, a link-local address for IPv6; null if there is none.
     */
    public IpAddress ourTapAddress() {
        return ourTapAddress;
    }

    /** Sets {@link #ourTapAddress()}. */
    public FamilyAddresses ourTapAddress(IpAddress address) {
        ourTapAddress = address;
        return this;
    }

    /** The address that means the host's loopback to the guest, null if none does. */
    public IpAddress mapHostLoopback() {
        return mapHostLoopback;
    }

    /** Sets {@link #mapHostLoopback()}. */
    public FamilyAddresses mapHostLoopback(IpAddress address) {
        mapHostLoopback = address;
        return this;
    }

    /** The address that means the host's own {@link #address()}, null if none does. */
    public IpAddress mapGuestAddress() {
        return mapGuestAddress;
    }

    /** Sets {@link #mapGuestAddress()}. */
    public FamilyAddresses mapGuestAddress(IpAddress address) {
        mapGuestAddress = address;
        return this;
    }

    /**
     * The address to which the guest's DNS queries are taken for {@link #dnsHost()}, null if
     * none is.
     */
    public IpAddress dnsMatch() {
        return dnsMatch;
    }

    /** Sets {@link #dnsMatch()}. */
    public FamilyAddresses dnsMatch(IpAddress address) {
        dnsMatch = address;
        return this;
    }

    /** The host's resolver for queries to {@link #dnsMatch()}, null if there is none. */
    public IpAddress dnsHost() {
        return dnsHost;
    }

    /** Sets {@link #dnsHost()}. */
    public FamilyAddresses dnsHost(IpAddress address) {
        dnsHost = address;
        return this;
    }

    /** The source address of outbound sockets, null to let the kernel choose. */
    public IpAddress outboundAddress() {
        return outboundAddress;
    }

    /** Sets {@link #outboundAddress()}. */
    public FamilyAddresses outboundAddress(IpAddress address) {
        outboundAddress = address;
        return this;
    }

    /** The name of the interface outbound sockets are bound to, null for none. */
    public String outboundInterface() {
        return outboundInterface;
    }

    /** Sets {@link #outboundInterface()}. */
    public FamilyAddresses outboundInterface(String name) {
        outboundInterface = name;
        return this;
    }

    /** Takes a learned address for the assigned one; what was seen stays. */
    void assign(IpAddress learned) {
        address = learned;
    }

    /** Whether an address is set, and the one in two words. */
    static boolean is(IpAddress set, long high, long low) {
        return set != null && set.low() == low && set.high() == high;
    }
}
