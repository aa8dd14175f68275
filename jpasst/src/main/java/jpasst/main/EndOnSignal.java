// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Signals;
import jpasst.loop.EventHandler;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;

/** SIGTERM and SIGQUIT, which the launcher blocked, end the program without an error. */
record EndOnSignal(EventLoop loop) implements EventHandler {
    /** Watches for the signals. */
    static void watch(EventLoop loop) {
        int fd = Errno.check("signalfd", Signals.descriptor(
                Signals.SFD_NONBLOCK | Signals.SFD_CLOEXEC, Signals.SIGTERM, Signals.SIGQUIT));
        loop.handler(EventType.SIGNAL, new EndOnSignal(loop));
        Errno.check("epoll_ctl",
                loop.add(fd, Epoll.EPOLLIN, EventTag.of(EventType.SIGNAL, fd, 0)));
    }

    @Override
    public void onEvent(int fd, int payload, int events, long nowNs) {
        loop.stop(0);
    }
}
