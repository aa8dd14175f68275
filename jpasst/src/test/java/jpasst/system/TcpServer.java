// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A TCP server in a namespace, each connection on a thread of its own. A service's last act is to
 * return what it saw; {@link #report} hands this to the test, or the exception it ended with.
 */
final class TcpServer implements AutoCloseable {
    /** What a server does with one connection. */
    interface Service {
        /** Serves until the conversation's end and says what it saw. */
        String serve(Socket connection) throws IOException;
    }

    private static final int BUFFER = 1 << 18;

    private final ServerSocket listener;
    private final Thread acceptor;
    private final Service service;
    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

    /** Listens on {@code address} ("::" and numeric) and {@code port} (0: any). */
    TcpServer(NetworkNamespace where, String address, int port, Service service) {
        this.service = service;
        listener = where.call(() -> {
            var made = new ServerSocket();
            made.setReuseAddress(true);
            made.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1024);
            return made;
        });
        acceptor = Thread.ofPlatform().daemon().start(this::acceptAll);
    }

    TcpServer(NetworkNamespace where, String address, Service service) {
        this(where, address, 0, service);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** What the next service to finish saw; waits at most 60 s. */
    String report() {
        try {
            var report = reports.poll(60, TimeUnit.SECONDS);
            if (report == null) throw new AssertionError("no service ends");
            return report;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Ends; the port is free when this returns. */
    @Override
    public void close() {
        try {
            listener.close();
            // The kernel's socket goes when the last call on it, accept(), has returned.
            acceptor.join(Duration.ofSeconds(5));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Reads to the end of stream, says "LENGTH SHA256" to the client and to the test. */
    static String digest(Socket connection) throws IOException {
        var seen = digestOf(connection.getInputStream());
        say(connection, seen);
        return seen;
    }

    /** Sends {@code length} bytes of pseudo-random content and says "LENGTH SHA256" to the test. */
    static Service content(long length) {
        return connection -> sendContent(connection, length);
    }

    /** Sends back all that comes, and says "LENGTH SHA256" to the test at the end of stream. */
    static String echo(Socket connection) throws IOException {
        var digest = sha256();
        var in = connection.getInputStream();
        var out = connection.getOutputStream();
        var buffer = new byte[BUFFER >> 2];
        long count = 0;
        for (int n; (n = in.read(buffer)) > 0; count += n) {
            digest.update(buffer, 0, n);
            out.write(buffer, 0, n);
        }
        return text(count, digest);
    }

    /** A web server: one request, one page which names the client as seen, "PEER" to the test. */
    static String page(Socket connection) throws IOException {
        var in = connection.getInputStream();
        var request = new StringBuilder();
        for (int c; !request.toString().endsWith("\r\n\r\n") && (c = in.read()) >= 0;)
            request.append((char) c);
        var peer = connection.getInetAddress().getHostAddress();
        var body = "page for " + peer + "\n";
        say(connection, "HTTP/1.0 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        return peer;
    }

    static void say(Socket connection, String text) throws IOException {
        connection.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    static String digestOf(InputStream in) throws IOException {
        var digest = sha256();
        var buffer = new byte[BUFFER];
        long count = 0;
        for (int n; (n = in.read(buffer)) > 0; count += n)
            digest.update(buffer, 0, n);
        return text(count, digest);
    }

    static String sendContent(Socket connection, long length) throws IOException {
        OutputStream out = connection.getOutputStream();
        var digest = sha256();
        var block = new byte[BUFFER];
        new Random(length).nextBytes(block);
        for (long at = 0; at < length; at += BUFFER) {
            for (int i = 0; i < Long.BYTES; i++)
                block[i] = (byte) (at >>> 8 * i);
            int n = (int) Math.min(BUFFER, length - at);
            digest.update(block, 0, n);
            out.write(block, 0, n);
        }
        return text(length, digest);
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                var connection = listener.accept();
                Thread.ofVirtual().start(() -> reports.add(conversation(connection)));
            } catch (IOException closed) {
                // Only by close().
            }
        }
    }

    private String conversation(Socket connection) {
        try (connection) {
            return service.serve(connection);
        } catch (IOException failure) {
            return failure.getMessage();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String text(long count, MessageDigest digest) {
        return count + " " + HexFormat.of().formatHex(digest.digest());
    }
}
