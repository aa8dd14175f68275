// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import jpasst.linux.Files;

/**
 * Reads a list of sockets such as {@code /proc/net/tcp}: a line of headings, then one line for
 * each socket, which begins with its number, its own address and port, the peer's, and its state,
 * all in hexadecimal:
 * <pre>   0: 0100007F:1F90 00000000:0000 0A ...</pre>
 * Lines that look otherwise are passed over. The kernel hands out a page at a time, whatever is
 * asked for. For one thread; nothing allocates.
 */
final class ProcNetReader {
    /** Not less than a page, which is 64 KiB at most. */
    static final int BUFFER_LENGTH = 1 << 16;

    private static final int PORT_DIGITS = 4;
    private static final int STATE_DIGITS = 2;
    private static final int MALFORMED = -1;
    private static final int STOPPED = -1;

    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_LENGTH, 8);
    private long bytesRead;

    /** Bytes read so far, of all lists. */
    long bytesRead() {
        return bytesRead;
    }

    /**
     * Adds the ports of all sockets in a state.
     *
     * @param fd a regular file or one of proc's; its position does not matter
     * @param state as the list has it, see {@link jpasst.linux.Sockets#TCP_LISTEN} and others
     * @param sorted whether those sockets come first, so that reading can end with them
     * @return false if the list could not be read; some ports may have been added
     */
    boolean read(int fd, int state, boolean sorted, PortSet ports) {
        long offset = 0;
        int kept = 0;
        while (kept != STOPPED) {
            long length = Files.pread(fd, buffer, kept, BUFFER_LENGTH - kept, offset);
            if (length <= 0) {
                return length == 0;
            }
            offset += length;
            bytesRead += length;
            kept = takeLines(kept + (int) length, state, sorted, ports);
        }
        return true;
    }

    /**
     * Takes the whole lines among the first bytes of the buffer, and moves what is left to its
     * beginning.
     *
     * @return how much is left, or {@link #STOPPED}
     */
    private int takeLines(int end, int state, boolean sorted, PortSet ports) {
        int line = 0;
        for (int at = 0; at < end; at++) {
            if (at(at) != '\n') {
                continue;
            }
            int socket = parse(line, at);
            if (socket != MALFORMED) {
                if (socket >>> 16 == state) {
                    ports.add(socket & 0xffff);
                } else if (sorted) {
                    return STOPPED;
                }
            }
            line = at + 1;
        }
        return keep(line, end);
    }

    private int keep(int line, int end) {
        int left = end - line;
        if (left == BUFFER_LENGTH) {
            // No line is that long: drop it, or there would be no room to read on.
            return 0;
        }
        if (left > 0) {
            MemorySegment.copy(buffer, line, buffer, 0, left);
        }
        return left;
    }

    /** State (high 16 bits) and port of the socket of a line, or {@link #MALFORMED}. */
    private int parse(int from, int end) {
        int number = find(':', from, end);
        int local = find(':', number + 1, end);
        int port = hex(local + 1, PORT_DIGITS, end);
        int remote = find(':', local + 1, end);
        int gap = find(' ', remote, end);
        int state = hex(gap + 1, STATE_DIGITS, end);
        return port < 0 || state < 0 ? MALFORMED : state << 16 | port;
    }

    /** Where a character is next, or {@code end}. */
    private int find(char wanted, int from, int end) {
        int at = from;
        while (at < end && at(at) != wanted) {
            at++;
        }
        return Math.min(at, end);
    }

    /** A number of exactly so many digits, or -1. */
    private int hex(int from, int digits, int end) {
        if (end - from < digits || from + digits < end && digit(at(from + digits)) >= 0) {
            return -1;
        }
        int value = 0;
        for (int at = from; at < from + digits; at++) {
            int digit = digit(at(at));
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int digit(int character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        int lower = character | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    private int at(int index) {
        return buffer.get(ValueLayout.JAVA_BYTE, index);
    }
}
