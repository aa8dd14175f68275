// SPDX-License-Identifier: Apache-2.0

package jpasst.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Descriptor 2, one {@code write(2)} per line so that lines never mix; with or without a time
 * stamp. Needs no foreign function, hence works before anything else does.
 */
public final class StandardError implements LogDestination {
    private final OutputStream out;
    private final boolean stamped;

    /**
     * @param stamped whether each line starts with {@code <seconds>.<4 digits>: }, the time since
     *     start, as debug mode wants it
     */
    public StandardError(boolean stamped) {
        this(new FileOutputStream(FileDescriptor.err), stamped);
    }

    /** For tests: as if {@code out} were descriptor 2. One {@code write} call per line. */
    StandardError(OutputStream out, boolean stamped) {
        this.out = out;
        this.stamped = stamped;
    }

    @Override
    public void write(Level level, long sinceStartNs, String message) {
        var line = new Line();
        if (stamped) {
            line.time(sinceStartNs).literal(": ");
        }
        try {
            out.write(line.message(message).bytes());
        } catch (IOException ignored) {
            // Nobody is left to tell.
        }
    }
}
