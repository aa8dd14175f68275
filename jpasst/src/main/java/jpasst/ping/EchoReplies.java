// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

import java.lang.foreign.Arena;

import jpasst.flow.Flow;
import jpasst.flow.FlowSide;
import jpasst.flow.FlowType;
import jpasst.forward.Addresses;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.linux.Sockets;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.IcmpHeader;
import jpasst.wire.IpProtocol;
import jpasst.wire.PacketHead;

/** Reads replies from ping sockets straight into a frame, and sends it to the guest. */
final class EchoReplies {
    private static final long MESSAGE_AT = Frame.HEADROOM + PacketHead.MAXIMUM_LENGTH;
    /** An IPv4 packet with its header must still have a length. */
    private static final int MAXIMUM_MESSAGE = 65535 - 20;
    private static final int CHECKSUM_OFFSET = 2;

    private final Addresses addresses;
    private final FrameSink tap;
    private final Counters counters;
    private final Frame frame;
    private final PacketHead head = new PacketHead();
    private final IcmpHeader icmp = new IcmpHeader();

    EchoReplies(Addresses addresses, FrameSink tap, Counters counters, Arena arena) {
        this.addresses = addresses;
        this.tap = tap;
        this.counters = counters;
        frame = new Frame(arena);
    }

    /** Reads one message: its length, or -errno. */
    int read(int fd) {
        frame.reset();
        icmp.wrap(frame.memory(), MESSAGE_AT);
        return (int) Sockets.recv(fd, frame.memory(), MESSAGE_AT, MAXIMUM_MESSAGE, 0);
    }

    /** Whether the message last read is what the flow waits for. */
    boolean isReply(Flow flow, int length) {
        int type = flow.type() == FlowType.PING4 ? IcmpHeader.V4_ECHO_REPLY
                : IcmpHeader.V6_ECHO_REPLY;
        return icmp.isValid(length) && icmp.type() == type && icmp.code() == 0;
    }

    /** Sequence number of the message last read. */
    int sequence() {
        return icmp.sequence();
    }

    /** Sends the message last read to the guest, as from whom it pinged. */
    void send(Flow flow, int length) {
        FlowSide guest = flow.side(0);
        head.link(addresses.guestMac(), addresses.neighbors().macFor(flow))
                .addresses(guest.ourHigh(), guest.ourLow(),
                        guest.endpointHigh(), guest.endpointLow());
        boolean v4 = flow.type() == FlowType.PING4;
        int protocol = flow.type().protocol();
        // The link completes the checksum, which covers a pseudo header in ICMPv6 only.
        icmp.identifier(guest.ourPort())
                .checksum(v4 ? 0 : head.pseudoHeader(IpProtocol.ICMPV6, length));
        long at = head.write(frame.memory(), MESSAGE_AT, length, protocol);
        int start = (int) (MESSAGE_AT - at);
        frame.wrap(frame.memory(), at, start + length).partialChecksum(start, CHECKSUM_OFFSET);
        boolean taken = tap.send(frame);
        counters.increment(taken ? Counter.PING_REPLIES_TO_TAP : Counter.DROP_TAP_REFUSED);
    }
}
