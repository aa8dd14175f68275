// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.addr.Ip;
import jpasst.flow.FlowTable;
import jpasst.flow.Ini;
import jpasst.flow.Pif;
import jpasst.flow.Tgt;
import jpasst.linux.Errno;
import jpasst.linux.Shortage;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.listen.ListenTag;
import jpasst.listen.Pausing;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;
import jpasst.splice.SpliceFlows;
import jpasst.wire.IpProtocol;

/**
 * Accepts connections on listening sockets and makes flows of them, to the guest or spliced to
 * another socket. Handles {@link jpasst.loop.EventType#TCP_LISTEN}, whose events are
 * level-triggered and carry a {@link ListenTag}. Loop thread only.
 *
 * <p>Nothing is accepted that cannot be kept: where flows or descriptors are short, the socket is
 * paused, and clients wait in its queue meanwhile. What is accepted and cannot be forwarded is
 * reset. The scope of a link-local client (sin6_scope_id) is not kept: its socket is connected,
 * and the guest has one link only.
 */
public final class TcpListening implements EventHandler {
    /** Connections accepted before other sockets have their turn. */
    private static final int MAX_ACCEPTS = 16;
    private static final int FLAGS = Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;

    private final FlowTable table;
    private final TcpFlows tcp;
    private final SpliceFlows splice;
    private final Pausing pausing;
    private final Counters counters;
    private final Log log;
    private final RateLimit shortages;
    private final RateLimit refusals;
    private final MemorySegment peer;
    private final MemorySegment our;

    /**
     * Registers itself with nobody: that is up to the caller.
     *
     * @param arena for memory that lives as long as the handler
     * @param tcp takes connections to the guest
     * @param splice takes those to other sockets; null if there are none, which are then reset
     * @param pausing told of sockets that cannot be served for a while
     */
    public TcpListening(Arena arena, FlowTable table, TcpFlows tcp, SpliceFlows splice,
            Pausing pausing, Counters counters, Log log) {
        this.table = table;
        this.tcp = tcp;
        this.splice = splice;
        this.pausing = pausing;
        this.counters = counters;
        this.log = log;
        shortages = new RateLimit(log, Level.WARNING);
        refusals = new RateLimit(log, Level.WARNING);
        peer = arena.allocate(SocketAddress.LENGTH, Long.BYTES);
        our = arena.allocate(SocketAddress.LENGTH, Long.BYTES);
    }

    /** Accepts what waits on a listening socket, but not too much at once. */
    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        for (int i = 0; i < MAX_ACCEPTS; i++) {
            if (table.isFull()) {
                // Who took the last flow may have been the last to wait: another event will tell.
                if (i == 0) pause(fd, payload, "the flow table is full", nowNs);
                return;
            }
            int socket = Sockets.accept4(fd, peer, 0, FLAGS);
            if (socket >= 0) {
                accepted(socket, payload, nowNs);
            } else if (socket == -Errno.EAGAIN) {
                return;
            } else if (!concernsClient(-socket)) {
                pause(fd, payload, Shortage.explain("accept", -socket), nowNs);
                return;
            }
        }
    }

    /**
     * Whether an error of accept concerns the client which would have been next, and not the
     * socket: it is gone, and others may follow (accept(2), "Error handling").
     */
    private static boolean concernsClient(int errno) {
        return switch (errno) {
            case Errno.EINTR, Errno.ECONNABORTED, Errno.EPROTO, Errno.EPERM, Errno.ENOPROTOOPT,
                    Errno.EOPNOTSUPP, Errno.ETIMEDOUT, Errno.ENETDOWN, Errno.ENETUNREACH,
                    Errno.EHOSTDOWN, Errno.EHOSTUNREACH -> true;
            default -> false;
        };
    }

    /** Clients wait in the socket's queue, the others behind it, and nothing spins. */
    private void pause(int fd, int payload, String why, long nowNs) {
        counters.increment(Counter.TCP_ACCEPTS_PAUSED);
        if (shortages.permits(nowNs)) {
            log.warn("connections to TCP port " + ListenTag.port(payload) + " on "
                    + ListenTag.pif(payload) + " have to wait: " + why);
        }
        pausing.pause(fd, payload);
    }

    private void accepted(int socket, int payload, long nowNs) {
        long high = SocketAddress.high(peer, 0);
        long low = SocketAddress.low(peer, 0);
        int port = SocketAddress.port(peer, 0);
        Counter refused = Sockets.getsockname(socket, our, 0) < 0 ? Counter.DROP_NO_SOCKET
                : reasonToRefuse(high, low, port);
        if (refused != null) {
            counters.increment(refused);
            Sockets.closeWithReset(socket);
            return;
        }
        Ini ini = table.allocate().initiate(ListenTag.pif(payload), high, low, port,
                SocketAddress.high(our, 0), SocketAddress.low(our, 0),
                SocketAddress.port(our, 0));
        Tgt tgt = ini.target(IpProtocol.TCP, ListenTag.rule(payload));
        if (tgt == null) {
            counters.increment(Counter.DROP_NO_TARGET);
            ini.cancel();
            Sockets.closeWithReset(socket);
        } else if (tgt.flow().pif(1) == Pif.TAP) {
            tcp.accepted(tgt, socket, nowNs);
        } else {
            splice(tgt, socket, nowNs);
        }
    }

    /** Why a client is refused, having no port or an address that no one host has, or null. */
    static Counter reasonToRefuse(long high, long low, int port) {
        if (port == 0) return Counter.DROP_BAD_PORT;
        return Ip.isUnicast(high, low) ? null : Counter.DROP_BAD_ADDRESS;
    }

    private void splice(Tgt tgt, int socket, long nowNs) {
        if (splice != null) {
            splice.open(tgt, socket, nowNs);
            return;
        }
        counters.increment(Counter.DROP_NO_TARGET);
        refusals.log(nowNs, "a connection between host and namespace is refused: splicing is off");
        tgt.cancel();
        Sockets.closeWithReset(socket);
    }
}
