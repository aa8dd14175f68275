// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On loopback only. */
class SocketsTest {
    private static final int FLAGS = Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
    private static final long V4_LOOPBACK = 0xffff_7f00_0001L;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment address = arena.allocate(SocketAddress.LENGTH, 8);
    private final MemorySegment memory = arena.allocate(4096, 8);
    private final int[] open = new int[16];
    private int opened;

    private int track(int fd) {
        open[opened++] = Errno.check("socket", fd);
        return fd;
    }

    @BeforeEach
    void fill() {
        for (int i = 0; i < 256; i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) i);
        }
    }

    @AfterEach
    void close() {
        for (int i = 0; i < opened; i++) {
            Files.close(open[i]);
        }
        arena.close();
    }

    private int bound(int type, long high, long low) {
        boolean v4 = high == 0 && low >>> 32 == 0xffff;
        int fd = track(Sockets.socket(v4 ? Sockets.AF_INET : Sockets.AF_INET6, type | FLAGS, 0));
        int length = SocketAddress.put(address, 0, high, low, 0, 0);
        Errno.check("bind", Sockets.bind(fd, address, 0, length));
        Errno.check("getsockname", Sockets.getsockname(fd, address, 0));
        return fd;
    }

    private int connected(int type, long high, long low, int port) {
        boolean v4 = high == 0 && low >>> 32 == 0xffff;
        int fd = track(Sockets.socket(v4 ? Sockets.AF_INET : Sockets.AF_INET6, type | FLAGS, 0));
        int length = SocketAddress.put(address, 0, high, low, port, 0);
        int rc = Sockets.connect(fd, address, 0, length);
        assertTrue(rc == 0 || rc == -Errno.EINPROGRESS, Errno.name(-rc));
        return fd;
    }

    private void tcpExchange(long high, long low) {
        int listener = bound(Sockets.SOCK_STREAM, high, low);
        int port = SocketAddress.port(address, 0);
        assertEquals(high, SocketAddress.high(address, 0));
        assertEquals(low, SocketAddress.low(address, 0));
        assertEquals(0, Sockets.listen(listener, 8));
        assertEquals(-Errno.EAGAIN, Sockets.accept4(listener, FLAGS));
        int client = connected(Sockets.SOCK_STREAM, high, low, port);
        Files.poll(listener, Files.POLLIN, 1000);
        int server = track(Sockets.accept4(listener, address, 0, FLAGS));
        assertEquals(low, SocketAddress.low(address, 0));
        int clientPort = SocketAddress.port(address, 0);
        Sockets.getsockname(client, address, 0);
        assertEquals(clientPort, SocketAddress.port(address, 0));
        Sockets.getpeername(client, address, 0);
        assertEquals(port, SocketAddress.port(address, 0));

        assertEquals(200, Sockets.send(client, memory, 0, 200, Sockets.MSG_NOSIGNAL));
        Files.poll(server, Files.POLLIN, 1000);
        assertEquals(200, Sockets.recv(server, memory, 1000, 1000, Sockets.MSG_PEEK));
        assertEquals(150, Sockets.discard(server, 150));
        assertEquals(50, Sockets.recv(server, memory, 1000, 1000, 0));
        assertEquals((byte) 150, memory.get(ValueLayout.JAVA_BYTE, 1000));
        assertEquals(-Errno.EAGAIN, Sockets.recv(server, memory, 1000, 1000, 0));
        assertEquals(0, Sockets.shutdown(client, Sockets.SHUT_WR));
        Files.poll(server, Files.POLLIN, 1000);
        assertEquals(0, Sockets.recv(server, memory, 1000, 1000, 0));
    }

    @Test
    void exchangesOverTcpOnBothFamilies() {
        tcpExchange(0, V4_LOOPBACK);
        tcpExchange(0, 1);
    }

    @Test
    void reachesIpv4ThroughADualStackSocket() {
        bound(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK);
        int port = SocketAddress.port(address, 0);
        int fd = track(Sockets.socket(Sockets.AF_INET6, Sockets.SOCK_DGRAM | FLAGS, 0));
        assertEquals(0, Sockets.setInt(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY, 0));
        int length = SocketAddress.putV6(address, 0, 0, V4_LOOPBACK, port, 0);
        assertEquals(SocketAddress.LENGTH, length);
        assertEquals(0, Sockets.connect(fd, address, 0, length));
        Sockets.getsockname(fd, address, 0);
        assertEquals(Sockets.AF_INET6, SocketAddress.family(address, 0));
        assertEquals(V4_LOOPBACK, SocketAddress.low(address, 0));
    }

    @Test
    void tellsOfARefusedConnectionAndClearsIt() {
        int listener = bound(Sockets.SOCK_STREAM, 0, V4_LOOPBACK);
        int port = SocketAddress.port(address, 0);
        int client = connected(Sockets.SOCK_STREAM, 0, V4_LOOPBACK, port);
        Files.poll(client, Files.POLLOUT, 1000);
        assertEquals(Errno.ECONNREFUSED, Sockets.pendingError(client));
        assertEquals(0, Sockets.pendingError(client));
        assertEquals(0, Sockets.pendingError(listener));
    }

    @Test
    void setsAndGetsOptions() {
        int fd = bound(Sockets.SOCK_STREAM, 0, V4_LOOPBACK);
        assertEquals(0, Sockets.setInt(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY, 1));
        assertEquals(1, Sockets.getInt(fd, Sockets.IPPROTO_TCP, Sockets.TCP_NODELAY));
        assertEquals(0, Sockets.setInt(fd, Sockets.IPPROTO_IP, Sockets.IP_TTL, 77));
        assertEquals(77, Sockets.getInt(fd, Sockets.IPPROTO_IP, Sockets.IP_TTL));
        assertEquals(0, Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, 65536));
        assertEquals(131072, Sockets.getInt(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF));
        assertEquals(0, Sockets.setLinger(fd, true, 3));
        assertEquals(8, Sockets.getsockopt(fd, Sockets.SOL_SOCKET, Sockets.SO_LINGER, memory, 0,
                8));
        assertEquals(1, memory.get(ValueLayout.JAVA_INT, 0));
        assertEquals(3, memory.get(ValueLayout.JAVA_INT, 4));
        assertEquals(-Errno.ENODEV, Sockets.setString(fd, Sockets.SOL_SOCKET,
                Sockets.SO_BINDTODEVICE, "nonexistent0"));
        assertEquals(Sockets.MEMINFO_LENGTH, Sockets.getsockopt(fd, Sockets.SOL_SOCKET,
                Sockets.SO_MEMINFO, memory, 0, Sockets.MEMINFO_LENGTH));
        assertEquals(131072, memory.getAtIndex(ValueLayout.JAVA_INT,
                Sockets.SK_MEMINFO_RCVBUF));
        assertEquals(0, Files.ioctlInt(connectedPair(), Sockets.SIOCOUTQ, 0));
    }

    private int connectedPair() {
        int listener = bound(Sockets.SOCK_STREAM, 0, V4_LOOPBACK);
        Sockets.listen(listener, 1);
        int client = connected(Sockets.SOCK_STREAM, 0, V4_LOOPBACK,
                SocketAddress.port(address, 0));
        Files.poll(listener, Files.POLLIN, 1000);
        track(Sockets.accept4(listener, FLAGS));
        return client;
    }

    @Test
    void readsTcpInfo() {
        int client = connectedPair();
        int server = open[opened - 1];
        Sockets.send(client, memory, 0, 100, 0);
        Files.poll(server, Files.POLLIN, 1000);
        MemorySegment info = TcpInfo.allocate(arena);
        assertTrue(TcpInfo.fetch(client, info) >= TcpInfo.LENGTH_WITH_MIN_RTT);
        assertEquals(Sockets.TCP_ESTABLISHED, TcpInfo.state(info));
        assertEquals(101, TcpInfo.bytesAcked(info), "the SYN counts on the connecting socket");
        assertTrue(TcpInfo.sndMss(info) > 500 && TcpInfo.sndMss(info) <= 65495);
        assertTrue(TcpInfo.rttUs(info) > 0 && TcpInfo.rttUs(info) < 5_000_000);
        TcpInfo.fetch(server, info);
        assertEquals(0, TcpInfo.bytesAcked(info));
    }

    @Test
    void peeksOnFromTheOffset() {
        int client = connectedPair();
        int server = open[opened - 1];
        if (Sockets.setInt(server, Sockets.SOL_SOCKET, Sockets.SO_PEEK_OFF, 0) < 0) {
            return; // before Linux 6.9
        }
        Sockets.send(client, memory, 0, 100, 0);
        Files.poll(server, Files.POLLIN, 1000);
        assertEquals(60, Sockets.recv(server, memory, 1000, 60, Sockets.MSG_PEEK));
        assertEquals(40, Sockets.recv(server, memory, 1000, 60, Sockets.MSG_PEEK));
        assertEquals((byte) 60, memory.get(ValueLayout.JAVA_BYTE, 1000));
    }

    @Test
    void receivesBatchesWithAddressesAndControlMessages() {
        int receiver = bound(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK);
        int port = SocketAddress.port(address, 0);
        Sockets.setInt(receiver, Sockets.IPPROTO_IP, Sockets.IP_PKTINFO, 1);
        Sockets.setInt(receiver, Sockets.IPPROTO_IP, Sockets.IP_RECVTTL, 1);
        int sender = bound(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK);
        int senderPort = SocketAddress.port(address, 0);

        var out = new MessageBatch(arena, 4, 2, Message.controlSpace(4));
        for (int i = 0; i < 4; i++) {
            out.message(i).name(0, V4_LOOPBACK, port, 0).noControl()
                    .addControlInt(Sockets.IPPROTO_IP, Sockets.IP_TTL, 40 + i)
                    .iov(0, memory, 0, 10).iov(1, memory, 100, i).iovCount(2);
        }
        assertEquals(4, Sockets.sendmmsg(sender, out, 0, 4, 0));
        assertEquals(13, out.transferred(3));

        int space = Message.controlSpace(PacketInfo.V4_LENGTH) + Message.controlSpace(4);
        var in = new MessageBatch(arena, 8, 1, space);
        for (int i = 0; i < 8; i++) {
            in.message(i).iov(0, memory, 1000 + i * 100, 100).iovCount(1);
        }
        in.forReceive(8);
        assertEquals(4, Sockets.recvmmsg(receiver, in, 8, 0));
        for (int i = 0; i < 4; i++) {
            Message message = in.message(i);
            assertEquals(10 + i, in.transferred(i));
            assertEquals(senderPort, SocketAddress.port(message.name(), 0));
            int seen = 0;
            for (int c = message.firstControl(); c >= 0; c = message.nextControl(c)) {
                if (message.controlType(c) == Sockets.IP_TTL) {
                    assertEquals(40 + i, message.controlInt(c));
                    seen++;
                } else {
                    assertEquals(Sockets.IP_PKTINFO, message.controlType(c));
                    assertEquals(PacketInfo.V4_LENGTH, message.controlDataLength(c));
                    long data = message.controlData(c);
                    assertEquals(V4_LOOPBACK, PacketInfo.v4Low(message.control(), data));
                    assertEquals(1, PacketInfo.v4Index(message.control(), data));
                    seen++;
                }
            }
            assertEquals(2, seen);
        }
    }

    @Test
    void readsTheErrorQueueOfAConnectedSocket() {
        int closed = bound(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK);
        int port = SocketAddress.port(address, 0);
        int sender = connected(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK, port);
        Sockets.setInt(sender, Sockets.IPPROTO_IP, Sockets.IP_RECVERR, 1);
        Files.close(closed);
        assertEquals(20, Sockets.send(sender, memory, 0, 20, 0));
        assertTrue((Files.poll(sender, 0, 1000) & Files.POLLERR) != 0);
        var message = new Message(arena, 1,
                Message.controlSpace(SocketError.CONTROL_DATA_LENGTH));
        message.iov(0, memory, 1000, 100).iovCount(1).forReceive();
        assertEquals(20, Sockets.recvmsg(sender, message, Sockets.MSG_ERRQUEUE));
        assertTrue((message.flags() & Sockets.MSG_ERRQUEUE) != 0);
        int c = message.firstControl();
        assertEquals(Sockets.IP_RECVERR, message.controlType(c));
        long data = message.controlData(c);
        assertEquals(Errno.ECONNREFUSED, SocketError.errno(message.control(), data));
        assertEquals(SocketError.SO_EE_ORIGIN_ICMP, SocketError.origin(message.control(), data));
        assertEquals(3, SocketError.type(message.control(), data));
        assertEquals(3, SocketError.code(message.control(), data));
        assertEquals(V4_LOOPBACK, SocketAddress.low(message.control(),
                SocketError.offender(data)));
        assertEquals(port, SocketAddress.port(message.name(), 0));
    }

    @Test
    void cutsOneSendIntoDatagrams() {
        int receiver = bound(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK);
        int port = SocketAddress.port(address, 0);
        int sender = connected(Sockets.SOCK_DGRAM, 0, V4_LOOPBACK, port);
        var message = new Message(arena, 1, Message.controlSpace(2));
        message.noName().iov(0, memory, 0, 250).iovCount(1)
                .addControlShort(Sockets.IPPROTO_UDP, Sockets.UDP_SEGMENT, 100);
        assertEquals(250, Sockets.sendmsg(sender, message, 0));
        assertEquals(100, Sockets.recv(receiver, memory, 1000, 1000, 0));
        assertEquals(100, Sockets.recv(receiver, memory, 1000, 1000, 0));
        assertEquals(50, Sockets.recv(receiver, memory, 1000, 1000, 0));
    }

    @Test
    void talksToTheKernelByNetlink() {
        int fd = track(Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_RAW | FLAGS,
                Netlink.NETLINK_ROUTE));
        int length = Netlink.HEADER_LENGTH + InterfaceMessage.LENGTH;
        Netlink.putHeader(memory, 0, length, Rtnetlink.RTM_GETLINK, Netlink.NLM_F_REQUEST, 9);
        InterfaceMessage.clear(memory, Netlink.HEADER_LENGTH);
        InterfaceMessage.index(memory, Netlink.HEADER_LENGTH, 1);
        assertEquals(length, Sockets.send(fd, memory, 0, length, 0));
        assertTrue(Sockets.recv(fd, memory, 0, 4096, 0) > length);
        assertEquals(Rtnetlink.RTM_NEWLINK, Netlink.type(memory, 0));
        assertEquals(9, Netlink.sequence(memory, 0));
        assertEquals(1, InterfaceMessage.index(memory, Netlink.HEADER_LENGTH));
        assertTrue((InterfaceMessage.flags(memory, Netlink.HEADER_LENGTH)
                & Interface.IFF_LOOPBACK) != 0);
        long at = length;
        while (Netlink.attributeType(memory, at) != Rtnetlink.IFLA_IFNAME) {
            at += Netlink.align(Netlink.attributeLength(memory, at));
        }
        assertEquals("lo", memory.getString(at + Netlink.ATTRIBUTE_HEADER_LENGTH));
    }
}
