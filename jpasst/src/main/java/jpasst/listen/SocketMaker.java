// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;

/** Makes listening sockets and has their events delivered. Loop thread only. */
interface SocketMaker {
    /**
     * A socket that listens on a port of a rule, and whose events are delivered from now on.
     *
     * @param index the rule's, for the tag
     * @return the descriptor or -errno
     */
    int open(Pif pif, int index, ForwardRule rule, int port);

    /** Delivers the socket's events with another index, unless they are {@link #pause paused}. */
    void retag(int fd, Pif pif, int index, ForwardRule rule, int port);

    /** Delivers no more events of a socket, also none that is on its way. */
    void pause(int fd);

    /** Delivers events again after {@link #pause}: those that came meanwhile at once. */
    void resume(int fd, Pif pif, int index, ForwardRule rule, int port);

    /** Closes a socket; none of its events is delivered any more. */
    void close(int fd);
}
