// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EpollTest {
    private final int epoll = Errno.check("epoll_create1", Epoll.create1());
    private final int counter = Errno.check("eventfd", Timers.eventfd());
    private final MemorySegment events = EpollEvent.allocate(Arena.ofAuto(), 8);

    @AfterEach
    void close() {
        Files.close(epoll);
        Files.close(counter);
    }

    @Test
    void returnsTheTagOfWhatHappened() {
        long tag = 0x8123_4567_89ab_cdefL;
        assertEquals(0, Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, counter, Epoll.EPOLLIN, tag));
        assertEquals(-Errno.EEXIST,
                Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, counter, Epoll.EPOLLIN, tag));
        assertEquals(0, Epoll.wait(epoll, events, 8, 0));
        Timers.signal(counter);
        assertEquals(1, Epoll.wait(epoll, events, 8, -1));
        assertEquals(tag, EpollEvent.data(events, 0));
        assertEquals(Epoll.EPOLLIN, EpollEvent.events(events, 0));
        assertEquals(1, Timers.drain(counter));
        assertEquals(-Errno.EAGAIN, Timers.drain(counter));
        Epoll.ctl(epoll, Epoll.EPOLL_CTL_MOD, counter, Epoll.EPOLLOUT | Epoll.EPOLLET, 5);
        assertEquals(1, Epoll.wait(epoll, events, 8, Long.MAX_VALUE));
        assertEquals(Epoll.EPOLLOUT, EpollEvent.events(events, 0));
        assertEquals(5, EpollEvent.data(events, 0));
        assertEquals(0, Epoll.ctl(epoll, Epoll.EPOLL_CTL_DEL, counter, 0, 0));
        assertEquals(0, Epoll.wait(epoll, events, 8, 0));
    }

    @Test
    void neverReturnsEarly() {
        for (long timeoutNs = 10_000; timeoutNs < 5_000_000; timeoutNs *= 3) {
            long before = Clock.monotonicNs();
            assertEquals(0, Epoll.wait(epoll, events, 8, timeoutNs));
            assertTrue(Clock.monotonicNs() - before >= timeoutNs);
        }
    }

    @Test
    void waitsShorterThanAMillisecond() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long before = Clock.monotonicNs();
            Epoll.wait(epoll, events, 8, 100_000);
            best = Math.min(best, Clock.monotonicNs() - before);
        }
        assertTrue(!Epoll.precise() || best < 900_000, "took " + best + " ns");
    }

    @Test
    void roundsUpWhereOnlyMillisecondsCount() {
        assertEquals(1, Epoll.roundUpMs(1));
        assertEquals(1, Epoll.roundUpMs(1_000_000));
        assertEquals(2, Epoll.roundUpMs(1_000_001));
        assertEquals(Integer.MAX_VALUE, Epoll.roundUpMs(Long.MAX_VALUE - 1));
    }

    @Test
    void countsTimerExpiries() {
        int timer = Errno.check("timerfd_create", Timers.create());
        assertEquals(-Errno.EAGAIN, Timers.drain(timer));
        assertEquals(0, Timers.set(timer, 1_000_000, 0));
        assertEquals(Files.POLLIN, Files.poll(timer, Files.POLLIN, 5000));
        assertEquals(1, Timers.drain(timer));
        Files.close(timer);
    }

    @Test
    void readsTheClocksOfTheKernel() {
        long before = Clock.read(Clock.CLOCK_MONOTONIC);
        long ours = Clock.monotonicNs();
        long after = Clock.read(Clock.CLOCK_MONOTONIC);
        assertTrue(before <= ours && ours <= after);
        long difference = Clock.realtimeNs() / 1_000_000 - System.currentTimeMillis();
        assertTrue(Math.abs(difference) < 1000);
    }
}
