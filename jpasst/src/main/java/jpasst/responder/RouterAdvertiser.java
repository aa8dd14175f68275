// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.Checksum;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpPacket;
import jpasst.wire.NeighborOptions;
import jpasst.wire.RouterAdvertisement;
import jpasst.wire.RouterOptions;
import jpasst.wire.RouterSolicitation;
import jpasst.wire.SearchList;

/**
 * Advertises us as the guest's IPv6 router (RFC 4861 section 6.2): when it asks, and, between
 * {@link #start} and {@link #stop}, every now and then unasked. Loop thread only.
 */
final class RouterAdvertiser {
    /** Shortest time between unsolicited advertisements: a third of the longest, RFC 4861 6.2.1. */
    static final long MINIMUM_INTERVAL_NS = 200_000_000_000L;
    /** Longest time between unsolicited advertisements (MaxRtrAdvInterval). */
    static final long MAXIMUM_INTERVAL_NS = 600_000_000_000L;

    private static final int HOP_LIMIT = 255;
    private static final int PREFIX_BITS = 64;
    /** ff02::1, all nodes of the link. */
    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW = 1;
    /** What a link with the smallest MTU of IPv6 leaves to the search list, at the worst. */
    private static final int MAXIMUM_SEARCH = 1024;

    private final Addresses addresses;
    private final ServiceSettings settings;
    private final Outgoing out;
    private final Counters counters;
    private final Log log;
    private final RateLimit answers;
    private final byte[] search;
    private final IcmpHeader icmp = new IcmpHeader();
    private final RouterSolicitation solicitation = new RouterSolicitation();
    private final RouterAdvertisement advertisement = new RouterAdvertisement();
    private final Random random = new Random();
    private long deadlineNs = Long.MAX_VALUE;

    RouterAdvertiser(Addresses addresses, ServiceSettings settings, Outgoing out,
            Counters counters, Log log) {
        this.addresses = addresses;
        this.settings = settings;
        this.out = out;
        this.counters = counters;
        this.log = log;
        answers = new RateLimit(log, Level.INFO);
        search = SearchList.plain(settings.search(), MAXIMUM_SEARCH);
    }

    /** The guest is there: the first unsolicited advertisement goes out an interval from now. */
    void start(long nowNs) {
        deadlineNs = nowNs + interval();
    }

    /** The guest is gone: no unsolicited advertisements until {@link #start}. */
    void stop() {
        deadlineNs = Long.MAX_VALUE;
    }

    /**
     * Sends an unsolicited advertisement if it is time. To be called in every round of the loop,
     * where it costs a comparison.
     *
     * @return CLOCK_MONOTONIC time of the next one, {@link Long#MAX_VALUE} if there is none
     */
    long run(long nowNs) {
        if (nowNs >= deadlineNs) {
            long intervalNs = interval();
            deadlineNs = nowNs + intervalNs;
            send(ALL_NODES_HIGH, ALL_NODES_LOW);
            log.info("NDP: sending unsolicited RA, next in " + intervalNs / 1_000_000_000 + "s");
        }
        return deadlineNs;
    }

    private long interval() {
        return random.nextLong(MINIMUM_INTERVAL_NS, MAXIMUM_INTERVAL_NS);
    }

    /**
     * Takes a router solicitation of the guest.
     *
     * @param in the frame around it
     */
    void fromTap(Frame in, IpPacket packet, long nowNs) {
        if (!isValid(packet)) {
            counters.increment(Counter.DROP_MALFORMED_ICMP);
        } else if (!in.checksumTrusted() && !Checksum.verifyIcmp(packet)) {
            counters.increment(Counter.DROP_BAD_CHECKSUM);
        } else {
            answer(packet, nowNs);
        }
    }

    /** RFC 4861 section 6.1.1. */
    private boolean isValid(IpPacket packet) {
        int options = packet.payloadLength() - RouterSolicitation.LENGTH;
        icmp.wrap(packet.memory(), packet.payloadAt());
        solicitation.wrap(packet.memory(), packet.payloadAt());
        return packet.hopLimit() == HOP_LIMIT && solicitation.isValid(packet.payloadLength())
                && icmp.code() == 0 && !Ip.isMulticast(packet.sourceHigh(), packet.sourceLow())
                && (!isNameless(packet) || NeighborOptions.linkLayerAddress(packet.memory(),
                        packet.payloadAt() + RouterSolicitation.LENGTH, options,
                        NeighborOptions.SOURCE_LINK_LAYER) < 0);
    }

    private static boolean isNameless(IpPacket packet) {
        return Ip.isUnspecified(packet.sourceHigh(), packet.sourceLow());
    }

    private void answer(IpPacket packet, long nowNs) {
        if (isNameless(packet)) {
            send(ALL_NODES_HIGH, ALL_NODES_LOW);
        } else {
            send(packet.sourceHigh(), packet.sourceLow());
        }
        answers.log(nowNs, "NDP: received RS, sending RA");
    }

    private void send(long high, long low) {
        IpAddress our = addresses.v6().ourTapAddress();
        MemorySegment memory = out.memory();
        advertisement.wrap(memory, Outgoing.MESSAGE_AT).write(HOP_LIMIT,
                RouterAdvertisement.MANAGED, RouterAdvertisement.MAXIMUM_LIFETIME);
        int length = RouterAdvertisement.LENGTH
                + putOptions(memory, Outgoing.MESSAGE_AT + RouterAdvertisement.LENGTH);
        out.addresses(our.high(), our.low(), high, low)
                .sendIcmp(length, Counter.ROUTER_ADVERTISEMENTS);
    }

    private int putOptions(MemorySegment memory, long at) {
        IpAddress guest = addresses.v6().address();
        int length = 0;
        // In local mode the guest's address, if known at all, is one it made by itself.
        if (guest != null && !guest.isLinkLocal()) {
            length += RouterOptions.putPrefix(memory, at, PREFIX_BITS, guest.high(), guest.low());
        }
        length += NeighborOptions.putLinkLayerAddress(memory, at + length,
                NeighborOptions.SOURCE_LINK_LAYER, addresses.ourTapMac());
        if (settings.mtu() != 0) {
            length += RouterOptions.putMtu(memory, at + length, settings.mtu());
        }
        if (!settings.resolversV6().isEmpty()) {
            length += RouterOptions.putResolvers(memory, at + length, settings.resolversV6());
            if (search.length > 0) {
                length += RouterOptions.putSearch(memory, at + length, search);
            }
        }
        return length;
    }
}
