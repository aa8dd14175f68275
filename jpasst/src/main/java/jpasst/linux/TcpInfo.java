// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct tcp_info}: what the kernel knows of a TCP socket (linux/tcp.h). Accessors read a
 * segment filled by {@link #fetch}; fields beyond the length it returned are 0. Counts are
 * unsigned; u32 ones of which 2^31 is out of reach are given as int.
 */
public final class TcpInfo {
    /** Room for all fields known here; the kernel may know more, or fewer. */
    public static final int LENGTH = 232;

    static final int STATE = 0;
    static final int OPTIONS = 5;
    static final int WINDOW_SCALES = 6;
    static final int SND_MSS = 16;
    static final int RCV_MSS = 20;
    static final int UNACKED = 24;
    static final int LOST = 32;
    static final int LAST_DATA_SENT = 44;
    static final int LAST_DATA_RECV = 52;
    static final int LAST_ACK_RECV = 56;
    static final int PATH_MTU = 60;
    static final int RTT = 68;
    static final int RTT_VARIATION = 72;
    static final int SND_CWND = 80;
    static final int RCV_SPACE = 96;
    static final int TOTAL_RETRANSMITS = 100;
    static final int BYTES_ACKED = 120;
    static final int BYTES_RECEIVED = 128;
    static final int NOTSENT_BYTES = 144;
    static final int MIN_RTT = 148;
    static final int DELIVERY_RATE = 160;
    static final int SND_WND = 228;

    /** Lengths from which the kernel fills these fields in. */
    public static final int LENGTH_WITH_BYTES_ACKED = BYTES_ACKED + 8;
    public static final int LENGTH_WITH_NOTSENT_BYTES = NOTSENT_BYTES + 4;
    public static final int LENGTH_WITH_MIN_RTT = MIN_RTT + 4;
    public static final int LENGTH_WITH_DELIVERY_RATE = DELIVERY_RATE + 8;
    public static final int LENGTH_WITH_SND_WND = SND_WND + 4;

    private TcpInfo() {
    }

    /** Zeroed memory for one. */
    public static MemorySegment allocate(Arena arena) {
        return arena.allocate(LENGTH, 8);
    }

    /** Reads TCP_INFO of a socket: bytes the kernel filled in, or -errno. Costs about 1.3 us. */
    public static int fetch(int fd, MemorySegment info) {
        return Sockets.getsockopt(fd, Sockets.IPPROTO_TCP, Sockets.TCP_INFO, info, 0, LENGTH);
    }

    /** {@link Sockets#TCP_ESTABLISHED} and so on. */
    public static int state(MemorySegment info) {
        return info.get(ValueLayout.JAVA_BYTE, STATE);
    }

    /** Shift of windows the peer announces, 0 to 14. */
    public static int sndWscale(MemorySegment info) {
        return info.get(ValueLayout.JAVA_BYTE, WINDOW_SCALES) & 15;
    }

    /** Shift of windows the socket announces, 0 to 14. */
    public static int rcvWscale(MemorySegment info) {
        return info.get(ValueLayout.JAVA_BYTE, WINDOW_SCALES) >>> 4 & 15;
    }

    /** Bytes a segment sent may carry. */
    public static int sndMss(MemorySegment info) {
        return word(info, SND_MSS);
    }

    /** Estimate of bytes segments received carry. */
    public static int rcvMss(MemorySegment info) {
        return word(info, RCV_MSS);
    }

    /** Segments sent and not acknowledged; on a listening socket its accept queue. */
    public static int unacked(MemorySegment info) {
        return word(info, UNACKED);
    }

    /** Segments believed lost. */
    public static int lost(MemorySegment info) {
        return word(info, LOST);
    }

    /** Milliseconds since data was last sent. */
    public static int lastDataSentMs(MemorySegment info) {
        return word(info, LAST_DATA_SENT);
    }

    /** Milliseconds since data last came. */
    public static int lastDataRecvMs(MemorySegment info) {
        return word(info, LAST_DATA_RECV);
    }

    /** Milliseconds since an acknowledgement last came. */
    public static int lastAckRecvMs(MemorySegment info) {
        return word(info, LAST_ACK_RECV);
    }

    /** Path MTU in bytes. */
    public static int pathMtu(MemorySegment info) {
        return word(info, PATH_MTU);
    }

    /** Smoothed round-trip time in microseconds, 0 if not known yet. */
    public static int rttUs(MemorySegment info) {
        return word(info, RTT);
    }

    /** Its mean deviation in microseconds. */
    public static int rttVariationUs(MemorySegment info) {
        return word(info, RTT_VARIATION);
    }

    /** Least round-trip time seen, in microseconds (Linux 4.6). */
    public static int minRttUs(MemorySegment info) {
        return word(info, MIN_RTT);
    }

    /** Congestion window in segments. */
    public static int sndCwnd(MemorySegment info) {
        return word(info, SND_CWND);
    }

    /** Receive buffer space aimed at, in bytes. */
    public static int rcvSpace(MemorySegment info) {
        return word(info, RCV_SPACE);
    }

    /** Segments sent again so far. */
    public static int totalRetransmits(MemorySegment info) {
        return word(info, TOTAL_RETRANSMITS);
    }

    /** Bytes the peer acknowledged so far; 1 more for the SYN of a connecting socket (4.1). */
    public static long bytesAcked(MemorySegment info) {
        return info.get(ValueLayout.JAVA_LONG, BYTES_ACKED);
    }

    /** Bytes received and acknowledged so far. */
    public static long bytesReceived(MemorySegment info) {
        return info.get(ValueLayout.JAVA_LONG, BYTES_RECEIVED);
    }

    /** Bytes in the send queue not sent even once (4.6). */
    public static int notsentBytes(MemorySegment info) {
        return word(info, NOTSENT_BYTES);
    }

    /** Bytes per second that lately arrived at the peer (4.9). */
    public static long deliveryRate(MemorySegment info) {
        return info.get(ValueLayout.JAVA_LONG, DELIVERY_RATE);
    }

    /** Bytes of window the peer announces, scaled (5.4). */
    public static int sndWnd(MemorySegment info) {
        return word(info, SND_WND);
    }

    private static int word(MemorySegment info, int at) {
        return info.get(ValueLayout.JAVA_INT, at);
    }
}
