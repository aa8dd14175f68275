// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;

import jpasst.forward.NamespaceSockets;
import jpasst.linux.Sockets;
import jpasst.namespace.InsideThread;
import jpasst.testing.NetworkSandbox;

/** A namespace below the test's own, with loopback up, and servers in it. */
final class InnerNamespace implements NamespaceSockets, AutoCloseable {
    final InsideThread inside = InsideThread.create();
    private final ProcNetFiles hostFiles = ProcNetFiles.open();
    private final ProcNetFiles insideFiles = inside.call(ProcNetFiles::open);
    final PortScan scan = new PortScan(hostFiles, insideFiles);

    InnerNamespace() throws Exception {
        inside.call(() -> {
            NetworkSandbox.command("ip", "link", "set", "lo", "up");
            return null;
        });
    }

    @Override
    public int take(int family, int type) {
        return inside.call(() -> Sockets.socket(family,
                type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0));
    }

    Closeable tcpServer(int port, String address) throws IOException {
        return inside.call(() -> new ServerSocket(port, 5, InetAddress.getByName(address)));
    }

    Closeable udpServer(int port, String address) throws IOException {
        return inside.call(() -> new DatagramSocket(port, InetAddress.getByName(address)));
    }

    boolean connects(String address, int port) throws IOException {
        return inside.call(() -> ListenHarness.connects(address, port));
    }

    @Override
    public void close() {
        inside.close();
        hostFiles.close();
        insideFiles.close();
    }
}
