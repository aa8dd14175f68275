// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

import jpasst.flow.Pif;
import jpasst.linux.Sockets;
import jpasst.testing.InSandbox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kernel's real lists. */
@SuppressWarnings("try") // Resources that only have to be there.
@ExtendWith(InSandbox.class)
class PortScanTest {
    private static final int CONNECTIONS = 5000;

    private static String ports(PortScan scan, Pif pif, int protocol) {
        var ports = new PortSet();
        scan.read(pif, protocol, ports);
        return ports.toString();
    }

    @Test
    void findsListeningSocketsOfBothFamiliesOnEitherSide() throws Exception {
        try (var inner = new InnerNamespace();
                var a = new ServerSocket(1001, 5, InetAddress.getByName("127.0.0.1"));
                var b = new ServerSocket(65535, 5, InetAddress.getByName("::1"));
                var c = new DatagramSocket(1002, InetAddress.getByName("127.0.0.1"));
                var d = inner.tcpServer(1003, "::"); var e = inner.udpServer(1004, "::1");
                var f = inner.udpServer(1, "127.0.0.1")) {
            assertEquals("1001 65535", ports(inner.scan, Pif.HOST, Sockets.IPPROTO_TCP));
            assertEquals("1002", ports(inner.scan, Pif.HOST, Sockets.IPPROTO_UDP));
            assertEquals("1003", ports(inner.scan, Pif.SPLICE, Sockets.IPPROTO_TCP));
            assertEquals("1 1004", ports(inner.scan, Pif.SPLICE, Sockets.IPPROTO_UDP));
        }
    }

    @Test
    void passesOverSocketsThatHaveAPeer() throws Exception {
        try (var inner = new InnerNamespace(); var server = new ServerSocket(1001);
                var client = new java.net.Socket("127.0.0.1", 1001);
                var accepted = server.accept(); var udp = new DatagramSocket(1002)) {
            udp.connect(new InetSocketAddress("127.0.0.1", 9));
            assertEquals("1001", ports(inner.scan, Pif.HOST, Sockets.IPPROTO_TCP));
            assertEquals("", ports(inner.scan, Pif.HOST, Sockets.IPPROTO_UDP));
        }
    }

    /** The promise on which reading no further rests: listening sockets come first. */
    @Test
    void costDoesNotGrowWithConnections() throws Exception {
        for (boolean filesOnly : new boolean[] {true, false}) {
            costDoesNotGrowWithConnections(filesOnly);
        }
    }

    private static void costDoesNotGrowWithConnections(boolean filesOnly) throws Exception {
        var open = new ArrayList<AutoCloseable>();
        try (var inner = new InnerNamespace()) {
            var servers = new ArrayList<ServerSocketChannel>();
            for (int i = 0; i < 100; i++) {
                var server = ServerSocketChannel.open();
                server.bind(new InetSocketAddress(i % 2 == 0 ? "127.0.0.1" : "::1", 2000 + i));
                servers.add(server);
                open.add(server);
            }
            long before = scanned(inner.scan, filesOnly);
            for (int i = 0; i < CONNECTIONS; i++) {
                var server = servers.get(i % 100);
                open.add(SocketChannel.open(server.getLocalAddress()));
                open.add(server.accept());
            }
            long after = scanned(inner.scan, filesOnly);
            // One page more of either file, at most: what else was in the last one read.
            assertTrue(after - before <= (filesOnly ? 2 * 4096 : 0),
                    before + " bytes, then " + after);
        } finally {
            for (var socket : open) socket.close();
        }
    }

    private static long scanned(PortScan scan, boolean filesOnly) {
        long before = scan.bytesRead();
        var expected = new StringBuilder("2000");
        for (int i = 1; i < 100; i++) expected.append(' ').append(2000 + i);
        var found = new PortSet();
        if (filesOnly) {
            scan.readFilesOnly(Pif.HOST, found);
        } else {
            scan.read(Pif.HOST, Sockets.IPPROTO_TCP, found);
        }
        assertEquals(expected.toString(), found.toString());
        return scan.bytesRead() - before;
    }

    @Test
    void findsAllOfManyDatagramSockets() throws Exception {
        var open = new ArrayList<DatagramSocket>();
        var expected = new ArrayList<String>();
        try (var inner = new InnerNamespace()) {
            for (int port = 3000; port < 4000; port++) {
                open.add(new DatagramSocket(port,
                        InetAddress.getByName(port % 2 == 0 ? "127.0.0.1" : "::1")));
                expected.add(String.valueOf(port));
            }
            assertEquals(expected,
                    List.of(ports(inner.scan, Pif.HOST, Sockets.IPPROTO_UDP).split(" ")));
        } finally {
            open.forEach(DatagramSocket::close);
        }
    }

    @Test
    void keepsWhatWasKnownIfTheListsCannotBeRead() throws Exception {
        var ports = new PortSet();
        ports.add(7);
        PortScan scan;
        try (var inner = new InnerNamespace()) {
            scan = inner.scan;
        }
        scan.read(Pif.HOST, Sockets.IPPROTO_TCP, ports);
        scan.readFilesOnly(Pif.HOST, ports);
        assertEquals("7", ports.toString());
    }
}
