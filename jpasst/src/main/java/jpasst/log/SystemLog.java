// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.linux.UnixAddress;

/**
 * The system log: one datagram a message to the UNIX socket of whichever daemon there is, in the
 * form of RFC 3164 without time stamp and host, which the daemon adds.
 *
 * <p>Where the daemon does not keep up, or there is none, messages are lost. Only until {@link
 * #neverWait} it waits a little: a kernel that keeps ten datagrams for the daemon would lose most
 * of what is said at once at start. It connects at start, since the path may not be seen later; if
 * the daemon was restarted, or comes only later, it tries again with each message.
 */
public final class SystemLog implements LogDestination {
    /** Where daemons listen. */
    public static final String PATH = "/dev/log";

    /** LOG_DAEMON of syslog.h: system daemons without a facility of their own. */
    private static final int FACILITY = 3 << 3;
    /** How long a daemon that does not keep up is waited for, once. */
    private static final int PATIENCE_MS = 100;
    private static final int FLAGS = Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment address = arena.allocate(UnixAddress.LENGTH, 8);
    private final MemorySegment datagram = arena.allocate(Line.MAXIMUM_BYTES);
    private final int addressLength;
    private final String identity;
    private final int socket;
    private boolean waits = true;

    /**
     * Connects.
     *
     * @param path of the daemon's socket; it need not exist
     * @param identity begins each message: the name of the program
     */
    public SystemLog(String path, String identity) {
        this.identity = identity;
        addressLength = UnixAddress.put(address, path);
        socket = Sockets.socket(Sockets.AF_UNIX,
                Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
        connect();
    }

    @Override
    public void write(Level level, long sinceStartNs, String message) {
        // The daemon wants no line end.
        byte[] bytes = new Line().literal("<" + (FACILITY | severity(level)) + ">")
                .message(identity).literal(": ").message(message).bytes();
        send(bytes, bytes.length - 1);
    }

    /** From now on messages are written while others wait for their frames. */
    public synchronized void neverWait() {
        waits = false;
    }

    /** The severity of syslog.h. */
    private static int severity(Level level) {
        return switch (level) {
            case ERROR -> 3;
            case WARNING -> 4;
            case INFO -> 6;
            case DEBUG, TRACE -> 7;
        };
    }

    private synchronized void send(byte[] bytes, int length) {
        MemorySegment.copy(bytes, 0, datagram, ValueLayout.JAVA_BYTE, 0, length);
        long rc = Sockets.send(socket, datagram, 0, length, FLAGS);
        if (rc < 0 && (rc == -Errno.EAGAIN ? await() : connect() == 0)) {
            Sockets.send(socket, datagram, 0, length, FLAGS);
        }
    }

    /** Whether it is worth to try again. */
    private boolean await() {
        waits = waits && Files.poll(socket, Files.POLLOUT, PATIENCE_MS) > 0;
        return waits;
    }

    private int connect() {
        return Sockets.connect(socket, address, 0, addressLength);
    }

    /** Closes the socket: for tests, since a log lasts as long as the program. */
    void close() {
        Files.close(socket);
    }
}
