// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

import jpasst.addr.IpAddress;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;

/**
 * Network namespaces with listening sockets in them, of servers and of pastas, and the kernel's
 * rules about who may share a port: nobody whose addresses overlap, but for UDP if both allow it.
 */
final class SimulatedSpaces {
    /** A socket; without a pasta it is a server's. */
    record Socket(int fd, int space, int protocol, IpAddress address, int port, boolean reuse,
            Object pasta) {
        boolean conflictsWith(Socket other) {
            boolean overlap = address == null || other.address == null
                    || Objects.equals(address, other.address);
            boolean shared = protocol == Sockets.IPPROTO_UDP && reuse && other.reuse;
            return space == other.space && protocol == other.protocol && port == other.port
                    && overlap && !shared;
        }
    }

    private final List<Socket> sockets = new ArrayList<>();
    private int nextFd = 10;

    /** Binds and listens: descriptor or -errno. */
    int open(int space, int protocol, IpAddress address, int port, boolean reuse, Object pasta) {
        var socket = new Socket(nextFd, space, protocol, address, port, reuse, pasta);
        for (var other : sockets) {
            if (socket.conflictsWith(other)) {
                return -Errno.EADDRINUSE;
            }
        }
        sockets.add(socket);
        return nextFd++;
    }

    void close(int fd) {
        if (!sockets.removeIf(socket -> socket.fd() == fd)) {
            throw new IllegalStateException("closed twice: " + fd);
        }
    }

    void read(int space, int protocol, PortSet ports) {
        ports.clear();
        for (var socket : sockets) {
            if (socket.space() == space && socket.protocol() == protocol) {
                ports.add(socket.port());
            }
        }
    }

    /** Those of servers, which may end at any time. */
    List<Socket> servers() {
        return sockets.stream().filter(socket -> socket.pasta() == null).toList();
    }

    /** What pastas listen on, as text that does not tell one descriptor from another. */
    TreeSet<String> forwards() {
        var all = new TreeSet<String>();
        for (var socket : sockets) {
            if (socket.pasta() != null) {
                all.add("space " + socket.space() + " protocol " + socket.protocol() + " "
                        + socket.address() + ":" + socket.port() + " by " + socket.pasta());
            }
        }
        return all;
    }

    boolean isBoundBy(Object pasta, int space, int protocol, int port) {
        for (var socket : sockets) {
            if (socket.pasta() == pasta && socket.space() == space
                    && socket.protocol() == protocol && socket.port() == port) {
                return true;
            }
        }
        return false;
    }

    boolean isBound(int space, int protocol, int port) {
        return sockets.stream().anyMatch(socket -> socket.space() == space
                && socket.protocol() == protocol && socket.port() == port);
    }
}
