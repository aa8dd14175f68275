// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A UDP server in a namespace which sends every datagram back, and remembers its clients. */
final class UdpEcho implements AutoCloseable {
    private static final int BUFFER = 4 << 20;

    private final DatagramSocket socket;
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();

    UdpEcho(NetworkNamespace where, String address) {
        this(where, address, 0);
    }

    /** On {@code address} (numeric) and {@code port} (0: any). */
    UdpEcho(NetworkNamespace where, String address, int port) {
        socket = where.call(() -> {
            var made = new DatagramSocket(
                    new InetSocketAddress(InetAddress.getByName(address), port));
            made.setReceiveBufferSize(BUFFER);
            made.setSendBufferSize(BUFFER);
            return made;
        });
        Thread.ofPlatform().daemon().start(this::echoAll);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** Addresses and ports from which datagrams came. */
    Set<InetSocketAddress> clients() {
        return clients;
    }

    @Override
    public void close() {
        socket.close();
    }

    private void echoAll() {
        var datagram = new DatagramPacket(new byte[65535], 65535);
        while (!socket.isClosed()) {
            try {
                datagram.setLength(65535);
                socket.receive(datagram);
                clients.add((InetSocketAddress) datagram.getSocketAddress());
                socket.send(datagram);
            } catch (IOException closedOrRefused) {
                // Closed: the loop ends. A client already gone: nothing to do for him.
            }
        }
    }
}
