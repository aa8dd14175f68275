// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.Arena;

import jpasst.flow.Flow;
import jpasst.flow.FlowHandler;
import jpasst.flow.FlowTable;
import jpasst.flow.FlowType;
import jpasst.forward.Addresses;
import jpasst.forward.Forwarding;
import jpasst.forward.SideSockets;
import jpasst.frame.Frame;
import jpasst.frame.FrameSink;
import jpasst.listen.Pausing;
import jpasst.log.Log;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.metrics.Counters;
import jpasst.wire.IpPacket;

/**
 * UDP: the entrance for datagrams from the guest, for events of flow sockets, and for the table's
 * questions. Loop thread only. See the package for the whole story.
 */
public final class UdpFlows implements EventHandler, FlowHandler {
    private final FlowTable table;
    private final UdpTimeouts timeouts;
    private final Counters counters;
    private final Log log;
    private final UdpFactory factory;
    private final Closing closing;
    private final Outlets outlets;
    private final UdpErrors errors;
    private final FromGuest fromGuest;
    private final FromSockets fromSockets;

    /**
     * Registers itself with nobody: that is up to the caller, as handler of
     * {@link FlowType#UDP} in the table and of its event type in the loop.
     *
     * @param sideSockets of the namespace, too, if anything is forwarded to or from there
     * @param tap null if nothing is forwarded to or from the guest's link
     * @param arena lives as long as this; about 1.3 MiB are taken from it
     */
    public UdpFlows(UdpSettings settings, FlowTable table, EventLoop loop, Addresses addresses,
            Forwarding forwarding, SideSockets sideSockets, FrameSink tap, Counters counters,
            Log log, Arena arena) {
        this.table = table;
        this.counters = counters;
        this.log = log;
        timeouts = settings.timeouts();
        var sockets = new UdpSockets(sideSockets, settings.freebind());
        if (log.debugging()) {
            log.debug("UDP segmentation by the kernel: " + sockets.segmentation()
                    + ", coalescing: " + sockets.coalescing());
        }
        var queue = new SendQueue(arena, sockets.segmentation(), counters);
        var toTap = new TapDatagrams(addresses, tap, counters);
        closing = new Closing(table, loop, queue);
        outlets = new Outlets(toTap, new SocketDatagrams(queue));
        factory = new UdpFactory(table, loop, sockets, closing, counters, log);
        errors = new UdpErrors(arena, forwarding, toTap, log);
        fromGuest = new FromGuest(table, factory, queue, closing, counters, log);
        fromSockets = new FromSockets(table, factory, new SocketReceiver(arena, outlets, counters),
                errors, closing, loop, counters, log);
    }

    /**
     * The handler of listening sockets, to be registered in the loop for their event type.
     *
     * @param pausing takes a socket out of the loop when there are no descriptors for its flows
     * @param arena lives as long as the handler; 2 MiB are reserved from it, to be used as needed
     */
    public UdpListening listening(Pausing pausing, Arena arena) {
        return new UdpListening(table, factory, outlets, errors, pausing, counters, log, arena);
    }

    /**
     * Takes one UDP packet from the guest, whose addresses have been checked. Its bytes must stay
     * as they are until {@link #endBatch}.
     *
     * @param frame the frame around it, for its offload facts
     */
    public void fromTap(Frame frame, IpPacket packet, long nowNs) {
        fromGuest.fromTap(frame, packet, nowNs);
    }

    /**
     * Takes an ICMP or ICMPv6 message from the guest, other than an echo request: if the guest
     * says that nobody listens at the port of one of its own flows, that flow ends, and the kernel
     * will tell the peer the same when it sends more. All other messages are ignored.
     */
    public void icmpFromTap(Frame frame, IpPacket packet, long nowNs) {
        fromGuest.icmpFromTap(frame, packet);
    }

    /** Sends what {@link #fromTap} has queued. To be called after each batch of frames. */
    public void endBatch(long nowNs) {
        fromGuest.endBatch();
    }

    @Override
    public void onEvent(int fd, int sidx, int events, long nowNs) {
        fromSockets.onEvent(fd, sidx, events, nowNs);
    }

    @Override
    public boolean deferred(Flow flow, long nowNs) {
        fromSockets.flush(flow, nowNs);
        return flow.<UdpFlow>body().closed();
    }

    @Override
    public boolean timer(Flow flow, long nowNs) {
        UdpFlow body = flow.body();
        UdpSide initiating = body.side(0);
        if (!body.closed() && initiating.isHeld() && nowNs >= initiating.heldUntilNs) {
            factory.release(flow, nowNs);
        }
        if (!body.closed() && body.isExpired(timeouts, nowNs)) {
            closing.close(flow);
        }
        return body.closed();
    }
}
