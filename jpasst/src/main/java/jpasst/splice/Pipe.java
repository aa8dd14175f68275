// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import jpasst.linux.Files;

/**
 * A pipe(7) through which splice(2) moves references to pages. Its room is counted in slots, one
 * for each piece of memory, as many as pages make up its size. Loop thread only.
 */
final class Pipe {
    final int readEnd;
    final int writeEnd;
    private final int pageBytes;
    private int bytes;
    private boolean enlarged;

    /**
     * @param bytes its size
     * @param pageBytes size of a page of this machine
     */
    Pipe(int readEnd, int writeEnd, int bytes, int pageBytes) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
        this.bytes = bytes;
        this.pageBytes = pageBytes;
    }

    /** Its size in bytes: a read that asks for more gets no more. */
    int bytes() {
        return bytes;
    }

    /**
     * How many pieces it holds. What is less bytes than that cannot have filled it, however small
     * the pieces were.
     */
    int slots() {
        return bytes / pageBytes;
    }

    /** Asks the kernel for a larger size, which it may refuse. */
    boolean enlarge(int wantedBytes) {
        int rc = Files.fcntl(readEnd, Files.F_SETPIPE_SZ, wantedBytes);
        if (rc < 0) return false;
        bytes = rc;
        enlarged = true;
        return true;
    }

    /** Whether {@link #enlarge} succeeded. */
    boolean isEnlarged() {
        return enlarged;
    }

    /** Closes both ends; what was in it is lost. */
    void close() {
        Files.close(readEnd);
        Files.close(writeEnd);
    }
}
