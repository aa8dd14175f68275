// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A server in a namespace, of TCP and UDP on one port, which tells each client how it sees him. TCP
 * listens on any address; UDP listens on each of some addresses, to know which one was meant.
 */
final class Witness implements AutoCloseable {
    private final List<Runnable> parts = new ArrayList<>();

    /** Waits for clients on {@code port} until closed. */
    Witness(NetworkNamespace where, int port, String... addresses) {
        parts.add(new TcpServer(where, "::", port, Witness::tell)::close);
        for (var address : addresses)
            parts.add(udp(where, address, port)::close);
    }

    /** What the TCP half does; a server on one address may do it alone. */
    static String tell(Socket connection) throws IOException {
        var told = Seen.tell((InetSocketAddress) connection.getRemoteSocketAddress(),
                connection.getLocalAddress(), connection.getLocalPort());
        TcpServer.say(connection, told);
        return told;
    }

    @Override
    public void close() {
        parts.forEach(Runnable::run);
    }

    private static DatagramSocket udp(NetworkNamespace where, String address, int port) {
        var socket = where.call(() -> new DatagramSocket(
                new InetSocketAddress(InetAddress.getByName(address), port)));
        Thread.ofPlatform().daemon().start(() -> answerAll(socket));
        return socket;
    }

    private static void answerAll(DatagramSocket socket) {
        var datagram = new DatagramPacket(new byte[2000], 2000);
        while (!socket.isClosed()) {
            try {
                socket.receive(datagram);
                var peer = (InetSocketAddress) datagram.getSocketAddress();
                var told = Seen.tell(peer, socket.getLocalAddress(), socket.getLocalPort())
                        .getBytes(StandardCharsets.US_ASCII);
                socket.send(new DatagramPacket(told, told.length, peer));
            } catch (IOException closedOrRefused) {
                // Closed: the loop ends. A client already gone: nothing to do for him.
            }
        }
    }
}
