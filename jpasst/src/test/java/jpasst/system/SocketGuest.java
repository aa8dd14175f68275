// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A scripted guest: the far end of passt's socket, in this JVM. A frame travels behind its length,
 * four bytes in network order, both ways. What passt sends is read at once and kept, unless the
 * guest is one that never reads.
 */
final class SocketGuest implements AutoCloseable {
    /** Both of passt and of the machine, when that is busy. */
    static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Stands in the queue for the end of the stream. */
    private static final byte[] END = {};

    private final SocketChannel channel;
    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

    private SocketGuest(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Connects to passt, as soon as it has seen that the client before has left. */
    static SocketGuest connect(Lab lab, Path socket) {
        Patience.until("end of the client before", PATIENCE, () -> isAlone(lab, socket));
        return connectAtOnce(socket);
    }

    /** The same with a guest that never reads a byte. */
    static SocketGuest connectDeaf(Lab lab, Path socket) {
        Patience.until("end of the client before", PATIENCE, () -> isAlone(lab, socket));
        try {
            return new SocketGuest(socket);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Connects to passt, even if that has a client already. */
    static SocketGuest connectAtOnce(Path socket) {
        var guest = tryToConnect(socket);
        if (guest == null) throw new AssertionError("nobody listens on " + socket);
        return guest;
    }

    /** The same, or null where nobody listens. */
    static SocketGuest tryToConnect(Path socket) {
        try {
            var guest = new SocketGuest(socket);
            Thread.ofPlatform().daemon().name("socket guest").start(guest::readAll);
            return guest;
        } catch (IOException refused) {
            return null;
        }
    }

    /** A frame behind its length, as on the stream. */
    static byte[] framed(byte[] frame) {
        return ByteBuffer.allocate(Integer.BYTES + frame.length).putInt(frame.length).put(frame)
                .array();
    }

    /** Sends one frame. */
    void send(byte[] frame) {
        write(framed(frame));
    }

    /** Writes bytes as they are. */
    void write(byte[] bytes) {
        try {
            for (var rest = ByteBuffer.wrap(bytes); rest.hasRemaining();)
                channel.write(rest);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** As {@link #write}, but gives up where the stream takes no more; says how much it took. */
    int writeSome(byte[] bytes) throws IOException {
        channel.configureBlocking(false);
        return channel.write(ByteBuffer.wrap(bytes));
    }

    /** Waits for the next frame that fits; those before it are forgotten. */
    Packet await(String what, Predicate<Packet> fits) {
        var packet = poll(PATIENCE, fits);
        if (packet == null) throw new AssertionError("no " + what);
        return packet;
    }

    /** The next frame that fits, if it comes within {@code limit}; else null, also at the end. */
    Packet poll(Duration limit, Predicate<Packet> fits) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            var frame = take(deadline);
            if (frame == null || frame == END) return null;
            var packet = new Packet(frame);
            if (fits.test(packet)) return packet;
        }
    }

    /** Waits until passt closes the connection, forgetting all frames before; says whether. */
    boolean isClosedByPasst() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var frame = take(deadline);
            if (frame == null) return false;
            if (frame == END) return true;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Whether passt has no connection on this socket: its end of each bears the path. */
    private static boolean isAlone(Lab lab, Path socket) {
        return lab.host().run("ss", "-Hx").lines().noneMatch(l -> l.contains(socket + " "));
    }

    private byte[] take(long deadline) {
        try {
            return frames.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private void readAll() {
        var in = new DataInputStream(
                new BufferedInputStream(Channels.newInputStream(channel), 1 << 17));
        try {
            while (true) {
                int length = in.readInt();
                if (length < 0 || length > 65535) throw new IOException("length " + length);
                frames.add(in.readNBytes(length));
            }
        } catch (IOException end) {
            frames.add(END);
        }
    }
}
