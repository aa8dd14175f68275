// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.listen.ListenTag;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.testing.StreamPeer;
import jpasst.wire.IpProtocol;

/**
 * A real listening socket for both families on any address, and clients of it: what comes goes to
 * port 80 of the guest.
 */
final class Inbound {
    static final int GUEST_PORT = 80;
    /** Where the rule stands in its table. */
    static final int RULE = 1;
    private static final int FLAGS = Sockets.SOCK_CLOEXEC;

    final TcpHarness h;
    final TcpListening listening;
    final int fd;
    final int port;
    /** Size of the clients' receive buffers, 0 for what the kernel gives. */
    int receiveBuffer;
    /** Sockets that were paused and not resumed, by payload. */
    final Deque<Integer> paused = new ArrayDeque<>();
    private final MemorySegment scratch;

    Inbound(TcpHarness h) {
        this.h = h;
        scratch = h.scratch;
        fd = Errno.check("socket", Sockets.socket(Sockets.AF_INET6,
                Sockets.SOCK_STREAM | Sockets.SOCK_NONBLOCK | FLAGS, 0));
        Errno.check("setsockopt", Sockets.setInt(fd, Sockets.IPPROTO_IPV6,
                Sockets.IPV6_V6ONLY, 0));
        Errno.check("bind", Sockets.bind(fd, scratch, 0,
                SocketAddress.putV6(scratch, 0, 0, 0, 0, 0)));
        Errno.check("listen", Sockets.listen(fd, 128));
        port = ownPort(fd);
        h.chooser.rules(rule(1, 2), rule(port, GUEST_PORT));
        listening = new TcpListening(h.arena, h.table, h.tcp, null, this::pause, h.counters,
                h.log);
        h.loop.handler(EventType.TCP_LISTEN, listening);
        watch(payload());
        h.closeLater(() -> Files.close(fd));
    }

    private static ForwardRule rule(int port, int target) {
        return new ForwardRule(IpProtocol.TCP, null, null, port, port, target, null, false, false);
    }

    int payload() {
        return ListenTag.of(port, Pif.HOST, RULE);
    }

    private void watch(int payload) {
        Errno.check("epoll_ctl", h.loop.add(fd, Epoll.EPOLLIN,
                EventTag.of(EventType.TCP_LISTEN, fd, payload)));
    }

    private void pause(int socket, int payload) {
        paused.add(payload);
        if (socket == fd) h.loop.remove(fd);
    }

    /** Has paused sockets served again. */
    void resume() {
        while (!paused.isEmpty()) watch(paused.remove());
        h.serve();
    }

    private int ownPort(int socket) {
        Errno.check("getsockname", Sockets.getsockname(socket, scratch, 0));
        return SocketAddress.port(scratch, 0);
    }

    /** A client which the kernel has connected, before anybody accepted. */
    Client client() {
        return client("127.0.0.1", 0, "127.0.0.1");
    }

    /**
     * A client at an address of the loopback interface.
     *
     * @param clientPort 0 lets the kernel choose
     */
    Client client(String address, int clientPort, String to) {
        IpAddress from = IpAddress.parse(address);
        int socket = Errno.check("socket", Sockets.socket(
                from.isV4() ? Sockets.AF_INET : Sockets.AF_INET6, Sockets.SOCK_STREAM | FLAGS, 0));
        Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (receiveBuffer > 0) {
            Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, receiveBuffer);
        }
        Errno.check("bind", Sockets.bind(socket, scratch, 0, put(from, clientPort)));
        connect(socket, IpAddress.parse(to));
        var peer = new StreamPeer(h::serve, Arena.ofAuto().allocate(StreamPeer.SCRATCH),
                socket);
        h.closeLater(peer::close);
        return new Client(this, peer, from, ownPort(socket));
    }

    private void connect(int socket, IpAddress to) {
        long limit = System.nanoTime() + TcpHarness.PATIENCE_NS;
        int rc;
        do {
            // An address which was just added to an interface gets its route a little later.
            rc = Sockets.connect(socket, scratch, 0, put(to, port));
        } while (rc == -Errno.ENETUNREACH && System.nanoTime() < limit);
        Errno.check("connect", rc);
    }

    private int put(IpAddress address, int port) {
        // The loopback interface has index 1 in every namespace.
        return SocketAddress.put(scratch, 0, address.high(), address.low(), port,
                !address.isV4() && address.isLinkLocal() ? 1 : 0);
    }

    /** A client, and what the guest sees of it. */
    record Client(Inbound inbound, StreamPeer peer, IpAddress address, int port) {
        /** The guest's end of its connection, before the guest was told. */
        Guest guest() {
            boolean v4 = address.isV4();
            String seen = address.isLoopback() ? v4 ? TcpHarness.HOST4 : TcpHarness.HOST6
                    : address.toString();
            return new Guest(inbound.h, v4 ? TcpHarness.GUEST4 : TcpHarness.GUEST6, GUEST_PORT,
                    seen, port);
        }

        /** Lets the guest accept, and tell its window. */
        TcpHarness.Connection connect(Consumer<Guest> preparation) {
            Guest guest = guest();
            preparation.accept(guest);
            guest.accept().ack();
            return new TcpHarness.Connection(guest, peer);
        }
    }

    /** An established connection of a new client to the guest. */
    TcpHarness.Connection connect(Consumer<Guest> preparation) {
        return client().connect(preparation);
    }

    TcpHarness.Connection connect() {
        return connect(guest -> { });
    }
}
