// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LazyMemory;
import jpasst.linux.LinuxException;
import jpasst.linux.Netlink;
import jpasst.linux.Sockets;

/**
 * A blocking rtnetlink socket for one request at a time. It belongs for ever to the network
 * namespace of the thread that opened it; afterwards any one thread at a time may use it.
 */
final class NetlinkSocket implements AutoCloseable {
    private static final int BUFFER_LENGTH = 65536;
    /** How often an interrupted dump is asked for again before it is taken as it is. */
    private static final int DUMP_ATTEMPTS = 5;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment answer = LazyMemory.allocate(arena, BUFFER_LENGTH);
    private final NetlinkRequest request =
            new NetlinkRequest(LazyMemory.allocate(arena, BUFFER_LENGTH));
    private final int fd;
    private int sequence;
    private boolean interrupted;

    /** @throws LinuxException if there is no such socket to be had */
    NetlinkSocket() {
        fd = Errno.check("netlink socket", Sockets.socket(Sockets.AF_NETLINK,
                Sockets.SOCK_RAW | Sockets.SOCK_CLOEXEC, Netlink.NETLINK_ROUTE));
        // Each of these only makes answers better; kernels without them answer well enough.
        Sockets.setInt(fd, Sockets.SOL_NETLINK, Netlink.NETLINK_CAP_ACK, 1);
        Sockets.setInt(fd, Sockets.SOL_NETLINK, Netlink.NETLINK_EXT_ACK, 1);
        Sockets.setInt(fd, Sockets.SOL_NETLINK, Netlink.NETLINK_GET_STRICT_CHK, 1);
    }

    /** Starts the next request, which {@link #execute} or {@link #dump} then sends. */
    NetlinkRequest request(int type, int flags) {
        return request.begin(type, flags);
    }

    /**
     * Sends the request and waits for its acknowledgement; the request must carry NLM_F_ACK.
     *
     * @param what the step, for the exception's message
     * @return 0, or -errno where {@code tolerated} has that error
     * @throws LinuxException for any other error, with the kernel's own words if it gave some
     */
    int execute(String what, int... tolerated) {
        send(what);
        while (true) {
            int length = receive(what);
            for (int at = 0; fits(at, length); at += Netlink.align(Netlink.length(answer, at))) {
                if (isAnswer(at) && Netlink.type(answer, at) == Netlink.NLMSG_ERROR) {
                    return result(what, at, tolerated);
                }
            }
        }
    }

    private int result(String what, int at, int[] tolerated) {
        int rc = errorAt(what, at);
        for (int errno : tolerated) {
            if (rc == -errno) {
                return rc;
            }
        }
        return rc == 0 ? 0 : Errno.check(explained(what, at), rc);
    }

    /**
     * Sends the request, which must carry NLM_F_DUMP, and collects all messages of the answer. A
     * dump during which the kernel's tables changed is repeated a few times.
     *
     * @throws LinuxException if the kernel refuses
     */
    List<NetlinkMessage> dump(String what) {
        List<NetlinkMessage> messages;
        int attempts = 0;
        do {
            messages = new ArrayList<>();
            interrupted = false;
            send(what);
            boolean more = true;
            while (more) {
                more = collect(what, receive(what), messages);
            }
        } while (interrupted && ++attempts < DUMP_ATTEMPTS);
        return messages;
    }

    /** Takes the messages of one datagram; false behind the last one of the dump. */
    private boolean collect(String what, int length, List<NetlinkMessage> messages) {
        for (int at = 0; fits(at, length); at += Netlink.align(Netlink.length(answer, at))) {
            if (!isAnswer(at)) {
                continue;
            }
            interrupted |= (Netlink.flags(answer, at) & Netlink.NLM_F_DUMP_INTR) != 0;
            int type = Netlink.type(answer, at);
            if (type == Netlink.NLMSG_DONE || type == Netlink.NLMSG_ERROR) {
                int rc = errorAt(what, at);
                // A table that does not exist yet (a fresh namespace) is an empty one.
                if (rc < 0 && rc != -Errno.ENOENT) {
                    throw new LinuxException(explained(what, at), -rc);
                }
                return false;
            }
            messages.add(new NetlinkMessage(answer, at, Netlink.length(answer, at)));
            if ((Netlink.flags(answer, at) & Netlink.NLM_F_MULTI) == 0) {
                return false;
            }
        }
        return true;
    }

    private void send(String what) {
        int length = request.finish(++sequence);
        int rc;
        do {
            rc = (int) Sockets.send(fd, request.memory(), 0, length, 0);
        } while (rc == -Errno.EINTR);
        Errno.check(what, rc);
    }

    private int receive(String what) {
        while (true) {
            int length = (int) Sockets.recv(fd, answer, 0, BUFFER_LENGTH, Sockets.MSG_TRUNC);
            if (length == -Errno.EINTR) {
                continue;
            }
            if (length > BUFFER_LENGTH) {
                throw new LinuxException(what, Errno.EMSGSIZE);
            }
            return Errno.check(what, length);
        }
    }

    private boolean fits(int at, int length) {
        return length - at >= Netlink.HEADER_LENGTH
                && Netlink.length(answer, at) >= Netlink.HEADER_LENGTH
                && Netlink.length(answer, at) <= length - at;
    }

    /** Whether a message belongs to the request at hand, not to one given up before. */
    private boolean isAnswer(int at) {
        return Netlink.sequence(answer, at) == sequence;
    }

    private int errorAt(String what, int at) {
        if (Netlink.length(answer, at) < Netlink.HEADER_LENGTH + 4) {
            throw new LinuxException(what, Errno.EBADMSG);
        }
        return Netlink.error(answer, at);
    }

    /** The step, with the kernel's explanation in parentheses if it sent one. */
    private String explained(String what, int at) {
        if ((Netlink.flags(answer, at) & Netlink.NLM_F_ACK_TLVS) == 0) {
            return what;
        }
        int from = Netlink.type(answer, at) == Netlink.NLMSG_DONE
                ? Netlink.DONE_ATTRIBUTES : Netlink.ERROR_ATTRIBUTES;
        Attributes attributes =
                new Attributes(answer, at + from, at + Netlink.length(answer, at));
        return attributes.find(Netlink.NLMSGERR_ATTR_MSG)
                ? what + " (" + attributes.text() + ")" : what;
    }

    @Override
    public void close() {
        Files.close(fd);
        arena.close();
    }
}
