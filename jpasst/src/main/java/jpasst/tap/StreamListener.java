// SPDX-License-Identifier: Apache-2.0
package jpasst.tap;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.PeerCredentials;
import jpasst.linux.Sockets;
import jpasst.log.Log;
import jpasst.loop.EventHandler;

/**
 * Accepts the client of a {@link StreamTap}: one at a time, further ones are turned away. Loop
 * thread only.
 */
public final class StreamListener implements EventHandler {
    private final StreamTap tap;
    private final Log log;

    /** @param tap gets the clients */
    public StreamListener(StreamTap tap, Log log) {
        this.tap = tap;
        this.log = log;
    }

    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        int socket = Sockets.accept4(fd, Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC);
        if (socket < 0) {
            if (socket != -Errno.EAGAIN) {
                log.warn("cannot accept a client: " + Errno.message(-socket));
            }
            return;
        }
        int pid = PeerCredentials.pid(socket);
        tap.disconnectIfGone();
        if (tap.isConnected()) {
            log.info("turned client with PID " + pid + " away: there is one already");
            Files.close(socket);
            return;
        }
        log.info("accepted client with PID " + pid);
        int rc = tap.connect(socket);
        if (rc < 0) {
            log.warn("cannot watch the client: " + Errno.message(-rc));
            Files.close(socket);
        }
    }
}
