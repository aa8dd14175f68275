// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.RegularFiles;

/**
 * A file of limited size: when an entry would not fit, {@link LogTrim} drops the oldest ones. It
 * begins with a line that names the program; each entry is a line with time, level and message.
 *
 * <p>Only the descriptor opened at start is used, so that it works wherever the process is locked
 * up later. What cannot be written is dropped, whole: a full disk costs messages, not order. So
 * is what a pipe or a terminal does not take at once: nothing waits for a reader.
 */
public final class LogFile implements LogDestination {
    private static final int MODE = 0600;

    private final int fd;
    private final long limit;
    private final LogTrim trim;
    private final MemorySegment buffer = Arena.ofAuto().allocate(Line.MAXIMUM_BYTES);

    /**
     * Opens a file, which is created or emptied, for its owner alone.
     *
     * @param limit its largest size in bytes, 40960 or more
     * @param title names the program, one line
     * @throws jpasst.linux.LinuxException if it cannot be opened
     */
    public static LogFile open(String path, long limit, String title) {
        int fd = Files.open(path, Files.O_RDWR | Files.O_CREAT | Files.O_TRUNC | Files.O_CLOEXEC
                | Files.O_NOCTTY, MODE);
        return new LogFile(Errno.check("open", fd), limit, title);
    }

    /**
     * Takes over a file that is open for reading and writing, and empties it.
     *
     * @param fd closed with the process only
     * @param limit as for {@link #open}
     * @param title as for {@link #open}
     */
    public LogFile(int fd, long limit, String title) {
        this(fd, limit, new LogTrim(fd, limit, title, new CollapseRange()));
    }

    /** As above, with a way of one's own to drop the oldest entries. */
    LogFile(int fd, long limit, LogTrim trim) {
        this.fd = fd;
        this.limit = limit;
        this.trim = trim;
        Files.fcntl(fd, Files.F_SETFD, Files.FD_CLOEXEC);
        if (RegularFiles.lseek(fd, 0, RegularFiles.SEEK_END) < 0) {
            // Whoever reads the pipe may stop to.
            Files.fcntl(fd, Files.F_SETFL, Files.O_NONBLOCK);
        }
        RegularFiles.ftruncate(fd, 0);
        append(trim.title().bytes(), 0);
    }

    @Override
    public void write(Level level, long sinceStartNs, String message) {
        append(new Line().time(sinceStartNs).literal(column(level)).message(message).bytes(),
                sinceStartNs);
    }

    private static String column(Level level) {
        return switch (level) {
            case ERROR -> ": ERROR:   ";
            case WARNING -> ": WARNING: ";
            case INFO -> ": info:    ";
            case DEBUG, TRACE -> ":          ";
        };
    }

    /** The end is looked up each time: others may have emptied the file. */
    private synchronized void append(byte[] entry, long sinceStartNs) {
        long end = RegularFiles.lseek(fd, 0, RegularFiles.SEEK_END);
        if (end + entry.length > limit) {
            end = trim.run(end, sinceStartNs);
            if (end + entry.length > limit) {
                return;
            }
        }
        MemorySegment.copy(entry, 0, buffer, ValueLayout.JAVA_BYTE, 0, entry.length);
        if (end < 0) {
            // Not a file but a pipe or a terminal, which has no size to be limited.
            Files.write(fd, buffer, 0, entry.length);
            return;
        }
        long written = RegularFiles.pwrite(fd, buffer, 0, entry.length, end);
        if (written > 0 && written < entry.length) {
            RegularFiles.ftruncate(fd, end);
        }
    }

    /** Not a lambda: the first one of a program takes long to link. */
    private static final class CollapseRange implements LogTrim.Collapse {
        @Override
        public int run(int file, long length) {
            return RegularFiles.fallocate(file, RegularFiles.FALLOC_FL_COLLAPSE_RANGE, 0, length);
        }
    }
}
