// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Interface;
import jpasst.linux.InterfaceRequest;
import jpasst.linux.LinuxException;
import jpasst.linux.Netlink;
import jpasst.linux.Rtnetlink;
import jpasst.linux.Sockets;

/**
 * A subscription to the kernel's neighbours (ARP and NDP) in the network namespace of the thread
 * that opens it; afterwards any one thread at a time may use it. Never waits.
 *
 * <p>First, and whenever the kernel had to drop messages because we were too slow, it dumps the
 * whole table, while news keep coming. At most one dump is under way, and none begins while there
 * are news to be read: so a flood of them makes no flood of dumps.
 */
public final class NeighborSocket implements AutoCloseable {
    /** The kernel makes no datagram of a dump longer than this, if the reader's buffer is not. */
    private static final int BUFFER_LENGTH = 8192;
    private static final int REQUEST_LENGTH = 64;
    /** After so many messages of one call, others have their turn: a datagram more is possible. */
    private static final int MESSAGES_AT_ONCE = 64;

    private final NeighborListener listener;
    private final NeighborParser parser;
    private final MemorySegment buffer;
    private final NetlinkRequest request;
    private final int fd;
    private int sequence;
    private boolean dumping;
    /** The table changed while it was dumped, so that neighbours may be missing. */
    private boolean interrupted;
    /** News were dropped since the last dump began, so that another one is needed. */
    private boolean overrun;

    /**
     * Subscribes, and asks for all neighbours there are.
     *
     * @param arena lives as long as this
     * @throws LinuxException if there is no descriptor or the kernel refuses
     */
    public NeighborSocket(Arena arena, NeighborListener listener) {
        this.listener = listener;
        parser = new NeighborParser(listener);
        buffer = arena.allocate(BUFFER_LENGTH, Long.BYTES);
        request = new NetlinkRequest(arena.allocate(REQUEST_LENGTH, Long.BYTES));
        fd = Errno.check("netlink socket", Sockets.socket(Sockets.AF_NETLINK,
                Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC | Sockets.SOCK_NONBLOCK,
                Netlink.NETLINK_ROUTE));
        try {
            Netlink.putAddress(buffer, 0, Rtnetlink.RTMGRP_NEIGH);
            Errno.check("subscribe to neighbours",
                    Sockets.bind(fd, buffer, 0, Netlink.ADDRESS_LENGTH));
            Errno.check("list neighbours", dump());
        } catch (LinuxException e) {
            Files.close(fd);
            throw e;
        }
    }

    /** The descriptor: readable when there is something to {@link #read}. */
    public int fd() {
        return fd;
    }

    /** Whether an interface of the calling thread's namespace is Ethernet, or like it. */
    public boolean isEthernet(int index) {
        String name = index > 0 ? Interface.name(index) : null;
        if (name == null) return false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = InterfaceRequest.allocate(arena);
            InterfaceRequest.name(asked, name);
            return Files.ioctl(fd, InterfaceRequest.SIOCGIFHWADDR, asked, 0) == 0
                    && InterfaceRequest.hardwareType(asked) == InterfaceRequest.ARPHRD_ETHER;
        }
    }

    /**
     * Tells the listener what the kernel told us, or a part of it if it is much.
     *
     * @return 0, or -errno if there is nothing to be expected from this socket any more
     */
    public int read() {
        int messages = 0;
        while (messages < MESSAGES_AT_ONCE) {
            int length = (int) Sockets.recv(fd, buffer, 0, BUFFER_LENGTH, 0);
            if (length == -Errno.EAGAIN) break;
            if (length == -Errno.ENOBUFS) {
                overrun = true;
            } else if (length < 0 && length != -Errno.EINTR) {
                return length;
            }
            messages += Math.max(1, take(length));
        }
        // Not before all is read: with its buffer full, the kernel could not even begin to answer.
        return overrun && !dumping && isDrained() ? dump() : 0;
    }

    private boolean isDrained() {
        return Sockets.recv(fd, buffer, 0, BUFFER_LENGTH, Sockets.MSG_PEEK) == -Errno.EAGAIN;
    }

    /** Takes the messages of one datagram; returns how many there were. */
    private int take(int length) {
        int count = 0;
        int at = 0;
        while (length - at >= Netlink.HEADER_LENGTH) {
            int whole = Netlink.length(buffer, at);
            if (whole < Netlink.HEADER_LENGTH || whole > length - at) break;
            int type = Netlink.type(buffer, at);
            interrupted |= (Netlink.flags(buffer, at) & Netlink.NLM_F_DUMP_INTR) != 0;
            if (type == Netlink.NLMSG_DONE || type == Netlink.NLMSG_ERROR) {
                if (Netlink.sequence(buffer, at) == sequence) dumped(type);
            } else {
                parser.take(buffer, at, whole);
            }
            at += Netlink.align(whole);
            count++;
        }
        return count;
    }

    private void dumped(int type) {
        dumping = false;
        listener.dumpEnds(type == Netlink.NLMSG_DONE && !interrupted && !overrun);
    }

    /** Asks for the whole table: 0 or -errno. */
    private int dump() {
        int length = request.begin(Rtnetlink.RTM_GETNEIGH, Netlink.NLM_F_DUMP).neighbors()
                .finish(++sequence);
        int rc = (int) Sockets.send(fd, request.memory(), 0, length, 0);
        if (rc < 0) return rc;
        dumping = true;
        overrun = false;
        interrupted = false;
        listener.dumpBegins();
        return 0;
    }

    @Override
    public void close() {
        Files.close(fd);
    }
}
