// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import jpasst.linux.Clock;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Timers;
import jpasst.testing.Allocation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLoopTest {
    private static final long MS = 1_000_000;

    private final List<Throwable> failures = new ArrayList<>();
    private final List<EventType> failed = new ArrayList<>();
    private final EventLoop loop = new EventLoop((type, cause) -> {
        failed.add(type);
        failures.add(cause);
    });
    private final List<Integer> descriptors = new ArrayList<>();

    @AfterEach
    void close() {
        loop.close();
        descriptors.forEach(Files::close);
    }

    /** A descriptor that is ready at once, and for good unless drained. */
    private int ready(EventType type, int payload) {
        int fd = idle(type, payload);
        Timers.signal(fd);
        return fd;
    }

    private int idle(EventType type, int payload) {
        int fd = Errno.check("eventfd", Timers.eventfd());
        descriptors.add(fd);
        assertEquals(0, loop.add(fd, Epoll.EPOLLIN, EventTag.of(type, fd, payload)));
        return fd;
    }

    @Test
    void givesEventsToTheHandlerOfTheirTypeWithOneTime() {
        int tcp = ready(EventType.TCP, -7);
        int udp = ready(EventType.UDP, 0x8000_0001);
        List<String> seen = new ArrayList<>();
        var times = new HashSet<Long>();
        loop.handler(EventType.TCP, (fd, payload, events, nowNs) -> {
            seen.add("tcp " + (fd == tcp) + payload + " " + events);
            times.add(nowNs);
        });
        loop.handler(EventType.UDP, (fd, payload, events, nowNs) -> {
            seen.add("udp " + (fd == udp) + payload + " " + events);
            times.add(nowNs);
        });
        loop.afterBatch(nowNs -> {
            times.add(nowNs);
            return Long.MAX_VALUE;
        });
        loop.handler(EventType.WAKE_UP, (fd, payload, events, nowNs) -> loop.stop(5));
        ready(EventType.WAKE_UP, 0);
        assertEquals(5, loop.run());
        assertEquals(List.of("tcp true-7 1", "udp true-2147483647 1"), seen);
        assertEquals(1, times.size());
        assertEquals(1, loop.eventCount(EventType.TCP));
        assertEquals(1, loop.rounds());
    }

    @Test
    void comesBackAtTheDeadlineNotBefore() {
        long start = Clock.monotonicNs();
        List<Long> late = new ArrayList<>();
        long[] deadline = {start + 2 * MS};
        loop.afterBatch(nowNs -> {
            if (nowNs < deadline[0]) {
                return deadline[0];
            }
            late.add(nowNs - deadline[0]);
            if (late.size() == 5) {
                loop.stop(0);
            }
            deadline[0] = nowNs + 2 * MS;
            return deadline[0];
        });
        assertEquals(0, loop.run());
        assertEquals(5, late.size());
        assertTrue(loop.rounds() <= 11, "rounds: " + loop.rounds());
        assertTrue(Clock.monotonicNs() - start >= 10 * MS);
    }

    @Test
    void goesOnAfterAHandlerThrew() {
        var failure = new IllegalStateException("bug");
        loop.handler(EventType.PING, (fd, payload, events, nowNs) -> {
            Timers.drain(fd);
            throw failure;
        });
        loop.handler(EventType.TCP, (fd, payload, events, nowNs) -> Timers.drain(fd));
        ready(EventType.PING, 0);
        ready(EventType.TCP, 0);
        var error = new AssertionError("another");
        int[] runs = {0};
        loop.afterBatch(nowNs -> {
            if (runs[0]++ == 0) {
                ready(EventType.TCP, 0);
                throw error;
            }
            loop.stop(0);
            return Long.MAX_VALUE;
        });
        loop.run();
        assertEquals(2, loop.failures());
        assertSame(failure, failures.get(0));
        assertEquals(EventType.PING, failed.get(0));
        assertSame(error, failures.get(1));
        assertNull(failed.get(1));
        assertEquals(2, loop.eventCount(EventType.TCP));
    }

    @Test
    void reportsATypeWithoutHandler() {
        ready(EventType.CONTROL, 0);
        loop.afterBatch(nowNs -> {
            loop.stop(0);
            return Long.MAX_VALUE;
        });
        loop.run();
        assertEquals(List.of(EventType.CONTROL), failed);
    }

    @Test
    void deliversNothingOfADescriptorRemovedMeanwhile() {
        int first = ready(EventType.TCP, 1);
        int second = ready(EventType.TCP, 2);
        int third = ready(EventType.TCP, 3);
        List<Integer> seen = new ArrayList<>();
        loop.handler(EventType.TCP, (fd, payload, events, nowNs) -> {
            seen.add(payload);
            if (fd == first) {
                loop.remove(second);
                loop.forget(third);
                Files.close(third);
                descriptors.remove(Integer.valueOf(third));
            }
            loop.remove(fd);
        });
        loop.afterBatch(nowNs -> {
            loop.stop(0);
            return Long.MAX_VALUE;
        });
        loop.run();
        assertEquals(List.of(1), seen);
    }

    @Test
    void isWokenByAnotherThread() throws Exception {
        int wake = idle(EventType.WAKE_UP, 0);
        loop.handler(EventType.WAKE_UP, (fd, payload, events, nowNs) -> loop.stop(9));
        var thread = new Thread(() -> Timers.signal(wake));
        thread.start();
        assertEquals(9, loop.run());
        thread.join();
    }

    @Test
    void refusesATagOfAnotherDescriptor() {
        int fd = idle(EventType.TCP, 0);
        assertThrows(IllegalArgumentException.class,
                () -> loop.modify(fd, 0, EventTag.of(EventType.TCP, fd + 1, 0)));
        assertThrows(IllegalArgumentException.class,
                () -> EventTag.of(EventType.TCP, EventTag.MAX_FD + 1, 0));
        assertEquals(-Errno.EEXIST, loop.add(fd, 0, EventTag.of(EventType.TCP, fd, 0)));
    }

    @Test
    void packsTags() {
        for (EventType type : EventType.values()) {
            long tag = EventTag.of(type, EventTag.MAX_FD, -2);
            assertEquals(type.ordinal(), EventTag.type(tag));
            assertEquals(EventTag.MAX_FD, EventTag.fd(tag));
            assertEquals(-2, EventTag.payload(tag));
        }
    }

    /** One busy descriptor among many idle ones, a timer re-armed by each event. */
    @Test
    @Tag("allocation")
    void allocatesNothingPerRound() {
        for (int i = 0; i < 500; i++) {
            idle(EventType.UDP, i);
        }
        var wheel = new TimingWheel(1000, Clock.monotonicNs());
        int[] count = {0};
        ready(EventType.TCP, 0);
        loop.handler(EventType.TCP, (fd, payload, events, nowNs) -> {
            int n = ++count[0];
            wheel.arm(n % 1000, nowNs + n % 77 * 10_000);
        });
        TimerHandler expired = (id, nowNs) -> count[0] += id < 0 ? 1 : 0;
        loop.afterBatch(nowNs -> {
            wheel.expire(nowNs, expired);
            return wheel.nextDeadlineNs();
        });
        Allocation.assertNone(10_000, () -> loop.serve(0, Clock.monotonicNs()));
        assertEquals(0, loop.failures());
        assertTrue(count[0] >= 20_000, "the descriptor was busy");
    }
}
