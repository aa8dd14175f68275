// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

/**
 * The state of one spliced connection. Side 0 is the socket that was accepted, side 1 the one we
 * connect; direction {@code i} carries what side {@code i} received. Loop thread only.
 */
final class SpliceConnection {
    /** We wait for side 1 to be connected; data may be waiting already at side 0. */
    static final int CONNECT = 1;
    /** Both sides are connected. */
    static final int ESTABLISHED = 2;
    /** It is over; sockets and pipes go with the table's deferred pass. */
    static final int CLOSING = 4;
    /** It waits for another turn, since it stopped for others' sake. */
    static final int QUEUED = 8;

    // Two bits each: these are side 0's, side 1's is the next one.

    /** An event told of input which no read has found the end of. */
    static final int READABLE = 1 << 4;
    /** An event told that no more will come; what came may still be unread. */
    static final int INPUT_ENDED = 1 << 6;
    /** The socket has no room; an event will tell when it has. */
    static final int OUT_WAIT = 1 << 8;
    /** We read the end of its stream. */
    static final int FIN_RCVD = 1 << 10;
    /** We ended the stream to it. */
    static final int FIN_SENT = 1 << 12;
    /** What it receives is copied: splice(2) cannot read it. */
    static final int COPYING = 1 << 14;
    /** What it receives is not reported: the other side is known to have no room. */
    static final int MUTED = 1 << 16;

    /** From it came more at a time than was good for others, and it was not quiet since. */
    static final int BULK = 1 << 18;

    /** Both sides know that the other has ended its stream. */
    private static final int BOTH_FIN_SENT = FIN_SENT | FIN_SENT << 1;

    private static final String[] NAMES = {"CONNECT", "ESTABLISHED", "CLOSING", "QUEUED",
        "READABLE(0)", "READABLE(1)", "INPUT_ENDED(0)", "INPUT_ENDED(1)", "OUT_WAIT(0)",
        "OUT_WAIT(1)", "FIN_RCVD(0)", "FIN_RCVD(1)", "FIN_SENT(0)", "FIN_SENT(1)", "COPYING(0)",
        "COPYING(1)", "MUTED(0)", "MUTED(1)", "BULK(0)", "BULK(1)"};

    /** The descriptors; -1 after they were closed. */
    final int[] socket;
    /** The pipe of each direction while there is data in it, else null. */
    final Pipe[] pipe = new Pipe[2];
    /** Bytes in the pipe of each direction. */
    final int[] pending = new int[2];
    private int events = CONNECT;

    SpliceConnection(int accepted, int connecting) {
        socket = new int[] {accepted, connecting};
    }

    boolean is(int event) {
        return (events & event) != 0;
    }

    boolean is(int event, int side) {
        return (events & event << side) != 0;
    }

    void set(int event) {
        events |= event;
    }

    void set(int event, int side) {
        events |= event << side;
    }

    void clear(int event) {
        events &= ~event;
    }

    void clear(int event, int side) {
        events &= ~(event << side);
    }

    boolean isFinished() {
        return (events & BOTH_FIN_SENT) == BOTH_FIN_SENT;
    }

    /** What is set, for the log. */
    String eventNames() {
        var names = new StringBuilder();
        for (int i = 0; i < NAMES.length; i++) {
            if ((events & 1 << i) != 0) names.append(names.isEmpty() ? "" : " ").append(NAMES[i]);
        }
        return names.toString();
    }
}
