// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

/** One side of a UDP flow: its socket, if it is on an interface made of sockets, and its use. */
final class UdpSide {
    static final int NO_SOCKET = -1;
    static final int MANY = 255;

    /** A descriptor of our own, bound and connected, or {@link #NO_SOCKET}. */
    int socket = NO_SOCKET;
    /** TTL or hop limit last set on the socket; 0 for none. */
    int hopLimit;
    /** Datagrams this side sent, as far as {@link #MANY}. */
    int activity;
    /** The socket may hold datagrams that came between bind and connect, from anybody. */
    boolean flush;
    /**
     * The listening socket which may hold older datagrams of this peer, or {@link #NO_SOCKET}.
     * While there is one, nothing is read, and the loop does not watch this side's own socket.
     */
    int heldBy = NO_SOCKET;
    /** When that must have an end, in time of CLOCK_MONOTONIC. */
    long heldUntilNs;
    /** Longest datagram the kernel was not seen to refuse to segment (UDP_SEGMENT). */
    int segmentLimit = Integer.MAX_VALUE;
    /** Bytes the next datagrams likely have each; 0: not known, or the kernel coalesces them. */
    int expectedLength;
    /** When the socket last had a datagram. */
    long lastReceivedNs;
    /** Error events in a row for which no error was found. */
    int baselessErrors;

    /** It has a new socket, which may have taken datagrams of anybody. */
    void opened(int fd) {
        socket = fd;
        flush = true;
    }

    boolean isHeld() {
        return heldBy != NO_SOCKET;
    }

    void count(int datagrams) {
        activity = Math.min(activity + datagrams, MANY);
    }
}
