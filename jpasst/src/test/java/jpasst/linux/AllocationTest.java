// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The calls a packet needs allocate nothing, once compiled. */
@Timeout(60)
class AllocationTest {
    private static final int WARM_UP = 60_000;
    private static final int CALLS = 1_000_000;

    private final ThreadMXBean threads =
            (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final MemorySegment memory = Arena.ofAuto().allocate(4096, 8);
    private final MemorySegment events = EpollEvent.allocate(Arena.ofAuto(), 8);
    private final MessageBatch batch = new MessageBatch(Arena.ofAuto(), 1, 1, 64);

    @Test
    void callsAllocateNothing() {
        Errno.check("socketpair", Sockets.socketpair(Sockets.AF_UNIX,
                Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0, memory));
        int one = memory.get(ValueLayout.JAVA_INT, 0);
        int two = memory.get(ValueLayout.JAVA_INT, 4);
        int epoll = Errno.check("epoll_create1", Epoll.create1());
        Epoll.ctl(epoll, Epoll.EPOLL_CTL_ADD, two, Epoll.EPOLLIN, 1);
        long sum = 0;
        for (int i = 0; i < WARM_UP; i++) {
            sum += exchange(one, two, epoll);
        }
        long thread = Thread.currentThread().threadId();
        long before = threads.getThreadAllocatedBytes(thread);
        long measuring = threads.getThreadAllocatedBytes(thread) - before;
        before = threads.getThreadAllocatedBytes(thread);
        for (int i = 0; i < CALLS / 10; i++) {
            sum += exchange(one, two, epoll);
        }
        long allocated = threads.getThreadAllocatedBytes(thread) - before - measuring;
        assertEquals((WARM_UP + CALLS / 10) * 30L, sum);
        assertEquals(0, allocated, "bytes for " + CALLS + " calls");
        Files.close(one);
        Files.close(two);
        Files.close(epoll);
    }

    /** Ten system calls. */
    private long exchange(int one, int two, int epoll) {
        long sum = Sockets.send(one, memory, 0, 10, Sockets.MSG_NOSIGNAL);
        Epoll.wait(epoll, events, 8, 1_000_000);
        EpollEvent.data(events, 0);
        Sockets.recv(two, memory, 100, 100, 0);
        Message message = batch.message(0).noName().noControl();
        message.iov(0, memory, 0, 10).iovCount(1);
        sum += Sockets.sendmsg(one, message, 0);
        sum += Sockets.recvmsg(two, message.forReceive(), 0);
        message.noName().noControl();
        Sockets.sendmmsg(one, batch, 0, 1, 0);
        batch.forReceive(1);
        Sockets.recvmmsg(two, batch, 1, 0);
        Sockets.getInt(one, Sockets.SOL_SOCKET, Sockets.SO_ERROR);
        Sockets.setInt(one, Sockets.SOL_SOCKET, Sockets.SO_RCVLOWAT, 1);
        SocketAddress.put(memory, 0, 0, 1, 80, 0);
        return sum;
    }
}
