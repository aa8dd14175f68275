// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;

import jpasst.addr.IpAddress;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;

/** Makes listening sockets with the options of the program's. */
final class ListeningSocket {
    private ListeningSocket() {
    }

    /** Listens on an address, or on any of both families with "*". */
    static int open(Arena arena, String address, int port) {
        var at = address.equals("*") ? IpAddress.ANY_V6 : IpAddress.parse(address);
        boolean v4 = at.isV4();
        int fd = Sockets.socket(v4 ? Sockets.AF_INET : Sockets.AF_INET6,
                Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
        assertTrue(fd >= 0);
        set(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (!v4) {
            set(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, address.equals("*") ? 0 : 1);
            set(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_RECVPKTINFO, 1);
            set(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_RECVERR, 1);
        }
        if (v4 || address.equals("*")) {
            set(fd, Sockets.IPPROTO_IP, Sockets.IP_PKTINFO, 1);
            set(fd, Sockets.IPPROTO_IP, Sockets.IP_RECVERR, 1);
        }
        var name = arena.allocate(SocketAddress.LENGTH, 8);
        assertEquals(0, Sockets.bind(fd, name, 0,
                SocketAddress.put(name, 0, at.high(), at.low(), port, 0)));
        return fd;
    }

    private static void set(int fd, int level, int option, int value) {
        assertEquals(0, Sockets.setInt(fd, level, option, value));
    }
}
