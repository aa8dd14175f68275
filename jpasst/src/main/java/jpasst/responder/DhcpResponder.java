// SPDX-License-Identifier: Apache-2.0
package jpasst.responder;

import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.addr.MacAddress;
import jpasst.forward.Addresses;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.wire.BigEndian;
import jpasst.wire.DhcpMessage;
import jpasst.wire.DhcpOptions;

/**
 * The DHCP server of a link with one guest (RFC 2131): whatever the guest asks for, it gets its
 * one address, for ever. BOOTP is answered too (RFC 1534). Nothing is remembered.
 */
final class DhcpResponder {
    private static final int BROADCAST = -1;
    /** The type of a message without one, which is of BOOTP. */
    private static final int BOOTP = 0;

    private final Addresses addresses;
    private final Outgoing out;
    private final Counters counters;
    private final Log log;
    private final RateLimit answers;
    private final DhcpOffer offer;
    private final DhcpMessage request = new DhcpMessage();
    private final DhcpMessage reply = new DhcpMessage();

    /** @param addresses with an IPv4 address, gateway and address of ours, which stay */
    DhcpResponder(Addresses addresses, ServiceSettings settings, Outgoing out, Counters counters,
            Log log) {
        this.addresses = addresses;
        this.out = out;
        this.counters = counters;
        this.log = log;
        answers = new RateLimit(log, Level.INFO);
        offer = new DhcpOffer(addresses.v4(), settings);
    }

    /**
     * Takes what a datagram to the server's port holds.
     *
     * @param length bytes there
     * @param mac who sent it
     */
    void take(MemorySegment memory, long at, int length, long mac, long nowNs) {
        long optionsAt = at + DhcpMessage.LENGTH;
        int optionsLength = length - DhcpMessage.LENGTH;
        request.wrap(memory, at);
        if (!request.isValid(length) || !DhcpOptions.areValid(memory, optionsAt, optionsLength)) {
            counters.increment(Counter.DROP_MALFORMED_SERVICE);
            return;
        }
        int type = messageType(memory, optionsAt, optionsLength);
        boolean known = type == BOOTP || type == DhcpOptions.DISCOVER
                || type == DhcpOptions.REQUEST;
        if (request.operation() != DhcpMessage.REQUEST || !known) {
            counters.increment(Counter.DROP_SERVICE_IGNORED);
            return;
        }
        boolean rapid = type == DhcpOptions.DISCOVER && DhcpOptions.find(memory, optionsAt,
                optionsLength, DhcpOptions.RAPID_COMMIT) >= 0;
        answer(type, rapid, memory, at, length);
        if (answers.permits(nowNs)) {
            log.info(text(type, rapid));
            log.info("    from " + MacAddress.text(mac));
        }
        if (offer.leftOut() > 0 && log.debugging()) {
            log.debug("DHCP: " + offer.leftOut() + " options did not fit into the reply");
        }
    }

    /** {@link #BOOTP} if there is none; -1, which is no type, if it is empty. */
    private static int messageType(MemorySegment memory, long at, int length) {
        int found = DhcpOptions.find(memory, at, length, DhcpOptions.MESSAGE_TYPE);
        if (found < 0) return BOOTP;
        int type = BigEndian.u8(memory, at + found) == 1
                ? BigEndian.u8(memory, at + found + 1) : BOOTP;
        return type == BOOTP ? -1 : type;
    }

    private void answer(int type, boolean rapid, MemorySegment memory, long at, int length) {
        long optionsAt = at + DhcpMessage.LENGTH;
        int list = DhcpOptions.find(memory, optionsAt, length - DhcpMessage.LENGTH,
                DhcpOptions.PARAMETER_LIST);
        int listLength = list < 0 ? -1 : BigEndian.u8(memory, optionsAt + list);
        int replyType = type == DhcpOptions.DISCOVER && !rapid
                ? DhcpOptions.OFFER : DhcpOptions.ACK;
        int guest = addresses.v4().address().v4();
        var answer = out.memory();
        reply.wrap(answer, Outgoing.MESSAGE_AT).writeReply(memory, at, guest);
        int options = offer.write(answer, Outgoing.MESSAGE_AT + DhcpMessage.LENGTH, replyType,
                rapid, memory, optionsAt + list + 1, listLength);
        int to = request.wantsBroadcast() ? BROADCAST : guest;
        out.addresses(Ip.V4_HIGH, addresses.v4().ourTapAddress().low(), Ip.V4_HIGH, Ip.mapV4(to))
                .sendUdp(DhcpMessage.SERVER_PORT, DhcpMessage.CLIENT_PORT,
                        DhcpMessage.LENGTH + options, 0, Counter.DHCP_REPLIES);
    }

    private static String text(int type, boolean rapid) {
        return switch (type) {
            case BOOTP -> "BOOTP: reply to request";
            case DhcpOptions.DISCOVER -> rapid
                    ? "DHCP: ack to discover (rapid commit)" : "DHCP: offer to discover";
            default -> "DHCP: ack to request";
        };
    }
}
