// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Assertions;

/** A UDP socket on the host's loopback, in the namespace of the thread that makes it. */
final class Server implements AutoCloseable {
    final DatagramChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(70000);
    InetSocketAddress peer;

    Server(String address) throws IOException {
        this(address, 0);
    }

    Server(String address, int port) throws IOException {
        var at = InetAddress.getByName(address);
        var family = at.getAddress().length == 4 ? java.net.StandardProtocolFamily.INET
                : java.net.StandardProtocolFamily.INET6;
        channel = DatagramChannel.open(family);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
        channel.bind(new InetSocketAddress(at, port)).configureBlocking(false);
    }

    int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** The next datagram, within a second; its sender becomes the peer. */
    byte[] receive() throws Exception {
        for (int i = 0; i < 200; i++) {
            byte[] data = receiveNow();
            if (data != null) {
                return data;
            }
            Thread.sleep(5);
        }
        return Assertions.fail("no datagram");
    }

    String receiveText() throws Exception {
        return new String(receive(), StandardCharsets.US_ASCII);
    }

    /** The next datagram, {@code null} if there is none. */
    byte[] receiveNow() throws IOException {
        buffer.clear();
        var sender = (InetSocketAddress) channel.receive(buffer);
        if (sender == null) {
            return null;
        }
        peer = sender;
        buffer.flip();
        var data = new byte[buffer.remaining()];
        buffer.get(data);
        return data;
    }

    /** Whom to answer, though it did not write yet. */
    Server to(String address, int port) {
        peer = new InetSocketAddress(address, port);
        return this;
    }

    void answer(String text) throws IOException {
        answer(text.getBytes(StandardCharsets.US_ASCII));
    }

    void answer(byte[] data) throws IOException {
        channel.send(ByteBuffer.wrap(data), peer);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
