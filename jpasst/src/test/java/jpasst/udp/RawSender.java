// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;

import jpasst.addr.IpAddress;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;

/** Sends datagrams over IPv4 with any source port, which no ordinary socket can have. */
final class RawSender implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final int fd = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_RAW, Sockets.IPPROTO_UDP);

    void send(String target, int sourcePort, int targetPort) {
        var name = arena.allocate(SocketAddress.LENGTH, 8);
        var to = IpAddress.parse(target);
        int length = SocketAddress.put(name, 0, to.high(), to.low(), 0, 0);
        assertEquals(0, Sockets.connect(fd, name, 0, length));
        byte[] header = {(byte) (sourcePort >> 8), (byte) sourcePort, (byte) (targetPort >> 8),
            (byte) targetPort, 0, 8, 0, 0};
        var memory = arena.allocate(8);
        memory.copyFrom(java.lang.foreign.MemorySegment.ofArray(header));
        assertEquals(8, Sockets.send(fd, memory, 0, 8, 0));
    }

    @Override
    public void close() {
        Files.close(fd);
        arena.close();
    }
}
