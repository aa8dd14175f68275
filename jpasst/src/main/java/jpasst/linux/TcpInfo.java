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
    public static final int LENGTH = 152;

    static final int STATE = 0;
    static final int SND_MSS = 16;
    static final int RTT = 68;
    static final int BYTES_ACKED = 120;
    static final int MIN_RTT = 148;

    /** Length from which the kernel fills in the last field used here (Linux 4.6). */
    public static final int LENGTH_WITH_MIN_RTT = MIN_RTT + 4;

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

    /** Bytes a segment sent may carry. */
    public static int sndMss(MemorySegment info) {
        return word(info, SND_MSS);
    }

    /** Smoothed round-trip time in microseconds, 0 if not known yet. */
    public static int rttUs(MemorySegment info) {
        return word(info, RTT);
    }

    /** Least round-trip time seen, in microseconds (Linux 4.6). */
    public static int minRttUs(MemorySegment info) {
        return word(info, MIN_RTT);
    }

    /** Bytes the peer acknowledged so far; 1 more for the SYN of a connecting socket (4.1). */
    public static long bytesAcked(MemorySegment info) {
        return info.get(ValueLayout.JAVA_LONG, BYTES_ACKED);
    }

    private static int word(MemorySegment info, int at) {
        return info.get(ValueLayout.JAVA_INT, at);
    }
}
