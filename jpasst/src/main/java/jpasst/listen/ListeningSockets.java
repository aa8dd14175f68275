// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.forward.Addresses;
import jpasst.forward.ForwardRule;
import jpasst.forward.NamespaceSockets;
import jpasst.linux.Epoll;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.SocketAddress;
import jpasst.linux.Sockets;
import jpasst.loop.EventLoop;
import jpasst.loop.EventTag;
import jpasst.loop.EventType;

/**
 * The real listening sockets: non-blocking, in the loop, level-triggered. Those of the namespace
 * are only made there; all that follows works from outside.
 */
final class ListeningSockets implements SocketMaker {
    private static final int BACKLOG = 128;

    private final ListenSettings settings;
    private final EventLoop loop;
    private final Addresses addresses;
    private final NamespaceSockets namespace;
    private final MemorySegment name = Arena.ofAuto().allocate(SocketAddress.LENGTH, 8);

    ListeningSockets(ListenSettings settings, EventLoop loop, Addresses addresses,
            NamespaceSockets namespace) {
        this.settings = settings;
        this.loop = loop;
        this.addresses = addresses;
        this.namespace = namespace;
    }

    @Override
    public int open(Pif pif, int index, ForwardRule rule, int port) {
        if (!isEnabled(rule)) {
            return -Errno.EAFNOSUPPORT;
        }
        int fd = take(pif, rule);
        if (fd < 0) {
            return fd;
        }
        int rc = fd > EventTag.MAX_FD ? -Errno.EMFILE : prepare(fd, pif, rule, port);
        if (rc == 0) {
            rc = loop.add(fd, Epoll.EPOLLIN, tag(fd, pif, index, rule, port));
        }
        if (rc < 0) {
            Files.close(fd);
            return rc;
        }
        return fd;
    }

    private boolean isEnabled(ForwardRule rule) {
        if (rule.isDualStack()) {
            return addresses.v4().isEnabled() || addresses.v6().isEnabled();
        }
        return addresses.family(rule.address().high(), rule.address().low()).isEnabled();
    }

    private int take(Pif pif, ForwardRule rule) {
        int family = isV6(rule) ? Sockets.AF_INET6 : Sockets.AF_INET;
        int type = isTcp(rule) ? Sockets.SOCK_STREAM : Sockets.SOCK_DGRAM;
        return pif == Pif.SPLICE ? namespace.take(family, type)
                : Sockets.socket(family, type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
    }

    private int prepare(int fd, Pif pif, ForwardRule rule, int port) {
        int rc = Sockets.setInt(fd, Sockets.SOL_SOCKET, Sockets.SO_REUSEADDR, 1);
        if (rc == 0 && isV6(rule)) {
            rc = Sockets.setInt(fd, Sockets.IPPROTO_IPV6, Sockets.IPV6_V6ONLY,
                    servesBoth(rule) ? 0 : 1);
        }
        if (rc == 0 && rule.interfaceName() != null) {
            // Never without it: whoever named an interface may rely on it to keep others out.
            rc = Sockets.setString(fd, Sockets.SOL_SOCKET, Sockets.SO_BINDTODEVICE,
                    rule.interfaceName());
        }
        if (rc == 0 && settings.freebind()) {
            rc = setByFamily(fd, rule, Sockets.IP_FREEBIND, Sockets.IPV6_FREEBIND);
        }
        if (rc == 0 && !isTcp(rule)) {
            rc = prepareDatagrams(fd, rule);
        }
        if (rc == 0) {
            rc = bind(fd, pif, rule, port);
        }
        if (rc == 0 && isTcp(rule)) {
            rc = Sockets.listen(fd, BACKLOG);
        }
        return rc;
    }

    /** A flow needs to know to which of our addresses a datagram came, and of errors. */
    private int prepareDatagrams(int fd, ForwardRule rule) {
        int rc = setByFamily(fd, rule, Sockets.IP_PKTINFO, Sockets.IPV6_RECVPKTINFO);
        if (rc == 0) {
            rc = setByFamily(fd, rule, Sockets.IP_RECVERR, Sockets.IPV6_RECVERR);
        }
        if (rc == 0 && servesBoth(rule)) {
            // Errors of IPv4 datagrams are reported as this option says, also to such a socket.
            rc = Sockets.setInt(fd, Sockets.IPPROTO_IP, Sockets.IP_RECVERR, 1);
        }
        return rc;
    }

    private int setByFamily(int fd, ForwardRule rule, int v4Option, int v6Option) {
        return isV6(rule) ? Sockets.setInt(fd, Sockets.IPPROTO_IPV6, v6Option, 1)
                : Sockets.setInt(fd, Sockets.IPPROTO_IP, v4Option, 1);
    }

    private int bind(int fd, Pif pif, ForwardRule rule, int port) {
        IpAddress any = isV6(rule) ? IpAddress.ANY_V6 : IpAddress.ANY_V4;
        IpAddress address = rule.isDualStack() ? any : rule.address();
        int length = SocketAddress.put(name, 0, address.high(), address.low(), port,
                scopeId(pif, rule));
        return Sockets.bind(fd, name, 0, length);
    }

    /**
     * A link-local address means something on one interface only: the one named, else the
     * template one of the host or the tap. A scope given here would outdo SO_BINDTODEVICE.
     */
    private int scopeId(Pif pif, ForwardRule rule) {
        boolean scoped = rule.interfaceName() == null && isV6(rule) && !rule.isDualStack()
                && rule.address().isLinkLocal();
        if (!scoped) {
            return 0;
        }
        return pif == Pif.SPLICE ? addresses.tapIndex()
                : Math.max(addresses.v6().templateIndex(), 0);
    }

    private boolean isV6(ForwardRule rule) {
        return rule.isDualStack() ? addresses.v6().isEnabled() : !rule.address().isV4();
    }

    /**
     * Whether one socket is for both families: not if one of them turned out, after the rules
     * were made, to be missing in the namespace.
     */
    private boolean servesBoth(ForwardRule rule) {
        return rule.isDualStack() && addresses.v4().isEnabled() && addresses.v6().isEnabled();
    }

    private static boolean isTcp(ForwardRule rule) {
        return rule.protocol() == Sockets.IPPROTO_TCP;
    }

    private static long tag(int fd, Pif pif, int index, ForwardRule rule, int port) {
        return EventTag.of(isTcp(rule) ? EventType.TCP_LISTEN : EventType.UDP_LISTEN, fd,
                ListenTag.of(port, pif, index));
    }

    @Override
    public void retag(int fd, Pif pif, int index, ForwardRule rule, int port) {
        // Fails for one that is paused, which gets its tag when it is resumed.
        loop.modify(fd, Epoll.EPOLLIN, tag(fd, pif, index, rule, port));
    }

    @Override
    public void pause(int fd) {
        loop.remove(fd);
    }

    @Override
    public void resume(int fd, Pif pif, int index, ForwardRule rule, int port) {
        loop.add(fd, Epoll.EPOLLIN, tag(fd, pif, index, rule, port));
    }

    @Override
    public void close(int fd) {
        loop.forget(fd);
        Files.close(fd);
    }
}
