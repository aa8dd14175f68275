// SPDX-License-Identifier: Apache-2.0
package jpasst.pcap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import jpasst.frame.Frame;
import jpasst.linux.Clock;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.log.Log;
import jpasst.wire.BigEndian;
import jpasst.wire.Checksum;

/**
 * A capture file in the classic pcap format (draft-ietf-opsawg-pcap): native byte order,
 * microseconds, link type Ethernet. Loop thread only.
 */
public final class Capture {
    /** No frame is longer: an IPv6 packet with 65535 bytes of payload, and its link header. */
    static final int SNAP_LENGTH = 14 + 40 + 65535;
    static final int FILE_HEADER = 24;
    static final int RECORD_HEADER = 16;

    private static final int MAGIC = 0xa1b2c3d4;
    private static final int VERSION = 2 | 4 << 16;
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final int BUFFER = 256 << 10;
    private static final int OWNER_ONLY = 0600;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

    private final Log log;
    private final String path;
    private final MemorySegment buffer;
    private int used;
    /** -1 once closed, or given up after an error. */
    private int fd;

    private Capture(Log log, String path, MemorySegment buffer, int fd) {
        this.log = log;
        this.path = path;
        this.buffer = buffer;
        this.fd = fd;
    }

    /**
     * Creates or truncates the file, readable by its owner only if it is new, and says so. A FIFO
     * works too; opening it waits for a reader.
     *
     * @param arena must outlive the capture
     * @return the capture, or {@code null} after an error message: the program goes on without
     */
    public static Capture open(String path, Arena arena, Log log) {
        int flags = Files.O_WRONLY | Files.O_CREAT | Files.O_TRUNC | Files.O_CLOEXEC;
        int fd = Files.open(path, flags, OWNER_ONLY);
        if (fd < 0) {
            log.error("Couldn't open capture file " + path + ": " + Errno.message(-fd));
            return null;
        }
        log.info("Saving packet capture to " + path);
        var capture = new Capture(log, path, arena.allocate(BUFFER, 8), fd);
        capture.putFileHeader();
        capture.flush();
        return capture;
    }

    /** Records one frame as it is now; a checksum yet to be completed is so in the record only. */
    public void record(Frame frame) {
        if (fd < 0) {
            return;
        }
        int length = frame.length();
        assert length <= SNAP_LENGTH : length;
        if (used + RECORD_HEADER + length > BUFFER) {
            flush();
        }
        putRecordHeader(length, Clock.realtimeNs());
        MemorySegment.copy(frame.memory(), frame.at(), buffer, used, length);
        if (frame.needsChecksum()) {
            completeChecksum(frame, used, length);
        }
        used += length;
    }

    /** Writes what is buffered. To be called at the end of each round of the event loop. */
    public void flush() {
        int written = 0;
        while (fd >= 0 && written < used) {
            long rc = Files.write(fd, buffer, written, used - written);
            if (rc >= 0) {
                written += (int) rc;
            } else if (rc != -Errno.EINTR) {
                giveUp((int) -rc);
            }
        }
        used = 0;
    }

    /** Flushes and closes the file; further frames are not recorded. */
    public void close() {
        flush();
        if (fd >= 0) {
            Files.close(fd);
            fd = -1;
        }
    }

    private void putFileHeader() {
        putWord(MAGIC);
        putWord(VERSION);
        putWord(0); // offset of the time zone, never used
        putWord(0); // accuracy of time stamps, never used
        putWord(SNAP_LENGTH);
        putWord(LINK_TYPE_ETHERNET);
    }

    private void putRecordHeader(int length, long realtimeNs) {
        long roundedNs = realtimeNs + 500;
        putWord((int) (roundedNs / NS_PER_SECOND));
        putWord((int) (roundedNs % NS_PER_SECOND / 1000));
        putWord(length);
        putWord(length);
    }

    private void putWord(int value) {
        buffer.set(U32, used, value);
        used += 4;
    }

    /**
     * The field holds the sum of the pseudo header, for a super-frame that of all its data; so
     * the sum over everything gives the checksum of the frame seen as one packet.
     */
    private void completeChecksum(Frame frame, int at, int length) {
        int start = frame.checksumStart();
        int field = start + frame.checksumOffset();
        if (start < 0 || start > field || field + 2 > length) {
            return; // The guest's facts are not to be trusted.
        }
        int sum = Checksum.sum(buffer, at + start, length - start, 0);
        // UDP must not send 0, and receivers of other protocols cannot tell it from 0xffff.
        BigEndian.putU16(buffer, at + field, Checksum.finishUdp(sum));
    }

    private void giveUp(int errno) {
        log.error("Couldn't write to capture file " + path + ", capture ends here: "
                + Errno.message(errno));
        Files.close(fd);
        fd = -1;
    }
}
