// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

import java.util.StringJoiner;

/**
 * The protocol part of a tap connection's flow: one leg is the guest's segments, the other a
 * socket. Fields only; {@link OutboundOpening}, {@link InboundOpening}, {@link FromGuest},
 * {@link ToGuest} and {@link Acknowledging} act on it. Loop thread only.
 *
 * <p>Its state is a set of events, not one of RFC 9293's states: the two directions close
 * independently. No event at all means that the connection is closed and waits for the table's
 * deferred pass.
 *
 * <p>Sequence numbers: "to tap" counts bytes towards the guest, "from tap" bytes it sends.
 */
final class TcpConnection {
    /** The connection came in on a listening socket; a SYN was sent to the guest. */
    static final int SOCK_ACCEPTED = 1;
    /** A SYN came from the guest; the socket is connecting. */
    static final int TAP_SYN_RCVD = 1 << 1;
    /** The socket is connected; the guest was told by SYN and ACK. */
    static final int TAP_SYN_ACK_SENT = 1 << 2;
    /** The handshake is complete on both sides. All further events come with this one. */
    static final int ESTABLISHED = 1 << 3;
    /** The peer ended its direction; its data may still be in the socket. */
    static final int SOCK_FIN_RCVD = 1 << 4;
    /** The guest's direction was shut down on the socket. */
    static final int SOCK_FIN_SENT = 1 << 5;
    /** The guest's FIN came, in order. */
    static final int TAP_FIN_RCVD = 1 << 6;
    /** Our FIN is on its way to the guest. */
    static final int TAP_FIN_SENT = 1 << 7;
    /** The guest acknowledged our FIN. */
    static final int TAP_FIN_ACKED = 1 << 8;

    private static final String[] EVENT_NAMES = {
        "SOCK_ACCEPTED", "TAP_SYN_RCVD", "TAP_SYN_ACK_SENT", "ESTABLISHED", "SOCK_FIN_RCVD",
        "SOCK_FIN_SENT", "TAP_FIN_RCVD", "TAP_FIN_SENT", "TAP_FIN_ACKED",
    };

    /** The peer is this host or as near as it: its acknowledgements are not waited for. */
    static final int NEAR = 1;
    /** We owe the guest an acknowledgement, at {@link #ackDeadlineNs}. */
    static final int ACK_TO_TAP_DUE = 1 << 1;
    /** The guest owes us an acknowledgement, until {@link #retransmitDeadlineNs}. */
    static final int ACK_FROM_TAP_DUE = 1 << 2;
    /** Our SYN had to be repeated. */
    static final int SYN_RETRIED = 1 << 3;
    /** A segment was found lost; what follows up to {@link #recoverTo} repairs it (RFC 6582). */
    static final int RECOVERING = 1 << 4;
    /** Something was sent again: duplicate ACKs up to {@link #recoverTo} are no sign of loss. */
    static final int RECOVERED = 1 << 5;
    /** The socket may have data which was not peeked at yet. */
    static final int READABLE = 1 << 6;
    /** The guest gave a duplicate acknowledgement in this batch. */
    static final int DUPLICATE_ACK = 1 << 7;
    /** Segments came ahead of a gap in this batch, new to us. */
    static final int GAP_SEEN = 1 << 8;
    /** The gap which was seen in this batch is a new one. */
    static final int GAP_NEW = 1 << 9;
    /** Listed for the end of the batch. */
    static final int TOUCHED = 1 << 10;
    /** Listed for more reading in the next round. */
    static final int READ_QUEUED = 1 << 11;
    /** The guest asked for an answer (keepalive, old or odd segment). */
    static final int ANSWER_DUE = 1 << 12;
    /** SO_KEEPALIVE was set on the socket. */
    static final int KEEPALIVE_SET = 1 << 13;
    /** The guest gave a window scale, so windows are scaled both ways (RFC 7323 section 2.2). */
    static final int SCALED = 1 << 14;
    /** The window grew from nothing in this batch. */
    static final int WINDOW_OPENED = 1 << 15;

    /** The socket took less than it was offered: it will say when it has room (EPOLLOUT). */
    static final int SOCKET_FULL = 1 << 16;
    /** Bytes went to the socket in this batch: the peer cannot have acknowledged them yet. */
    static final int JUST_SENT = 1 << 17;

    /** Our FIN was sent at least once, at {@link #finToTap}. */
    static final int FIN_PLACED = 1 << 18;

    /** The guest said since the last time-out that its window is shut: it is alive. */
    static final int SHUT_TOLD = 1 << 19;

    /** The peer ended its direction, perhaps before the connection was established. */
    static final int INPUT_ENDED = 1 << 20;
    /** The last read from the socket brought as much as was asked for: there is probably more. */
    static final int BULK = 1 << 21;

    /** Shift count of the windows which we announce (RFC 7323 section 2.2). */
    static final int OUR_SCALE = 8;
    /** What a window is rounded up to on the wire with our scale, in bytes. */
    static final int WINDOW_UNIT = 1 << OUR_SCALE;

