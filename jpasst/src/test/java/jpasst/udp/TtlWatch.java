// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.addr.IpAddress;
import jpasst.linux.Files;
import jpasst.linux.Message;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;

/** A UDP socket which tells the TTL or hop limit of what it gets. */
final class TtlWatch implements AutoCloseable {
    private static final int IPV6_RECVHOPLIMIT = 51;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment data = arena.allocate(2000, 8);
    private final Message message = new Message(arena, 1, 64).iovCount(1).iov(0, data, 0, 2000);
    private final int fd;

    TtlWatch(String address) {
        var at = IpAddress.parse(address);
        var name = arena.allocate(SocketAddress.LENGTH, 8);
        fd = Sockets.socket(at.isV4() ? Sockets.AF_INET : Sockets.AF_INET6, Sockets.SOCK_DGRAM, 0);
        int length = SocketAddress.put(name, 0, at.high(), at.low(), 0, 0);
        assertEquals(0, Sockets.bind(fd, name, 0, length));
        assertEquals(0, at.isV4()
                ? Sockets.setInt(fd, Sockets.IPPROTO_IP, Sockets.IP_RECVTTL, 1)
                : Sockets.setInt(fd, Sockets.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
    }

    int port() {
        var name = arena.allocate(SocketAddress.LENGTH, 8);
        Sockets.getsockname(fd, name, 0);
        return SocketAddress.port(name, 0);
    }

    void send(String address, int port) {
        var to = IpAddress.parse(address);
        var name = arena.allocate(SocketAddress.LENGTH, 8);
        int length = SocketAddress.put(name, 0, to.high(), to.low(), port, 0);
        assertEquals(0, Sockets.connect(fd, name, 0, length));
        assertEquals(1, Sockets.send(fd, data, 0, 1, 0));
    }

    int next() {
        for (int i = 0; i < 200; i++) {
            message.forReceive();
            if (Sockets.recvmsg(fd, message, Sockets.MSG_DONTWAIT) >= 0) {
                return message.controlInt(message.firstControl());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
        return fail("no datagram");
    }

    @Override
    public void close() {
        Files.close(fd);
        arena.close();
    }
}
