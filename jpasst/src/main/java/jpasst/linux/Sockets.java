// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Calls on sockets. All return their value, or -errno; any thread may call. Memory is given as
 * (segment, offset, length), must be off-heap, and is bounds-checked.
 */
public final class Sockets {
    public static final int AF_UNSPEC = 0;
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;

    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;

    public static final int IPPROTO_IP = 0;
    public static final int IPPROTO_ICMP = 1;
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_UDP = 17;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPPROTO_ICMPV6 = 58;
    public static final int IPPROTO_RAW = 255;

    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;
    public static final int SHUT_RDWR = 2;

    // Levels and options, asm-generic/socket.h.
    public static final int SOL_SOCKET = 1;
    public static final int SOL_NETLINK = 270;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_TYPE = 3;
    public static final int SO_ERROR = 4;
    public static final int SO_BROADCAST = 6;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_KEEPALIVE = 9;
    public static final int SO_OOBINLINE = 10;
    public static final int SO_LINGER = 13;
    public static final int SO_REUSEPORT = 15;
    public static final int SO_PASSCRED = 16;
    public static final int SO_PEERCRED = 17;
    public static final int SO_RCVLOWAT = 18;
    public static final int SO_BINDTODEVICE = 25;
    public static final int SO_ATTACH_FILTER = 26;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_MARK = 36;
    public static final int SO_DOMAIN = 39;
    public static final int SO_RXQ_OVFL = 40;
    public static final int SO_PEEK_OFF = 42;
    public static final int SO_ATTACH_BPF = 50;
    public static final int SO_ATTACH_REUSEPORT_CBPF = 51;
    public static final int SO_ATTACH_REUSEPORT_EBPF = 52;
    public static final int SO_MEMINFO = 55;
    public static final int SO_INCOMING_NAPI_ID = 56;
    public static final int SO_COOKIE = 57;
    public static final int SO_BINDTOIFINDEX = 62;

    // tcp(7).
    public static final int TCP_NODELAY = 1;
    public static final int TCP_MAXSEG = 2;
    public static final int TCP_CORK = 3;
    public static final int TCP_KEEPIDLE = 4;
    public static final int TCP_KEEPINTVL = 5;
    public static final int TCP_KEEPCNT = 6;
    public static final int TCP_SYNCNT = 7;
    public static final int TCP_LINGER2 = 8;
    public static final int TCP_DEFER_ACCEPT = 9;
    public static final int TCP_WINDOW_CLAMP = 10;
    public static final int TCP_INFO = 11;
    public static final int TCP_QUICKACK = 12;
    public static final int TCP_CONGESTION = 13;
    public static final int TCP_USER_TIMEOUT = 18;
    public static final int TCP_REPAIR = 19;
    public static final int TCP_FASTOPEN = 23;
    public static final int TCP_NOTSENT_LOWAT = 25;
    public static final int TCP_INQ = 36;
    /** States in {@link TcpInfo#state}. */
    public static final int TCP_ESTABLISHED = 1;
    public static final int TCP_SYN_SENT = 2;
    public static final int TCP_SYN_RECV = 3;
    public static final int TCP_FIN_WAIT1 = 4;
    public static final int TCP_FIN_WAIT2 = 5;
    public static final int TCP_TIME_WAIT = 6;
    public static final int TCP_CLOSE = 7;
    public static final int TCP_CLOSE_WAIT = 8;
    public static final int TCP_LAST_ACK = 9;
    public static final int TCP_LISTEN = 10;
    public static final int TCP_CLOSING = 11;

    // udp(7).
    public static final int UDP_CORK = 1;
    public static final int UDP_SEGMENT = 103;
    public static final int UDP_GRO = 104;

