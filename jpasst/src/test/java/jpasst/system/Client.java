// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * A client in a namespace, at one of its addresses or at whichever the kernel takes. What becomes
 * of a try is told in a word: "refused", "reset" or "silence" (nothing within some seconds).
 */
record Client(NetworkNamespace where, String source) {
    private static final int SILENCE_MS = 4000;

    Client(NetworkNamespace where) {
        this(where, null);
    }

    /** Listens over TCP until the server ends: what it said, or how that failed. */
    String tcp(String address, int port) {
        return where.call(() -> {
            try (var socket = connect(address, port)) {
                return text(socket.getInputStream().readAllBytes());
            } catch (ConnectException refused) {
                return "refused";
            } catch (SocketTimeoutException silent) {
                return "silence";
            } catch (SocketException reset) {
                return reset.getMessage().contains("reset") ? "reset" : reset.getMessage();
            }
        });
    }

    /** One datagram out and one back: what came, or how that failed. */
    String udp(String address, int port) {
        return udp(address, port, SILENCE_MS);
    }

    /** The same with a limit of its own, for when no answer is to be expected. */
    String udp(String address, int port, int silenceMs) {
        return where.call(() -> {
            try (var socket = datagramSocket(address, port, silenceMs)) {
                return exchange(socket);
            } catch (PortUnreachableException refused) {
                return "refused";
            } catch (SocketTimeoutException silent) {
                return "silence";
            }
        });
    }

    /** What a {@link Witness} says over TCP. */
    Seen seenByTcp(String address, int port) {
        return where.call(() -> {
            try (var socket = connect(address, port)) {
                int mine = socket.getLocalPort();
                return Seen.parse(text(socket.getInputStream().readAllBytes()), mine);
            }
        });
    }

    /** What a {@link Witness} says over UDP. */
    Seen seenByUdp(String address, int port) {
        return where.call(() -> {
            try (var socket = datagramSocket(address, port, SILENCE_MS)) {
                int mine = socket.getLocalPort();
                return Seen.parse(exchange(socket), mine);
            }
        });
    }

    /** A connection; to be called in the namespace. */
    Socket connect(String address, int port) throws IOException {
        var socket = new Socket();
        try {
            if (source != null) socket.bind(new InetSocketAddress(source, 0));
            socket.connect(new InetSocketAddress(InetAddress.getByName(address), port),
                    SILENCE_MS);
            socket.setSoTimeout(SILENCE_MS);
            return socket;
        } catch (IOException failure) {
            socket.close();
            throw failure;
        }
    }

    private DatagramSocket datagramSocket(String address, int port, int silenceMs)
            throws IOException {
        var socket = source == null ? new DatagramSocket()
                : new DatagramSocket(new InetSocketAddress(source, 0));
        socket.connect(InetAddress.getByName(address), port);
        socket.setSoTimeout(silenceMs);
        return socket;
    }

    private static String exchange(DatagramSocket socket) throws IOException {
        var question = "who am I?".getBytes(StandardCharsets.US_ASCII);
        socket.send(new DatagramPacket(question, question.length));
        var answer = new DatagramPacket(new byte[2000], 2000);
        socket.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
