// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * What a finished program left: exit code (128 + n where a signal ended it, as a shell says it),
 * standard output and standard error.
 */
record Outcome(int exitCode, String out, String err) {
    /** Expects exit code 0 and returns the output without the final line break. */
    String ok() {
        assertEquals(0, exitCode, this::toString);
        return out.strip();
    }

    /** Expects exit code 1 and exactly one line on standard error, which is returned. */
    String oneLineError() {
        assertEquals(1, exitCode, this::toString);
        assertEquals(1, err.strip().lines().count(), () -> "one line expected: " + this);
        return err.strip();
    }

    @Override
    public String toString() {
        return "exit code " + exitCode + "\n-- out:\n" + out + "-- err:\n" + err;
    }
}