    // ip(7).
    public static final int IP_TOS = 1;
    public static final int IP_TTL = 2;
    public static final int IP_HDRINCL = 3;
    public static final int IP_PKTINFO = 8;
    public static final int IP_MTU_DISCOVER = 10;
    public static final int IP_RECVERR = 11;
    public static final int IP_RECVTTL = 12;
    public static final int IP_RECVTOS = 13;
    public static final int IP_MTU = 14;
    public static final int IP_FREEBIND = 15;
    public static final int IP_TRANSPARENT = 19;
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;
    public static final int IP_MULTICAST_TTL = 33;
    public static final int IP_UNICAST_IF = 50;
    public static final int IP_LOCAL_PORT_RANGE = 51;
    public static final int IP_PMTUDISC_DONT = 0;
    public static final int IP_PMTUDISC_WANT = 1;
    public static final int IP_PMTUDISC_DO = 2;
    public static final int IP_PMTUDISC_PROBE = 3;

    // ipv6(7).
    public static final int IPV6_UNICAST_HOPS = 16;
    public static final int IPV6_MULTICAST_IF = 17;
    public static final int IPV6_MULTICAST_HOPS = 18;
    public static final int IPV6_MTU_DISCOVER = 23;
    public static final int IPV6_MTU = 24;
    public static final int IPV6_RECVERR = 25;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVPKTINFO = 49;
    public static final int IPV6_PKTINFO = 50;
    public static final int IPV6_RECVHOPLIMIT = 51;
    public static final int IPV6_HOPLIMIT = 52;
    public static final int IPV6_RECVTCLASS = 66;
    public static final int IPV6_TCLASS = 67;
    public static final int IPV6_UNICAST_IF = 76;
    public static final int IPV6_FREEBIND = 78;

    // Ancillary data and flags of send and recv.
    public static final int SCM_RIGHTS = 1;
    public static final int SCM_CREDENTIALS = 2;
    public static final int MSG_OOB = 1;
    public static final int MSG_PEEK = 2;
    public static final int MSG_CTRUNC = 8;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_EOR = 0x80;
    public static final int MSG_WAITALL = 0x100;
    public static final int MSG_ERRQUEUE = 0x2000;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_MORE = 0x8000;
    public static final int MSG_WAITFORONE = 0x10000;
    public static final int MSG_ZEROCOPY = 0x4000000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Requests of {@link Files#ioctlInt}: bytes not acknowledged, bytes not yet read. */
    public static final int SIOCOUTQ = 0x5411;
    public static final int SIOCINQ = 0x541b;
    public static final int SIOCOUTQNSD = 0x894b;

    /** Words (u32) of {@link #SO_MEMINFO}, linux/sock_diag.h; {@link #MEMINFO_LENGTH} bytes. */
    public static final int SK_MEMINFO_RMEM_ALLOC = 0;
    public static final int SK_MEMINFO_RCVBUF = 1;
    public static final int SK_MEMINFO_WMEM_ALLOC = 2;
    public static final int SK_MEMINFO_SNDBUF = 3;
    public static final int SK_MEMINFO_FWD_ALLOC = 4;
    public static final int SK_MEMINFO_WMEM_QUEUED = 5;
    public static final int SK_MEMINFO_OPTMEM = 6;
    public static final int SK_MEMINFO_BACKLOG = 7;
    public static final int SK_MEMINFO_DROPS = 8;
    public static final int MEMINFO_LENGTH = 36;

    private static final MemorySegment SOCKET = Native.function("socket");
    private static final MemorySegment BIND = Native.function("bind");
    private static final MemorySegment CONNECT = Native.function("connect");
    private static final MemorySegment ACCEPT4 = Native.function("accept4");
    private static final MemorySegment SHUTDOWN = Native.function("shutdown");
    private static final MemorySegment GETSOCKNAME = Native.function("getsockname");
    private static final MemorySegment GETSOCKOPT = Native.function("getsockopt");
    private static final MemorySegment SETSOCKOPT = Native.function("setsockopt");
    private static final MemorySegment RECV = Native.function("recv");
    private static final MemorySegment SEND = Native.function("send");
    private static final MemorySegment RECVMSG = Native.function("recvmsg");
    private static final MemorySegment SENDMSG = Native.function("sendmsg");
    private static final MemorySegment RECVMMSG = Native.function("recvmmsg");
    private static final MemorySegment SENDMMSG = Native.function("sendmmsg");

    /** Scratch memory of a call: the option's value here, its length there. */
    private static final int SCRATCH_LENGTH_AT = 56;

    private Sockets() {
    }

    /** socket(2). Pass {@link #SOCK_CLOEXEC} always, and mostly {@link #SOCK_NONBLOCK}. */
    public static int socket(int family, int type, int protocol) {
        return Native.callInt(SOCKET, family, type, protocol);
    }

    /** socketpair(2): fills two ints. */
    public static int socketpair(int family, int type, int protocol, MemorySegment two) {
        return Native.callInt(Native.function("socketpair"), family, type, protocol,
                Native.pointer(two, 0, 8));
    }

    /** bind(2) to a socket address of {@code length} bytes, see {@link SocketAddress}. */
    public static int bind(int fd, MemorySegment address, long at, int length) {
        return Native.callInt(BIND, fd, Native.pointer(address, at, length), length);
    }

    /** connect(2) to a socket address of {@code length} bytes, see {@link SocketAddress}. */
    public static int connect(int fd, MemorySegment address, long at, int length) {
        return Native.callInt(CONNECT, fd, Native.pointer(address, at, length), length);
    }

    /** listen(2). */
    public static int listen(int fd, int backlog) {
        return Native.callInt(Native.function("listen"), fd, backlog);
    }

    /** accept4(2), forgetting the peer's address: the descriptor or -errno. */
    public static int accept4(int fd, int flags) {
        return Native.callInt(ACCEPT4, fd, 0, 0, flags);
    }

    /** accept4(2), the peer's address in {@link SocketAddress#LENGTH} bytes at {@code at}. */
    public static int accept4(int fd, MemorySegment address, long at, int flags) {
        long pointer = Native.pointer(address, at, SocketAddress.LENGTH);
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, SCRATCH_LENGTH_AT, SocketAddress.LENGTH);
        return Native.callInt(ACCEPT4, fd, pointer, scratch.address() + SCRATCH_LENGTH_AT, flags);
    }

