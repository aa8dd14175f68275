// SPDX-License-Identifier: Apache-2.0
package jpasst.ping;

/** What a flow of type PING4 or PING6 has beyond the common part. */
final class PingFlow {
    static final int NO_SOCKET = -1;
    static final int NO_SEQUENCE = -1;

    /** A "ping" socket connected to whom the guest pings, or {@link #NO_SOCKET} once closed. */
    int socket = NO_SOCKET;
    /** Sequence number of the last reply sent to the guest. */
    int lastSequence = NO_SEQUENCE;
    long lastRequestNs;
    /** Error events in a row for which no error was found. */
    int baselessErrors;

    boolean closed() {
        return socket == NO_SOCKET;
    }
}
