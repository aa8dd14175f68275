// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Checks that code allocates nothing on the heap once it is warm. */
public final class Allocation {
    /** How long the compilers may take to be satisfied, on a machine with other things to do. */
    private static final long PATIENCE_NS = 30_000_000_000L;
    private static final int QUIET_ROUNDS = 2;
    private static final long RECORDING_NS = 20_000_000_000L;

    private Allocation() {
    }

    /**
     * Runs {@code step} {@code times} times a round until rounds without a single byte follow each
     * other. The compilers take their time, so many rounds may be needed; code that allocates per
     * step never gets there.
     */
    public static void assertNone(int times, Runnable step) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().threadId();
        long limitNs = System.nanoTime() + PATIENCE_NS;
        long bytes = 0;
        int quiet = 0;
        while (quiet < QUIET_ROUNDS && System.nanoTime() < limitNs) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < times; i++) {
                step.run();
            }
            bytes = threads.getThreadAllocatedBytes(thread) - before - OWN_BYTES;
            quiet = bytes <= 0 ? quiet + 1 : 0;
        }
        if (quiet < QUIET_ROUNDS) {
            fail("still " + bytes + " bytes in " + times + " steps, " + whereFrom(step));
        }
    }

    /** Runs the step on, and tells where the JVM saw it allocate. */
    private static String whereFrom(Runnable step) {
        try (var recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "100/s")
                    .withStackTrace();
            recording.start();
            long endNs = System.nanoTime() + RECORDING_NS;
            while (System.nanoTime() < endNs) {
                step.run();
            }
            recording.stop();
            Path file = Files.createTempFile("allocation", ".jfr");
            recording.dump(file);
            var seen = new TreeMap<String, Integer>();
            for (var event : RecordingFile.readAllEvents(file)) {
                seen.merge(event.getClass("objectClass").getName() + " "
                        + event.getStackTrace(), 1, Integer::sum);
            }
            Files.delete(file);
            return "as seen by JFR: " + seen;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What asking for the count may itself allocate, far below a byte per step. */
    private static final long OWN_BYTES = 256;
}
