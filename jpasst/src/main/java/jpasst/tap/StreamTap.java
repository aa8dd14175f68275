// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import java.lang.foreign.Arena;

import jpasst.frame.Frame;
import jpasst.frame.FrameHandler;
import jpasst.linux.Epoll;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;
import jpasst.metrics.Counter;
import jpasst.metrics.Counters;

/**
 * The guest at the end of a stream socket: one client at a time, which may leave and come back.
 * Flows outlive it. Loop thread only.
 */
public final class StreamTap implements GuestLink, EventHandler {
    private static final int INPUT = Epoll.EPOLLIN | Epoll.EPOLLRDHUP;
    /** More than any kernel grants without privilege: it takes what it allows. */
    private static final int BUFFER_BYTES = 16 << 20;

    private final StreamOutput output;
    private final Arena arena;
    private final StreamClientWatch watch;
    private final Counters counters;
    private final Log log;
    private final RateLimit badLengths;
    // Null before start().
    private EventLoop loop;
    private StreamInput input;
    private int fd = -1;
    private boolean waitsForRoom;

    /**
     * @param arena lives as long as this
     * @param watch is told of clients that come and go
     */
    public StreamTap(Arena arena, StreamClientWatch watch, Counters counters, Log log) {
        this.arena = arena;
        this.watch = watch;
        this.counters = counters;
        this.log = log;
        badLengths = new RateLimit(log, Level.WARNING);
        output = new StreamOutput(arena, counters);
    }

    /**
     * Begins, before the first client.
     *
     * @param loop tells of what the client sends
     * @param handler takes the client's frames
     */
    public void start(EventLoop loop, FrameHandler handler) {
        this.loop = loop;
        input = new StreamInput(arena, handler, counters);
        loop.handler(EventType.TAP_SOCKET, this);
    }

    /** Whether there is a client. */
    public boolean isConnected() {
        return fd >= 0;
    }

    /**
     * Lets a client go which has closed its end, though there may be more of it to read: it must
     * not be in the way of the next one.
     */
    void disconnectIfGone() {
        if (fd >= 0 && (Files.poll(fd, 0, 0) & (Files.POLLHUP | Files.POLLERR)) != 0) {
            disconnect();
        }
    }

    /**
     * Takes a connected socket as the client, which there must not be yet.
     *
     * @return 0, or -errno and the socket is the caller's
     */
    public int connect(int socket) {
        Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_SNDBUF, BUFFER_BYTES);
        Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, BUFFER_BYTES);
        int rc = loop.add(socket, INPUT, tag(socket));
        if (rc < 0) return rc;
        fd = socket;
        waitsForRoom = false;
        input.reset();
        output.attach(socket);
        watch.connected();
        return 0;
    }

    private static long tag(int socket) {
        return EventTag.of(EventType.TAP_SOCKET, socket, 0);
    }

    @Override
    public boolean takesPartialChecksums() {
        return false;
    }

    @Override
    public boolean takesUdpSegments() {
        return false;
    }

    @Override
    public boolean send(Frame frame) {
        return output.send(frame);
    }

    @Override
    public boolean takesRun(int count, int bytes) {
        return output.takesRun(count, bytes);
    }

    @Override
    public boolean lend(Frame frame, int length) {
        return output.lend(frame, length);
    }

    @Override
    public boolean hasRoom() {
        return output.hasRoom();
    }

    @Override
    public void flush() {
        if (fd < 0) return;
        // Who waits for room may just have found it, and sent more since.
        if (!waitsForRoom || !output.blocked()) output.flush();
        if (output.blocked() != waitsForRoom) awaitRoom(output.blocked());
    }

    private void awaitRoom(boolean wanted) {
        waitsForRoom = wanted;
        loop.modify(fd, wanted ? INPUT | Epoll.EPOLLOUT : INPUT, tag(fd));
    }

    @Override
    public void onEvent(int socket, int payload, int events, long nowNs) {
        if (socket != fd) return;
        if ((events & Epoll.EPOLLOUT) != 0) output.flush();
        if ((events & ~Epoll.EPOLLOUT) == 0) return;
        int state = input.read(socket, nowNs);
        if (state == StreamInput.BAD_LENGTH) {
            counters.increment(Counter.DROP_MALFORMED_ETHERNET);
            if (badLengths.permits(nowNs)) {
                log.warn("client sent a frame of " + input.badLength()
                        + " bytes, which cannot be: disconnecting it");
            }
        }
        if (state != StreamInput.OPEN) disconnect();
    }

    /** Lets the client go, with all that was on its way to it. */
    private void disconnect() {
        loop.remove(fd);
        Files.close(fd);
        fd = -1;
        output.attach(-1);
        input.reset();
        watch.disconnected();
    }
}