    /** Which side of the flow is the guest's: 0 if it opened the connection. */
    final int tapSide;
    /** The socket, or -1 when it is closed. */
    int socket;
    /** The set of events, above; 0 is closed. */
    int events;
    /** The set of flags, above. */
    int flags;

    /** Largest segment the guest takes, in bytes of data. */
    int mss;
    /** Largest segment we tell the guest to send, in bytes of data. */
    int ourMss;
    /** Shift count of the windows which the guest announces. */
    int scaleFromTap;
    /** The guest's window, in bytes. */
    int windowFromTap;

    /** Next sequence number to send to the guest. */
    int seqToTap;
    /** Highest sequence number ever sent to the guest, plus one. */
    int seqMaxToTap;
    /** What the guest acknowledged: the sequence number of the first byte still in the socket. */
    int seqAckFromTap;
    /** What the guest acknowledged in this batch; the socket still has it. */
    int seqAckPending;
    /** Next sequence number expected from the guest: all before is in the socket or buffer. */
    int seqFromTap;
    /** The last acknowledgement we sent. */
    int seqAckToTap;
    /** The right edge of the windows we announced: what lies before it is accepted. */
    int edgeToTap;
    /** Base of the kernel's count of acknowledged bytes (tcpi_bytes_acked). */
    int seqInitFromTap;
    /** Sequence number of our FIN; meaningful with {@link #FIN_PLACED}. */
    int finToTap;
    /** Where loss recovery ends: what had been sent when the loss was seen. */
    int recoverTo;
    /** Segments of this batch that came ahead of a gap and were new. */
    int gapSegments;
    /** Where the last gap that the guest was told of begins; meaningful once there was one. */
    int gapAt;
    /** Whether there ever was a gap. */
    boolean gapTold;

    /** Time-outs in a row. */
    int retries;
    /** Looks at the peer's acknowledgement in a row which found no progress. */
    int ackPolls;
    /** Acknowledgements in a row which went with data of the peer, before they were looked for. */
    int answers;
    /** Smoothed round trip time to the peer, in microseconds (tcpi_rtt). */
    int rttUs;
    /** When the socket last took bytes of the guest. */
    long lastSentNs;
    /** When an acknowledgement is due; meaningful with {@link #ACK_TO_TAP_DUE}. */
    long ackDeadlineNs;
    /** When to retransmit; meaningful with {@link #ACK_FROM_TAP_DUE}. */
    long retransmitDeadlineNs;
    /** When to look for silence. */
    long idleDeadlineNs;
    /** How often in a row a silent guest answered when it was asked for a sign of life. */
    int quietRounds;
    /** When it was asked last, 0 if it was not or the answer was looked for. */
    long askedNs;
    /** When the guest was last heard. */
    long lastFromTapNs;
    /** When either side last showed activity. */
    long lastActivityNs;

    /** Bytes the socket has not taken; null until first needed. */
    ReceiveBuffer buffer;
    /** The limit of the announced window ({@link WindowPolicy}), in bytes. */
    int windowLimit = WindowPolicy.INITIAL_LIMIT;
    /** Bytes the socket took since {@link #rateSinceNs}. */
    long rateBytes;
    /** Start of the period of {@link #rateBytes}. */
    long rateSinceNs;
    /** Whether the socket held data up when the period began. */
    boolean heldUp;

    TcpConnection(int tapSide, int socket) {
        this.tapSide = tapSide;
        this.socket = socket;
    }

    boolean has(int event) {
        return (events & event) == event;
    }

    boolean isClosed() {
        return events == 0;
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }

    void set(int flag) {
        flags |= flag;
    }

    void clear(int flag) {
        flags &= ~flag;
    }

    /** Shift count of the windows which we announce after the handshake. */
    int scaleToTap() {
        return is(SCALED) && has(ESTABLISHED) ? OUR_SCALE : 0;
    }

    /** Bytes (and the FIN) the guest has not acknowledged, retransmissions counted once. */
    int outstanding() {
        return seqToTap - seqAckFromTap;
    }

    /** Bytes of data which were sent and are not acknowledged. */
    int dataOutstanding() {
        return outstanding() - (has(TAP_FIN_SENT) && !has(TAP_FIN_ACKED) ? 1 : 0);
    }

    /** Bytes accepted from the guest which wait for the socket. */
    int buffered() {
        return buffer == null ? 0 : buffer.inOrderLength();
    }

    /** The guest did more than to answer when it was asked for a sign of life. */
    void notQuiet() {
        quietRounds = 0;
        askedNs = 0;
    }

    /** The events by name, for logs. */
    String eventNames() {
        if (isClosed()) return "CLOSED";
        var names = new StringJoiner(" ");
        for (int i = 0; i < EVENT_NAMES.length; i++) {
            if ((events & 1 << i) != 0) names.add(EVENT_NAMES[i]);
        }
        return names.toString();
    }
}
