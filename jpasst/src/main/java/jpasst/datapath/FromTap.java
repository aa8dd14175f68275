// SPDX-License-Identifier: Apache-2.0
package jpasst.datapath;

import jpasst.addr.Ip;
import jpasst.flow.FlowTable;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.responder.ArpResponder;
import jpasst.wire.AddressCheck;
import jpasst.wire.DropReason;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IpPacket;

/**
 * A guest's frame on its way in: link and network headers are checked and taken off, the guest's
 * addresses learned, and the packet given to who handles its protocol. Loop thread only.
 */
public final class FromTap implements FrameHandler {
    private static final long GROUP_BIT = 0x0100_0000_0000L;

    private final ArpResponder arp;
    private final Protocols protocols;
    private final FlowTable table;
    private final Addresses addresses;
    private final Counters counters;
    private final Log log;
    private final RateLimit failures;
    private final RateLimit fragments;
    private final EthernetHeader ethernet = new EthernetHeader();
    private final IpPacket packet = new IpPacket();

    /** @param table in which an interrupted construction is given up if a handler fails */
    public FromTap(ArpResponder arp, Protocols protocols, FlowTable table, Addresses addresses,
            Counters counters, Log log) {
        this.arp = arp;
        this.protocols = protocols;
        this.table = table;
        this.addresses = addresses;
        this.counters = counters;
        this.log = log;
        failures = new RateLimit(log, Level.ERROR);
        fragments = new RateLimit(log, Level.WARNING);
    }

    /** Takes one frame. A failure of ours costs this frame only. */
    @Override
    public void frame(Frame frame, long nowNs) {
        try {
            take(frame, nowNs);
        } catch (RuntimeException | Error e) {
            failed(e, nowNs);
        }
    }

    @Override
    public void endBatch(long nowNs) {
        protocols.endBatch(nowNs);
    }

    private void failed(Throwable cause, long nowNs) {
        counters.increment(Counter.DROP_INTERNAL_ERROR);
        table.abandonConstruction();
        if (failures.permits(nowNs)) log.error("internal error handling a frame: " + cause);
        if (log.debugging()) cause.printStackTrace();
    }

    private void take(Frame frame, long nowNs) {
        ethernet.wrap(frame.memory(), frame.at());
        if (!ethernet.isValid(frame.length())) {
            counters.increment(Counter.DROP_MALFORMED_ETHERNET);
            return;
        }
        long source = ethernet.source();
        if (source == addresses.ourTapMac() || (source & GROUP_BIT) != 0) {
            counters.increment(Counter.DROP_BAD_MAC);
            return;
        }
        switch (ethernet.type()) {
            case EthernetHeader.ETHERTYPE_ARP -> takeArp(frame, source, nowNs);
            case EthernetHeader.ETHERTYPE_IPV4, EthernetHeader.ETHERTYPE_IPV6 ->
                    takePacket(frame, source, nowNs);
            default -> counters.increment(Counter.DROP_UNKNOWN_ETHERTYPE);
        }
    }

    private void takeArp(Frame frame, long source, long nowNs) {
        if (!addresses.v4().isEnabled()) {
            counters.increment(Counter.DROP_DISABLED_FAMILY);
            return;
        }
        addresses.learnMac(source, nowNs);
        arp.fromTap(frame);
    }

    private void takePacket(Frame frame, long source, long nowNs) {
        if (!packet.parse(frame.memory(), frame.at() + EthernetHeader.LENGTH,
                frame.length() - EthernetHeader.LENGTH, ethernet.type())) {
            counters.increment(counter(packet.dropReason()));
            if (packet.dropReason() == DropReason.FRAGMENT && fragments.permits(nowNs)) {
                log.warn("fragments are not supported, dropped "
                        + counters.get(Counter.DROP_FRAGMENT) + " so far");
            }
            return;
        }
        boolean v4 = packet.isV4();
        if (!(v4 ? addresses.v4() : addresses.v6()).isEnabled()) {
            counters.increment(Counter.DROP_DISABLED_FAMILY);
            return;
        }
        if (protocols.isService(packet)) {
            addresses.learnMac(source, nowNs);
            if (AddressCheck.check(packet) == DropReason.NONE) learnAddress(v4);
            protocols.service(frame, packet, nowNs);
            return;
        }
        DropReason bad = AddressCheck.check(packet);
        if (bad != DropReason.NONE) {
            counters.increment(counter(bad));
            return;
        }
        addresses.learnMac(source, nowNs);
        learnAddress(v4);
        protocols.packet(frame, packet, nowNs);
    }

    private void learnAddress(boolean v4) {
        if (v4) {
            addresses.learnV4(Ip.v4(packet.sourceLow()));
        } else {
            addresses.learnV6(packet.sourceHigh(), packet.sourceLow());
        }
    }

    private Counter counter(DropReason reason) {
        return switch (reason) {
            case FRAGMENT -> Counter.DROP_FRAGMENT;
            case BAD_HEADER_CHECKSUM, BAD_CHECKSUM -> Counter.DROP_BAD_CHECKSUM;
            case LOOPBACK_ADDRESS -> Counter.DROP_LOOPBACK_ADDRESS;
            case MAPPED_ADDRESS, UNSPECIFIED_ADDRESS, MULTICAST_SOURCE -> Counter.DROP_BAD_ADDRESS;
            case NONE, UNSUPPORTED_ETHERTYPE, TRUNCATED, BAD_VERSION, BAD_LENGTH, BAD_EXTENSION ->
                    ethernet.type() == EthernetHeader.ETHERTYPE_IPV4
                            ? Counter.DROP_MALFORMED_IPV4 : Counter.DROP_MALFORMED_IPV6;
        };
    }
}