    /** shutdown(2) with SHUT_RD, SHUT_WR or SHUT_RDWR. */
    public static int shutdown(int fd, int how) {
        return Native.callInt(SHUTDOWN, fd, how);
    }

    /** getsockname(2), in {@link SocketAddress#LENGTH} bytes at {@code at}: 0 or -errno. */
    public static int getsockname(int fd, MemorySegment address, long at) {
        return name(GETSOCKNAME, fd, address, at);
    }

    /** getpeername(2), in {@link SocketAddress#LENGTH} bytes at {@code at}: 0 or -errno. */
    public static int getpeername(int fd, MemorySegment address, long at) {
        return name(Native.function("getpeername"), fd, address, at);
    }

    private static int name(MemorySegment function, int fd, MemorySegment address, long at) {
        long pointer = Native.pointer(address, at, SocketAddress.LENGTH);
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, SCRATCH_LENGTH_AT, SocketAddress.LENGTH);
        return Native.callInt(function, fd, pointer, scratch.address() + SCRATCH_LENGTH_AT);
    }

    /** getsockopt(2) into {@code length} bytes: the number of bytes the kernel wrote, or -errno. */
    public static int getsockopt(int fd, int level, int option, MemorySegment memory, long at,
            int length) {
        return getsockopt(fd, level, option, Native.pointer(memory, at, length), length);
    }

    private static int getsockopt(int fd, int level, int option, long pointer, int length) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, SCRATCH_LENGTH_AT, length);
        int rc = Native.callInt(GETSOCKOPT, fd, level, option, pointer,
                scratch.address() + SCRATCH_LENGTH_AT, 0);
        return rc < 0 ? rc : scratch.get(ValueLayout.JAVA_INT, SCRATCH_LENGTH_AT);
    }

    /** getsockopt(2) of an option that is an int and not negative: its value, or -errno. */
    public static int getInt(int fd, int level, int option) {
        MemorySegment scratch = Native.scratch();
        int rc = getsockopt(fd, level, option, scratch.address(), 4);
        return rc < 0 ? rc : scratch.get(ValueLayout.JAVA_INT, 0);
    }

    /** SO_ERROR, which it clears: the pending error as a positive number, 0, or -errno. */
    public static int pendingError(int fd) {
        return getInt(fd, SOL_SOCKET, SO_ERROR);
    }

    /** setsockopt(2). */
    public static int setsockopt(int fd, int level, int option, MemorySegment memory, long at,
            int length) {
        return Native.callInt(SETSOCKOPT, fd, level, option, Native.pointer(memory, at, length),
                length, 0);
    }

    /** setsockopt(2) of an option that is an int. */
    public static int setInt(int fd, int level, int option, int value) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, 0, value);
        return Native.callInt(SETSOCKOPT, fd, level, option, scratch.address(), 4, 0);
    }

    /** setsockopt(2) of an option that is a string, {@link #SO_BINDTODEVICE}. */
    public static int setString(int fd, int level, int option, String value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = CString.of(arena, value);
            return Native.callInt(SETSOCKOPT, fd, level, option, text.address(),
                    text.byteSize(), 0);
        }
    }

    /** SO_LINGER: with 0 seconds close() sends a reset (socket(7)). */
    public static int setLinger(int fd, boolean on, int seconds) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, 0, on ? 1 : 0);
        scratch.set(ValueLayout.JAVA_INT, 4, seconds);
        return Native.callInt(SETSOCKOPT, fd, SOL_SOCKET, SO_LINGER, scratch.address(), 8, 0);
    }

    /** Closes a socket so that its peer is reset; what it was sent and did not take is lost. */
    public static void closeWithReset(int fd) {
        setLinger(fd, true, 0);
        Files.close(fd);
    }

    /** recv(2): bytes (with MSG_TRUNC on datagrams their full length), 0 at the end, -errno. */
    public static long recv(int fd, MemorySegment memory, long at, long length, int flags) {
        return Native.call(RECV, fd, Native.pointer(memory, at, length), length, flags, 0, 0);
    }

    /**
     * Drops up to {@code length} bytes from the receive queue of a TCP socket without copying
     * them (MSG_TRUNC without a buffer, tcp(7)); does not wait.
     *
     * @return bytes dropped, 0 at the end, or -errno
     */
    public static long discard(int fd, long length) {
        return Native.call(RECV, fd, 0, length, MSG_TRUNC | MSG_DONTWAIT, 0, 0);
    }

    /** send(2): bytes taken or -errno. Pass {@link #MSG_NOSIGNAL} on streams. */
    public static long send(int fd, MemorySegment memory, long at, long length, int flags) {
        return Native.call(SEND, fd, Native.pointer(memory, at, length), length, flags, 0, 0);
    }

    /** recvmsg(2) with the {@code struct msghdr} at {@code at}, see {@link Message}. */
    public static long recvmsg(int fd, MemorySegment header, long at, int flags) {
        return Native.call(RECVMSG, fd, Native.pointer(header, at, Message.HEADER_LENGTH), flags,
                0, 0, 0);
    }

    /** recvmsg(2). Call {@link Message#forReceive} before. */
    public static long recvmsg(int fd, Message message, int flags) {
        return recvmsg(fd, message.segment(), message.at(), flags);
    }

    /** sendmsg(2) with the {@code struct msghdr} at {@code at}, see {@link Message}. */
    public static long sendmsg(int fd, MemorySegment header, long at, int flags) {
        return Native.call(SENDMSG, fd, Native.pointer(header, at, Message.HEADER_LENGTH), flags,
                0, 0, 0);
    }

    /** sendmsg(2). */
    public static long sendmsg(int fd, Message message, int flags) {
        return sendmsg(fd, message.segment(), message.at(), flags);
    }

    /** recvmmsg(2) without a timeout, into the first {@code count} messages: number received. */
    public static int recvmmsg(int fd, MessageBatch batch, int count, int flags) {
        return Native.callInt(RECVMMSG, fd, batch.pointer(0, count), count, flags, 0, 0);
    }

    /** sendmmsg(2) of {@code count} messages from the {@code first}: number sent, or -errno. */
    public static int sendmmsg(int fd, MessageBatch batch, int first, int count, int flags) {
        return Native.callInt(SENDMMSG, fd, batch.pointer(first, count), count, flags);
    }
}
