// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.EpollEvent;
import jpasst.linux.Errno;
import jpasst.linux.Files;

/**
 * One epoll instance and the thread that serves it. Everything here is for that thread, also
 * what is called before {@link #run}.
 */
public final class EventLoop implements AutoCloseable {
    /** Events taken per round. */
    private static final int MAX_EVENTS = 64;
    /** A tag of no type: its event is passed over. */
    private static final long FORGOTTEN = -1;
    /** If the work after a batch failed we do not know when to come back. */
    private static final long RETRY_NS = 1_000_000_000L;

    private final HandlerFailure failure;
    private final int epoll;
    private final MemorySegment events = EpollEvent.allocate(Arena.ofAuto(), MAX_EVENTS);
    private final EventHandler[] handlers = new EventHandler[EventType.COUNT];
    private final long[] counts = new long[EventType.COUNT];
    /** {@code null} if there is nothing to do. */
    private AfterBatch afterBatch;
    /** {@code null} if nobody wants to see any. */
    private EventStatistics statistics;
    /** Events of this round, and which of them is being handled. */
    private int batch;
    private int current;
    private boolean stopped;
    private int exitStatus;
    private long rounds;
    private long failures;

    /**
     * @param failure is told what handlers throw
     * @throws jpasst.linux.LinuxException if there is no descriptor left
     */
    public EventLoop(HandlerFailure failure) {
        this.failure = failure;
        epoll = Errno.check("epoll_create1", Epoll.create1());
    }

    /** Sets who handles the events of a type; before the first of them. */
    public void handler(EventType type, EventHandler handler) {
        handlers[type.ordinal()] = handler;
    }

    /** Sets what is done after the events of each round. */
    public void afterBatch(AfterBatch work) {
        afterBatch = work;
    }

    /** Sets who is shown how many events there were, after each round that had some. */
    public void statistics(EventStatistics display) {
        statistics = display;
    }

    /**
     * Watches a descriptor.
     *
     * @param eventMask {@code Epoll.EPOLL*}
     * @param tag made with this descriptor
     * @return 0 or -errno
     */
    public int add(int fd, int eventMask, long tag) {
        return control(Epoll.EPOLL_CTL_ADD, fd, eventMask, tag);
    }

    /** Changes the mask or the tag of a watched descriptor: 0 or -errno. */
    public int modify(int fd, int eventMask, long tag) {
        return control(Epoll.EPOLL_CTL_MOD, fd, eventMask, tag);
    }

    private int control(int operation, int fd, int eventMask, long tag) {
        if (EventTag.fd(tag) != fd || EventTag.type(tag) >= EventType.COUNT) {
            throw new IllegalArgumentException("tag of another descriptor");
        }
        return Epoll.ctl(epoll, operation, fd, eventMask, tag);
    }

    /** Stops watching a descriptor, also for events of this round yet to come: 0 or -errno. */
    public int remove(int fd) {
        forget(fd);
        return Epoll.ctl(epoll, Epoll.EPOLL_CTL_DEL, fd, 0, 0);
    }

    /**
     * Drops events of this round yet to come of a descriptor that is about to be closed (which
     * ends its being watched). So no handler sees an event of a descriptor that is gone, or
     * worse, whose number has been taken by another.
     */
    public void forget(int fd) {
        for (int i = current + 1; i < batch; i++) {
            long tag = EpollEvent.data(events, i);
            if (tag != FORGOTTEN && EventTag.fd(tag) == fd) {
                EpollEvent.data(events, i, FORGOTTEN);
            }
        }
    }

    /** Ends {@link #run} as soon as the handler that is running returns. */
    public void stop(int status) {
        exitStatus = status;
        stopped = true;
    }

    /** Serves events until {@link #stop}, and returns the status given there. */
    public int run() {
        long deadlineNs = Clock.monotonicNs();
        while (!stopped) {
            deadlineNs = round(deadlineNs);
        }
        return exitStatus;
    }

    /**
     * Serves events until a time (CLOCK_MONOTONIC) or {@link #stop}, one round at least; for
     * tests, which look at what happened in between.
     */
    public void runUntil(long deadlineNs) {
        long nextNs = deadlineNs;
        do {
            nextNs = Math.min(round(nextNs), deadlineNs);
        } while (!stopped && Clock.monotonicNs() < deadlineNs);
    }

    /** Waits until the time given at most, serves what happened, and says when to come back. */
    private long round(long deadlineNs) {
        batch = await(deadlineNs);
        return serveBatch(Clock.monotonicNs());
    }

    /**
     * Serves one round at a time of the caller's choice, for those who keep their own clock.
     *
     * @param timeoutNs how long to wait for events at most, in real time
     * @param nowNs what handlers are told
     * @return whether there were events
     */
    public boolean serve(long timeoutNs, long nowNs) {
        int count = Epoll.wait(epoll, events, MAX_EVENTS, timeoutNs);
        batch = count == -Errno.EINTR ? 0 : Errno.check("epoll_wait", count);
        serveBatch(nowNs);
        return count > 0;
    }

    private long serveBatch(long nowNs) {
        rounds++;
        for (current = 0; current < batch && !stopped; current++) {
            dispatch(EpollEvent.data(events, current), EpollEvent.events(events, current), nowNs);
        }
        if (statistics != null && batch > 0) {
            statistics.update(counts, nowNs);
        }
        batch = 0;
        return stopped ? nowNs : finish(nowNs);
    }

    /**
     * The clock is read once more here: the time a batch took would make timers late. Handlers
     * do not see that reading.
     */
    private int await(long deadlineNs) {
        long timeoutNs = deadlineNs == Long.MAX_VALUE ? Long.MAX_VALUE
                : Math.max(0, deadlineNs - Clock.monotonicNs());
        int count = Epoll.wait(epoll, events, MAX_EVENTS, timeoutNs);
        return count == -Errno.EINTR ? 0 : Errno.check("epoll_wait", count);
    }

    private void dispatch(long tag, int mask, long nowNs) {
        if (tag == FORGOTTEN) {
            return;
        }
        int type = EventTag.type(tag);
        counts[type]++;
        try {
            handlers[type].onEvent(EventTag.fd(tag), EventTag.payload(tag), mask, nowNs);
        } catch (RuntimeException | Error e) {
            failed(EventType.of(type), e);
        }
    }

    private long finish(long nowNs) {
        try {
            return afterBatch == null ? Long.MAX_VALUE : afterBatch.run(nowNs);
        } catch (RuntimeException | Error e) {
            failed(null, e);
            return nowNs + RETRY_NS;
        }
    }

    private void failed(EventType type, Throwable cause) {
        failures++;
        failure.report(type, cause);
    }

    /** Events of a type so far. */
    public long eventCount(EventType type) {
        return counts[type.ordinal()];
    }

    /** Rounds so far. */
    public long rounds() {
        return rounds;
    }

    /** Exceptions handlers let out so far. */
    public long failures() {
        return failures;
    }

    /** Closes the epoll instance; descriptors watched stay open. */
    @Override
    public void close() {
        Files.close(epoll);
    }
}
