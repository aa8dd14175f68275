// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/**
 * How much the guest may send beyond what the socket took: honest flow control.
 *
 * <p>Whatever lies within the advertised window is absorbed: by the socket, or by the connection's
 * {@link ReceiveBuffer}. So the limit is the buffer's size for fast connections, and as much as the
 * socket takes in {@value #HORIZON_MS} ms for slow ones, where more would only be a queue. The
 * limit doubles as fast as the socket proves that it can take more, and sinks slowly, only while
 * the socket is what holds data up. All methods are pure but for the fields of their argument.
 */
final class WindowPolicy {
    /** Smallest limit, in bytes: one super-frame of the guest. */
    static final int MIN_LIMIT = 64 * 1024;
    /** Limit of a new connection, in bytes. */
    static final int INITIAL_LIMIT = 256 * 1024;
    /** Largest limit, in bytes. */
    static final int MAX_LIMIT = ReceiveBuffer.MAX_SPAN - TcpConnection.WINDOW_UNIT;

    private static final int MAX_FIELD = 0xffff;
    private static final int HORIZON_MS = 16;
    private static final long HORIZON_NS = HORIZON_MS * 1_000_000L;

    private WindowPolicy() {
    }

    /** Notes that the socket took some bytes. */
    static void taken(TcpConnection c, int bytes, long nowNs) {
        long elapsed = nowNs - c.rateSinceNs;
        if (elapsed >= HORIZON_NS) settle(c, elapsed, nowNs);
        c.rateBytes += bytes;
        if (c.rateBytes << 1 > c.windowLimit) {
            c.windowLimit = (int) Math.min(MAX_LIMIT, c.rateBytes << 1);
        }
    }

    /** Closes one period of measurement and opens the next. */
    private static void settle(TcpConnection c, long elapsedNs, long nowNs) {
        long perHorizon = elapsedNs > 64 * HORIZON_NS
                ? 0 : c.rateBytes * HORIZON_NS / Math.max(elapsedNs, 1);
        if (c.heldUp && perHorizon << 1 < c.windowLimit) {
            c.windowLimit = Math.max(MIN_LIMIT, c.windowLimit - (c.windowLimit >> 2));
        }
        c.rateBytes = 0;
        c.rateSinceNs = nowNs;
        c.heldUp = c.buffer != null && c.buffer.inOrderLength() > 0;
    }

    /**
     * The window to announce with acknowledgement {@code ack}, in bytes.
     *
     * <p>The right edge never moves back (RFC 9293 section 3.8.6.2.1), and moves on only by a step
     * worth a segment (silly window avoidance, section 3.8.6.2.2).
     *
     * @param memoryIsScarce the pool of buffers runs low: every connection gets the least
     */
    static int window(TcpConnection c, int ack, boolean memoryIsScarce) {
        int held = c.buffer == null ? 0 : c.buffer.inOrderLength();
        int limit = memoryIsScarce ? MIN_LIMIT : c.windowLimit;
        // What the header's field cannot say would be told again and again.
        limit = Math.min(limit, MAX_FIELD << c.scaleToTap());
        int candidate = c.seqFromTap - held + limit;
        int step = Math.min(limit >> 1, c.mss);
        int edge = Sequence.before(candidate, c.edgeToTap + step) ? c.edgeToTap : candidate;
        return Math.max(0, edge - ack);
    }

    /** Whether announcing {@code window} with {@code ack} would tell the guest something useful. */
    static boolean isWorthTelling(TcpConnection c, int ack, int window) {
        int left = c.edgeToTap - ack;
        int gain = window - left;
        return gain > 0 && (left < c.mss << 1 || gain >= c.windowLimit >> 2);
    }
}
