// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.Arena;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.ArpPacket;
import jpasst.wire.EthernetHeader;

/**
 * Answers ARP requests of the guest, asks for the guest's own MAC address, and announces those of
 * others.
 */
public final class ArpResponder {
    private static final long BROADCAST_MAC = 0xffff_ffff_ffffL;

    private final Addresses addresses;
    private final FrameSink tap;
    private final Counters counters;
    private final Frame frame;
    private final ArpPacket request = new ArpPacket();
    private final ArpPacket out = new ArpPacket();
    private final EthernetHeader ethernet = new EthernetHeader();

    /** @param arena lives as long as this; memory for one frame is taken from it */
    public ArpResponder(Addresses addresses, FrameSink tap, Counters counters, Arena arena) {
        this.addresses = addresses;
        this.tap = tap;
        this.counters = counters;
        frame = new Frame(arena);
    }

    /** Takes one ARP frame from the guest. */
    public void fromTap(Frame in) {
        request.wrap(in.memory(), in.at() + EthernetHeader.LENGTH);
        if (!request.isValid(in.length() - EthernetHeader.LENGTH)) {
            counters.increment(Counter.DROP_MALFORMED_ARP);
            return;
        }
        if (request.operation() != ArpPacket.REQUEST || concernsGuestOnly()) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
            return;
        }
        long asker = ethernet.wrap(in.memory(), in.at()).source();
        int target = request.targetProtocolAddress();
        begin(ArpPacket.REPLY, asker, addresses.ourTapMac(),
                addresses.neighbors().macOf(Ip.V4_HIGH, Ip.mapV4(target)))
                .senderProtocolAddress(target)
                .targetHardwareAddress(request.senderHardwareAddress())
                .targetProtocolAddress(request.senderProtocolAddress());
        if (tap.send(frame)) {
            counters.increment(Counter.ARP_REPLIES);
        } else {
            counters.increment(Counter.DROP_TAP_REFUSED);
        }
    }

    /**
     * Announcements (sender and target are the same), and probes for the address the guest was
     * given (RFC 5227).
     */
    private boolean concernsGuestOnly() {
        int sender = request.senderProtocolAddress();
        int target = request.targetProtocolAddress();
        return sender == target && sender != 0 || is(addresses.v4().address(), target);
    }

    private static boolean is(IpAddress address, int bits) {
        return address != null && address.low() == Ip.mapV4(bits);
    }

    /**
     * Asks who has the guest's address, if it was given one: the answer teaches its MAC address.
     * To be called once the guest's end of the tap is up.
     */
    public void askForGuest() {
        var v4 = addresses.v4();
        if (!v4.isEnabled() || v4.address() == null || v4.ourTapAddress() == null) {
            return;
        }
        begin(ArpPacket.REQUEST, BROADCAST_MAC, addresses.ourTapMac(), addresses.ourTapMac())
                .senderProtocolAddress(v4.ourTapAddress().v4())
                .targetHardwareAddress(0)
                .targetProtocolAddress(v4.address().v4());
        tap.send(frame);
    }

    /**
     * Tells the guest where a host of its link is, as if that host did (RFC 5227 section 3).
     *
     * @param mac 48 bits, a unicast address
     */
    void announce(int address, long mac) {
        begin(ArpPacket.REQUEST, BROADCAST_MAC, mac, mac)
                .senderProtocolAddress(address)
                .targetHardwareAddress(0)
                .targetProtocolAddress(address);
        counters.increment(tap.send(frame)
                ? Counter.NEIGHBOR_ANNOUNCEMENTS : Counter.DROP_TAP_REFUSED);
    }

    private ArpPacket begin(int operation, long targetMac, long sourceMac, long senderMac) {
        // The padding is zero since the memory was allocated: nothing ever writes there.
        frame.reset().length(EthernetHeader.MINIMUM_FRAME);
        ethernet.wrap(frame.memory(), frame.at()).target(targetMac)
                .source(sourceMac).type(EthernetHeader.ETHERTYPE_ARP);
        return out.wrap(frame.memory(), frame.at() + EthernetHeader.LENGTH).write(operation)
                .senderHardwareAddress(senderMac);
    }
}
