// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.PeerCredentials;
import jpasst.linux.Sockets;
import jpasst.log.Level;
import jpasst.log.Log;
import jpasst.log.RateLimit;
import jpasst.loop.EventHandler;

/**
 * Accepts the client of a {@link StreamTap}: one at a time, further ones are turned away. Loop
 * thread only.
 */
public final class StreamListener implements EventHandler {
    private final StreamTap tap;
    private final RateLimit failures;
    private final RateLimit refusals;
    private final RateLimit clients;

    /** @param tap gets the clients */
    public StreamListener(StreamTap tap, Log log) {
        this.tap = tap;
        failures = new RateLimit(log, Level.WARNING);
        refusals = new RateLimit(log, Level.INFO);
        clients = new RateLimit(log, Level.INFO);
    }

    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        int socket = Sockets.accept4(fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC);
        if (socket < 0) {
            if (socket != -Errno.EAGAIN) {
                failures.log(nowNs, "cannot accept a client: " + Errno.message(-socket));
            }
            return;
        }
        int pid = PeerCredentials.pid(socket);
        tap.disconnectIfGone();
        if (tap.isConnected()) {
            refusals.log(nowNs,
                    "turned client with PID " + pid + " away: there is one already");
            Files.close(socket);
            return;
        }
        clients.log(nowNs, "accepted client with PID " + pid);
        int rc = tap.connect(socket);
        if (rc < 0) {
            failures.log(nowNs, "cannot watch the client: " + Errno.message(-rc));
            Files.close(socket);
        }
    }
}
