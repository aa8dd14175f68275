// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.addr.Ip;
import jpasst.addr.IpAddress;
import jpasst.flow.Flow;
import jpasst.flow.FlowLog;
import jpasst.flow.FlowSide;
import jpasst.flow.Pif;
import jpasst.forward.Forwarding;
import jpasst.frame.Frame;
import jpasst.linux.Errno;
import jpasst.linux.LazyMemory;
import jpasst.linux.Message;
import jpasst.linux.SocketAddress;
import jpasst.linux.SocketError;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.wire.EthernetHeader;
import jpasst.wire.IcmpError;
import jpasst.wire.IcmpHeader;

/**
 * Reads the error queues of flow sockets (IP_RECVERR, ip(7)) and tells the guest what the network
 * said about its datagrams, as the ICMP or ICMPv6 error it would have got itself.
 */
final class UdpErrors {
    /** Entries read for one event; if there are more, the event comes again. */
    private static final int MAXIMUM_ENTRIES = 64;
    private static final int MAXIMUM_PAYLOAD = 65535;
    /** Where the error's IP header goes: behind the link's, and the tap's own in front of that. */
    private static final int PACKET_AT = Frame.HEADROOM + EthernetHeader.LENGTH;
    /** In place of a type: nothing the guest could be told. */
    private static final int NO_ERROR = -1;

    private final Forwarding forwarding;
    private final TapDatagrams tap;
    private final FlowLog log;
    private final RateLimit untranslatable;
    private final ErrorBudget budget = new ErrorBudget();
    private final Message message;
    private final MemorySegment quote;
    private final MemorySegment packet;
    private final IcmpError icmp = new IcmpError();

    UdpErrors(Arena arena, Forwarding forwarding, TapDatagrams tap, Log log) {
        this.forwarding = forwarding;
        this.tap = tap;
        this.log = new FlowLog(log);
        untranslatable = new RateLimit(log, Level.WARNING);
        quote = LazyMemory.allocate(arena, MAXIMUM_PAYLOAD);
        packet = arena.allocate(PACKET_AT + IcmpError.MAXIMUM_LENGTH, 8);
        int control = Message.controlSpace(SocketError.CONTROL_DATA_LENGTH);
        message = new Message(arena, 1, control).iovCount(1).iov(0, quote, 0, MAXIMUM_PAYLOAD);
    }

    /**
     * Handles an error event: reads the queue, tells the guest, and clears the socket's error.
     *
     * @param from the flow's side whose socket it is
     * @return whether there was an error to clear; if there never is, the event would not end
     */
    boolean handle(Flow flow, UdpSide side, int from, long nowNs) {
        int entries = 0;
        for (int bytes = next(side.socket); bytes >= 0; bytes = next(side.socket)) {
            report(flow, side, from, bytes, nowNs);
            if (++entries == MAXIMUM_ENTRIES) {
                break;
            }
        }
        return Sockets.pendingError(side.socket) > 0 || entries > 0;
    }

    /**
     * Clears the errors of a listening socket. They are about datagrams of flows that are no more:
     * while a flow lives the kernel gives them to its own socket, which is the better match.
     *
     * @return whether there was an error to clear
     */
    boolean discard(int socket) {
        int entries = 0;
        while (entries < MAXIMUM_ENTRIES && next(socket) >= 0) {
            entries++;
        }
        return Sockets.pendingError(socket) > 0 || entries > 0;
    }

    /** Reads one entry of the queue: the bytes of the datagram it is about, or -errno. */
    private int next(int socket) {
        message.forReceive();
        int flags = Sockets.MSG_ERRQUEUE | Sockets.MSG_DONTWAIT;
        return (int) Sockets.recvmsg(socket, message, flags);
    }

