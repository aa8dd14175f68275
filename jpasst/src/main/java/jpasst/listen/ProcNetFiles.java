// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Netlink;
import jpasst.linux.Sockets;

/**
 * The kernel's lists of sockets of one network namespace, proc_pid_net(5), and a sock_diag(7)
 * socket to ask for TCP's, opened once: later the file system is out of sight. The descriptors
 * stay with the namespace they were opened in.
 */
public final class ProcNetFiles implements AutoCloseable {
    private static final String DIRECTORY = "/proc/thread-self/net/";

    private final int tcp4;
    private final int tcp6;
    private final int udp4;
    private final int udp6;
    private final int diagnosis;

    private ProcNetFiles() {
        tcp4 = open("tcp");
        udp4 = open("udp");
        tcp6 = openIfThere("tcp6");
        udp6 = openIfThere("udp6");
        diagnosis = Sockets.socket(Sockets.AF_NETLINK, Sockets.SOCK_DGRAM
                | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, Netlink.NETLINK_SOCK_DIAG);
    }

    /**
     * Opens those of the calling thread's network namespace; any thread may use them then.
     *
     * @throws jpasst.linux.LinuxException if there are none, or no descriptor is left
     */
    public static ProcNetFiles open() {
        return new ProcNetFiles();
    }

    private static int open(String name) {
        return Errno.check(DIRECTORY + name,
                Files.open(DIRECTORY + name, Files.O_RDONLY | Files.O_CLOEXEC, 0));
    }

    /** A kernel without IPv6 has no such list: -ENOENT. */
    private static int openIfThere(String name) {
        int fd = Files.open(DIRECTORY + name, Files.O_RDONLY | Files.O_CLOEXEC, 0);
        return fd == -Errno.ENOENT ? fd : Errno.check(DIRECTORY + name, fd);
    }

    /** The list of TCP sockets over IPv4. */
    int tcp4() {
        return tcp4;
    }

    /** The list of TCP sockets over IPv6, negative if there is none. */
    int tcp6() {
        return tcp6;
    }

    /** The list of UDP sockets over IPv4. */
    int udp4() {
        return udp4;
    }

    /** The list of UDP sockets over IPv6, negative if there is none. */
    int udp6() {
        return udp6;
    }

    /** The sock_diag socket, negative if there is none. */
    int diagnosis() {
        return diagnosis;
    }

    /** Closes the descriptors. */
    @Override
    public void close() {
        Files.close(tcp4);
        Files.close(udp4);
        if (tcp6 >= 0) {
            Files.close(tcp6);
        }
        if (udp6 >= 0) {
            Files.close(udp6);
        }
        if (diagnosis >= 0) {
            Files.close(diagnosis);
        }
    }
}
