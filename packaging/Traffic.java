// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;

/**
 * Traffic for the run that {@code packaging/image} learns from. Not part of the program.
 *
 * <p>{@code Traffic serve} prints a port, which it serves by TCP and UDP until its input ends.
 * {@code Traffic load PORT ADDRESS...} keeps that busy for some seconds, by each address in turn.
 */
final class Traffic {
    private static final long LOAD_NS = 250_000_000;
    private static final int STREAMS = 4;
    private static final int EXCHANGES = 2000;
    private static final int CONNECTIONS = 200;
    private static final int MESSAGE_BYTES = 64;
    private static final int BUFFER_BYTES = 256 << 10;
    private static final int TIMEOUT_MS = 5000;

    /** The first byte of a connection: what its client wants. */
    private static final int TAKE = 't';
    private static final int SEND = 's';
    private static final int ECHO = 'e';

    private Traffic() {
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("serve")) {
            serve();
            return;
        }
        int port = Integer.parseInt(arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            load(new InetSocketAddress(InetAddress.getByName(arguments[i]), port));
        }
    }

    private static void serve() throws IOException {
        var listener = new ServerSocket(0);
        var datagrams = new DatagramSocket(listener.getLocalPort());
        System.out.println(listener.getLocalPort());
        start(() -> accept(listener));
        start(() -> answer(datagrams));
        while (System.in.read() >= 0) {
        }
        System.exit(0);
    }

    private static void accept(ServerSocket listener) throws IOException {
        while (true) {
            Socket socket = listener.accept();
            start(() -> serve(socket));
        }
    }

    private static void serve(Socket socket) throws IOException {
        try (socket) {
            socket.setTcpNoDelay(true);
            switch (socket.getInputStream().read()) {
                case TAKE -> drain(socket);
                case SEND -> fill(socket);
                case ECHO -> socket.getInputStream().transferTo(socket.getOutputStream());
                default -> { }
            }
        }
    }

    private static void answer(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[MESSAGE_BYTES], MESSAGE_BYTES);
        while (true) {
            socket.receive(packet);
            socket.send(packet);
        }
    }

    private static void load(InetSocketAddress server) throws Exception {
        for (int streams = 1; streams <= STREAMS; streams += STREAMS - 1) {
            transfer(server, TAKE, streams);
            transfer(server, SEND, streams);
        }
        try (Socket socket = connect(server, ECHO)) {
            for (int i = 0; i < EXCHANGES; i++) exchange(socket);
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket socket = connect(server, ECHO)) {
                exchange(socket);
            }
        }
        try (var socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(TIMEOUT_MS);
            var packet = new DatagramPacket(new byte[MESSAGE_BYTES], MESSAGE_BYTES);
            for (int i = 0; i < EXCHANGES; i++) {
                socket.send(packet);
                socket.receive(packet);
            }
        }
    }

    private static void transfer(InetSocketAddress server, int what, int streams)
            throws Exception {
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < streams; i++) {
            threads.add(start(() -> {
                try (Socket socket = connect(server, what)) {
                    if (what == TAKE) {
                        fill(socket);
                        socket.shutdownOutput();
                    }
                    drain(socket);
                }
            }));
        }
        for (Thread thread : threads) thread.join();
    }

    private static Socket connect(InetSocketAddress server, int what) throws IOException {
        var socket = new Socket();
        socket.connect(server, TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.getOutputStream().write(what);
        return socket;
    }

    private static void exchange(Socket socket) throws IOException {
        socket.getOutputStream().write(new byte[MESSAGE_BYTES]);
        if (socket.getInputStream().readNBytes(MESSAGE_BYTES).length < MESSAGE_BYTES) {
            throw new IOException("the server's answer ended early");
        }
    }

    private static void fill(Socket socket) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        long endNs = System.nanoTime() + LOAD_NS;
        while (System.nanoTime() < endNs) socket.getOutputStream().write(buffer);
    }

    private static void drain(Socket socket) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        while (socket.getInputStream().read(buffer) >= 0) {
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    /** What fails fails for all: a run without traffic is to be known as one. */
    private static Thread start(Task task) {
        return Thread.startVirtualThread(() -> {
            try {
                task.run();
            } catch (Exception e) {
                e.printStackTrace();
                System.exit(1);
            }
        });
    }
}
