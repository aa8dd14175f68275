// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.PeerCredentials;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.AfterBatch;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;

/**
 * Accepts the client of a {@link StreamTap}: one at a time, further ones are turned away. If one
 * cannot be accepted, for want of descriptors, the socket is out of the loop for a while. Loop
 * thread only.
 */
public final class StreamListener implements EventHandler, AfterBatch {
    /** Long enough for connections to end, too short for a machine that starts to notice. */
    private static final long PAUSE_NS = 100_000_000;

    private final StreamTap tap;
    private final Log log;
    private final RateLimit failures;
    private final RateLimit accepted;
    private final RateLimit turnedAway;
    // Null before start().
    private EventLoop loop;
    private int fd = -1;
    /** When to listen again; {@link Long#MAX_VALUE} while listening. */
    private long pauseEndNs = Long.MAX_VALUE;

    /** @param tap gets the clients */
    public StreamListener(StreamTap tap, Log log) {
        this.tap = tap;
        this.log = log;
        failures = new RateLimit(log, Level.WARNING);
        accepted = new RateLimit(log, Level.INFO);
        turnedAway = new RateLimit(log, Level.INFO);
    }

    /**
     * Begins to accept.
     *
     * @param socket a non-blocking one that listens
     * @return 0 or -errno
     */
    public int start(EventLoop loop, int socket) {
        this.loop = loop;
        fd = socket;
        loop.handler(EventType.TAP_LISTEN, this);
        return loop.add(fd, Epoll.EPOLLIN, tag());
    }

    private long tag() {
        return EventTag.of(EventType.TAP_LISTEN, fd, 0);
    }

    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        int socket = Sockets.accept4(fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC);
        if (socket >= 0) {
            take(socket, nowNs);
        } else if (socket != -Errno.EAGAIN && socket != -Errno.EINTR) {
            if (failures.permits(nowNs)) {
                log.warn("cannot accept a client: " + Errno.message(-socket));
            }
            // Its event would come round and round: the client is still there.
            pauseEndNs = nowNs + PAUSE_NS;
            loop.modify(fd, 0, tag());
        }
    }

    private void take(int socket, long nowNs) {
        int pid = PeerCredentials.pid(socket);
        tap.disconnectIfGone();
        if (tap.isConnected()) {
            if (turnedAway.permits(nowNs)) {
                log.info("turned client with PID " + pid + " away: there is one already");
            }
            Files.close(socket);
            return;
        }
        if (accepted.permits(nowNs)) log.info("accepted client with PID " + pid);
        int rc = tap.connect(socket);
        if (rc < 0) {
            if (failures.permits(nowNs)) {
                log.warn("cannot watch the client: " + Errno.message(-rc));
            }
            Files.close(socket);
        }
    }

    /** Listens again when a pause has ended. To be called in every round of the loop. */
    @Override
    public long run(long nowNs) {
        if (nowNs >= pauseEndNs) {
            pauseEndNs = Long.MAX_VALUE;
            loop.modify(fd, Epoll.EPOLLIN, tag());
        }
        return pauseEndNs;
    }
}
