// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.linux.Files;
import jpasst.linux.RegularFiles;

/**
 * Makes room in a log file: about 30 % of its limit goes at the beginning, up to the end of an
 * entry, and a new title says so. What stays is moved by the file system if it can (ext4, XFS:
 * fallocate(2) with FALLOC_FL_COLLAPSE_RANGE, in whole blocks), else by reading and writing.
 */
final class LogTrim {
    /** The file system's: what is dropped is one at least. */
    private static final int BLOCK = 4096;
    /** Of a title, so that with its note it is shorter than a block. */
    private static final int TITLE_CHARACTERS = 512;
    /** Holds a title, and the longest entry which it can end in. */
    private static final int BUFFER_BYTES = 4 * Line.MAXIMUM_BYTES;

    private final int fd;
    /** Bytes that stay at most. */
    private final long kept;
    private final String title;
    private final Collapse collapse;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES);

    /** Takes bytes out of a file at its beginning. */
    interface Collapse {
        /**
         * As fallocate(2) with FALLOC_FL_COLLAPSE_RANGE does.
         *
         * @param length how many bytes; a multiple of 4096, and less than the file has
         * @return 0 or -errno, in which case nothing has changed
         */
        int run(int fd, long length);
    }

    /**
     * @param limit the largest size of the file in bytes, 40960 or more
     * @param title names the program, one line
     */
    LogTrim(int fd, long limit, String title, Collapse collapse) {
        this.fd = fd;
        this.kept = limit * 7 / 10;
        this.title = title.substring(0, Math.min(title.length(), TITLE_CHARACTERS));
        this.collapse = collapse;
    }

    /** The title of a new file. */
    Line title() {
        return new Line().message(title);
    }

    /**
     * Drops the oldest entries.
     *
     * @param size of the file, near its limit or beyond
     * @return its size now; what it was if the file lets nothing be dropped
     */
    long run(long size, long sinceStartNs) {
        long dropped = (size - kept + BLOCK - 1) / BLOCK * BLOCK;
        byte[] newTitle = truncatedTitle(sinceStartNs);
        if (collapse.run(fd, dropped) == 0) {
            cover(newTitle);
            return size - dropped;
        }
        return move(newTitle, dropped, size);
    }

    private byte[] truncatedTitle(long sinceStartNs) {
        return title().literal(" - log truncated at ").time(sinceStartNs).bytes();
    }

    /** Writes the title over the first entries, and blanks over the rest of the last of them. */
    private void cover(byte[] newTitle) {
        int available = (int) Math.max(0, Files.pread(fd, buffer, 0, BUFFER_BYTES, 0));
        int lineEnd = lineEnd(newTitle.length - 1, available);
        MemorySegment.copy(newTitle, 0, buffer, ValueLayout.JAVA_BYTE, 0, newTitle.length - 1);
        buffer.asSlice(newTitle.length - 1, lineEnd - newTitle.length + 1).fill((byte) ' ');
        buffer.set(ValueLayout.JAVA_BYTE, lineEnd, (byte) '\n');
        RegularFiles.pwrite(fd, buffer, 0, lineEnd + 1, 0);
    }

    /**
     * Moves what follows the first entry that begins after the dropped bytes behind the title, in
     * steps: each reads from further on in the file than where it writes. A step is of whole
     * entries, so that the file is if the next one fails, as where a full file system makes copies
     * of what is overwritten.
     */
    private long move(byte[] newTitle, long dropped, long size) {
        int available = (int) Math.max(0, Files.pread(fd, buffer, 0, BUFFER_BYTES, dropped));
        long from = dropped + lineEnd(0, available) + 1;
        MemorySegment.copy(newTitle, 0, buffer, ValueLayout.JAVA_BYTE, 0, newTitle.length);
        long to = Math.max(0, RegularFiles.pwrite(fd, buffer, 0, newTitle.length, 0));
        while (from < size) {
            long step = wholeEntries(Files.pread(fd, buffer, 0, BUFFER_BYTES, from));
            if (step <= 0 || RegularFiles.pwrite(fd, buffer, 0, step, to) != step) {
                break;
            }
            from += step;
            to += step;
        }
        return RegularFiles.ftruncate(fd, to) < 0 ? size : to;
    }

    /** How many of these bytes in the buffer are whole entries; all, if there is no line end. */
    private long wholeEntries(long available) {
        for (long i = available; i > 0; i--) {
            if (buffer.get(ValueLayout.JAVA_BYTE, i - 1) == '\n') {
                return i;
            }
        }
        return available;
    }

    /** Where the first line end is from a place in the buffer on; its last byte without any. */
    private int lineEnd(int from, int available) {
        for (int i = from; i < available; i++) {
            if (buffer.get(ValueLayout.JAVA_BYTE, i) == '\n') {
                return i;
            }
        }
        return Math.max(from, available - 1);
    }
}
