// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import static jpasst.splice.SpliceConnection.MUTED;
import static jpasst.splice.SpliceConnection.OUT_WAIT;

import jpasst.flow.Flow;
import jpasst.linux.Epoll;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;

/**
 * What the loop reports of a connection's sockets: edges, of everything; but of a socket whose
 * counterpart has no room, no input. Each segment that comes would wake us for nothing.
 * Loop thread only.
 */
final class Watch {
    private static final int ALL = Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP
            | Epoll.EPOLLPRI | Epoll.EPOLLET;
    /** Urgent input neither: the kernel wakes those who wait for it with all data that comes. */
    private static final int NO_INPUT = ALL & ~(Epoll.EPOLLIN | Epoll.EPOLLPRI);

    private final EventLoop loop;

    Watch(EventLoop loop) {
        this.loop = loop;
    }

    /** Begins to watch a side: 0 or -errno. */
    int start(Flow flow, SpliceConnection c, int side) {
        return loop.add(c.socket[side], ALL, tag(flow, c, side));
    }

    /**
     * Watches what can be used now. Input that came while it was not watched is reported anew.
     *
     * @return 0 or -errno
     */
    int adapt(Flow flow, SpliceConnection c) {
        int rc = adapt(flow, c, 0);
        return rc < 0 ? rc : adapt(flow, c, 1);
    }

    private int adapt(Flow flow, SpliceConnection c, int side) {
        boolean full = c.is(OUT_WAIT, 1 - side);
        if (full == c.is(MUTED, side)) return 0;
        if (full) c.set(MUTED, side);
        else c.clear(MUTED, side);
        return loop.modify(c.socket[side], full ? NO_INPUT : ALL, tag(flow, c, side));
    }

    private static long tag(Flow flow, SpliceConnection c, int side) {
        return EventTag.of(flow.type().eventType(), c.socket[side], flow.sidx(side));
    }
}