    private void report(Flow flow, UdpSide side, int from, int bytes, long nowNs) {
        int at = errorAt();
        if (at < 0 || flow.pif(from) != Pif.HOST || flow.pif(1 - from) != Pif.TAP) {
            return; // Sockets have no way to pass an error on.
        }
        var control = message.control();
        if (log.debugging()) {
            log.debug(flow, "error on socket, origin " + SocketError.origin(control, at)
                    + ", type " + SocketError.type(control, at) + ", code "
                    + SocketError.code(control, at) + ": "
                    + Errno.message(SocketError.errno(control, at)));
        }
        FlowSide tapSide = flow.side(1 - from);
        boolean v4 = Ip.isV4(tapSide.endpointHigh(), tapSide.endpointLow());
        int type = type(at, v4);
        if (type == NO_ERROR || !budget.permits(nowNs)) {
            return;
        }
        IpAddress offender = offender(flow, from, at);
        if (offender == null || offender.isV4() != v4) {
            log.limited(untranslatable, nowNs, flow, "no address for the sender of an ICMP error");
            return;
        }
        icmp.error(type, code(at, v4), parameter(at, type, v4))
                .offender(offender.high(), offender.low())
                .source(tapSide.endpointHigh(), tapSide.endpointLow(), tapSide.endpointPort())
                .destination(tapSide.ourHigh(), tapSide.ourLow(), tapSide.ourPort())
                .datagram(side.hopLimit, flow.index(), bytes, quote, 0, bytes);
        int length = icmp.writeTo(packet, PACKET_AT);
        tap.sendError(flow, 1 - from, packet, PACKET_AT, length);
    }

    /** Where in the control memory the extended error is, or -1. */
    private int errorAt() {
        for (int at = message.firstControl(); at >= 0; at = message.nextControl(at)) {
            int level = message.controlLevel(at);
            int type = message.controlType(at);
            boolean v4 = level == Sockets.IPPROTO_IP && type == Sockets.IP_RECVERR;
            boolean v6 = level == Sockets.IPPROTO_IPV6 && type == Sockets.IPV6_RECVERR;
            if ((v4 || v6) && message.controlDataLength(at) >= SocketError.LENGTH) {
                return message.controlData(at);
            }
        }
        return -1;
    }

    private int type(int at, boolean v4) {
        var control = message.control();
        return switch (SocketError.origin(control, at)) {
            case SocketError.SO_EE_ORIGIN_ICMP -> v4 ? SocketError.type(control, at) : NO_ERROR;
            case SocketError.SO_EE_ORIGIN_ICMP6 -> v4 ? NO_ERROR : SocketError.type(control, at);
            case SocketError.SO_EE_ORIGIN_LOCAL -> isTooLong(at)
                    ? v4 ? IcmpHeader.V4_DESTINATION_UNREACHABLE : IcmpHeader.V6_PACKET_TOO_BIG
                    : NO_ERROR;
            default -> NO_ERROR;
        };
    }

    private boolean isTooLong(int at) {
        return SocketError.errno(message.control(), at) == Errno.EMSGSIZE;
    }

    private boolean isLocal(int at) {
        return SocketError.origin(message.control(), at) == SocketError.SO_EE_ORIGIN_LOCAL;
    }

    private int code(int at, boolean v4) {
        if (isLocal(at)) {
            return v4 ? IcmpHeader.V4_FRAGMENTATION_NEEDED : 0;
        }
        return SocketError.code(message.control(), at);
    }

    /** The next-hop MTU, where the message has one: RFC 1191 section 4, RFC 4443 section 3.2. */
    private int parameter(int at, int type, boolean v4) {
        if (!isTooLong(at)) {
            return 0;
        }
        int mtu = SocketError.info(message.control(), at);
        if (v4) {
            return type == IcmpHeader.V4_DESTINATION_UNREACHABLE ? Math.clamp(mtu, 0, 0xffff) : 0;
        }
        return type == IcmpHeader.V6_PACKET_TOO_BIG ? mtu : 0;
    }

    /** Whom the guest shall see as the sender; null if there is no address to show. */
    private IpAddress offender(Flow flow, int from, int at) {
        var control = message.control();
        long address = SocketError.offender(at);
        FlowSide host = flow.side(from);
        boolean known = !isLocal(at)
                && address + SocketAddress.LENGTH <= control.byteSize()
                && SocketAddress.family(control, address) != Sockets.AF_UNSPEC;
        return known
                ? forwarding.offenderForGuest(flow, SocketAddress.high(control, address),
                        SocketAddress.low(control, address))
                : forwarding.offenderForGuest(flow, host.endpointHigh(), host.endpointLow());
    }
}
