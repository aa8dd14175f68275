// SPDX-License-Identifier: Apache-2.0
package jpasst.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/**
 * Checks that code allocates nothing on the heap once it is warm.
 *
 * <p>One thing is let pass, since it is not ours to avoid: for a system call whose errno is
 * captured the JDK makes a segment of 40 bytes ({@code SharedUtils.checkCaptureSegment}), which
 * its compiler mostly, but not always, finds to be superfluous. Where bytes are left, the flight
 * recorder tells whose they are.
 */
public final class Allocation {
    /** How long the compilers may take to be satisfied, on a machine with other things to do. */
    private static final long PATIENCE_NS = 20_000_000_000L;
    private static final int QUIET_ROUNDS = 2;
    private static final long RECORDING_NS = 3_000_000_000L;
    /** What asking for the count may itself allocate, far below a byte per step. */
    private static final long OWN_BYTES = 256;
    private static final String OF_THE_JDK = "checkCaptureSegment";
    private static final String OF_THE_RECORDER = "jdk.jfr.";

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
            var places = placesIn(step);
            boolean seen = !places.isEmpty();
            places.removeIf(place -> place.contains(OF_THE_JDK));
            if (!seen || !places.isEmpty()) {
                fail("still " + bytes + " bytes in " + times + " steps, as seen by JFR: " + places);
            }
        }
    }

    /** Runs the step on, and tells where the JVM saw this thread allocate: classes and stacks. */
    private static Set<String> placesIn(Runnable step) {
        long thread = Thread.currentThread().threadId();
        try (var recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "1000/s")
                    .withStackTrace();
            recording.start();
            long endNs = System.nanoTime() + RECORDING_NS;
            while (System.nanoTime() < endNs) {
                step.run();
            }
            recording.stop();
            Path file = Files.createTempFile("allocation", ".jfr");
            recording.dump(file);
            var places = new TreeSet<String>();
            for (var event : RecordingFile.readAllEvents(file)) {
                if (event.getThread() == null || event.getThread().getJavaThreadId() != thread) {
                    continue;
                }
                String place = event.getClass("objectClass").getName() + event.getStackTrace();
                if (!place.contains(OF_THE_RECORDER)) {
                    places.add(place);
                }
            }
            Files.delete(file);
            return places;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
