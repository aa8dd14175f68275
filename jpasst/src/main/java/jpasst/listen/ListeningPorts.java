// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import jpasst.linux.Netlink;
import jpasst.linux.SocketDiagnosis;
import jpasst.linux.Sockets;

/**
 * Asks the kernel by sock_diag(7) for the TCP sockets that listen, and for no other. The answer
 * is complete when the call returns, so nothing waits. For one thread; nothing allocates.
 */
final class ListeningPorts {
    private static final int BUFFER_LENGTH = 1 << 16;
    private static final int REQUEST_LENGTH =
            Netlink.HEADER_LENGTH + SocketDiagnosis.REQUEST_LENGTH;
    private static final int ANSWER_LENGTH = Netlink.HEADER_LENGTH + SocketDiagnosis.LENGTH;

    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_LENGTH, 8);
    private int sequence;
    private boolean done;
    private long bytesRead;

    /** Bytes of all answers so far. */
    long bytesRead() {
        return bytesRead;
    }

    /**
     * Adds the ports of both families.
     *
     * @param socket of the namespace asked about
     * @return false if the kernel does not tell; some ports may have been added
     */
    boolean read(int socket, PortSet ports) {
        return socket >= 0 && read(socket, Sockets.AF_INET, ports)
                && read(socket, Sockets.AF_INET6, ports);
    }

    private boolean read(int socket, int family, PortSet ports) {
        Netlink.putHeader(buffer, 0, REQUEST_LENGTH, SocketDiagnosis.SOCK_DIAG_BY_FAMILY,
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, ++sequence);
        SocketDiagnosis.putRequest(buffer, Netlink.HEADER_LENGTH, family, Sockets.IPPROTO_TCP,
                1 << Sockets.TCP_LISTEN);
        if (Sockets.send(socket, buffer, 0, REQUEST_LENGTH, 0) < 0) {
            return false;
        }
        done = false;
        while (!done) {
            long length = Sockets.recv(socket, buffer, 0, BUFFER_LENGTH, Sockets.MSG_DONTWAIT);
            if (length <= 0 || !take((int) length, ports)) {
                return false;
            }
            bytesRead += length;
        }
        return true;
    }

    /** Takes the messages of a datagram: false if one of them is an error. */
    private boolean take(int end, PortSet ports) {
        int at = 0;
        while (end - at >= Netlink.HEADER_LENGTH) {
            int length = Netlink.length(buffer, at);
            if (length < Netlink.HEADER_LENGTH || length > end - at) {
                return false;
            }
            // What a request that was given up left behind is passed over.
            if (Netlink.sequence(buffer, at) == sequence && !take(at, length, ports)) {
                return false;
            }
            at += Netlink.align(length);
        }
        return true;
    }

    private boolean take(int at, int length, PortSet ports) {
        switch (Netlink.type(buffer, at)) {
            case Netlink.NLMSG_ERROR -> {
                return false;
            }
            case Netlink.NLMSG_DONE -> {
                done = true;
                // A kernel without the protocol's part of sock_diag says so here.
                return length < Netlink.HEADER_LENGTH + 4 || Netlink.error(buffer, at) >= 0;
            }
            default -> {
                if (length >= ANSWER_LENGTH) {
                    addPort(at + Netlink.HEADER_LENGTH, ports);
                }
                return true;
            }
        }
    }

    private void addPort(int at, PortSet ports) {
        if (SocketDiagnosis.state(buffer, at) == Sockets.TCP_LISTEN) {
            ports.add(SocketDiagnosis.port(buffer, at));
        }
    }
}
