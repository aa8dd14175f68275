// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.util.Arrays;

/**
 * Who is out of the loop until when, in the order of their return. It does not care whether they
 * are closed meanwhile; whoever asks for the first one must. Loop thread only.
 */
final class PausedSockets {
    /** Long enough for connections to end, too short for clients to notice. */
    static final long PAUSE_NS = 100_000_000;

    private static final int FIRST_CAPACITY = 16;

    private int[] sockets = new int[FIRST_CAPACITY];
    private int[] payloads = new int[FIRST_CAPACITY];
    private long[] deadlines = new long[FIRST_CAPACITY];
    private int head;
    private int tail;
    /** From here on entries have no deadline yet. */
    private int dated;

    /** Adds one, whose time counts from the next {@link #date}. */
    void add(int fd, int payload) {
        if (tail == sockets.length) {
            makeRoom();
        }
        sockets[tail] = fd;
        payloads[tail++] = payload;
    }

    private void makeRoom() {
        int count = tail - head;
        int capacity = Math.max(FIRST_CAPACITY, 2 * count);
        sockets = Arrays.copyOfRange(sockets, head, head + capacity);
        payloads = Arrays.copyOfRange(payloads, head, head + capacity);
        deadlines = Arrays.copyOfRange(deadlines, head, head + capacity);
        dated -= head;
        head = 0;
        tail = count;
    }

    /** Starts the time of those that came since the last call. */
    void date(long nowNs) {
        while (dated < tail) {
            deadlines[dated++] = nowNs + PAUSE_NS;
        }
    }

    /** When the first returns, {@link Long#MAX_VALUE} if there is none. */
    long deadlineNs() {
        return head < dated ? deadlines[head] : Long.MAX_VALUE;
    }

    /** The first one's descriptor. */
    int socket() {
        return sockets[head];
    }

    /** The first one's payload. */
    int payload() {
        return payloads[head];
    }

    /** Forgets the first one. */
    void remove() {
        head++;
        if (head == tail) {
            head = 0;
            tail = 0;
            dated = 0;
        }
    }
}
