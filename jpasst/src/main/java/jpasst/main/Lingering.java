// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

/**
 * How long the loop goes on after the command has ended: until what the command sent is delivered,
 * as it would be on the host, where the kernel goes on sending for a process that is gone. With
 * the namespace go its sockets, and with us what they have not passed on.
 *
 * <p>A connection whose guest has not ended its half holds the end up only while it makes
 * progress: some other process of the namespace may keep it open for ever.
 */
final class Lingering {
    /** Without progress for so long nothing more is expected. */
    static final long QUIET_NS = 1_000_000_000L;
    /** The end, whatever still moves. */
    static final long LIMIT_NS = 10_000_000_000L;
    /** How often to look; what moves brings the loop round more often. */
    private static final long LOOK_NS = 20_000_000;
    /** Returned by {@link #look} when the loop shall stop. */
    static final long OVER = -1;

    private final long endNs;
    private long quietEndNs;
    private long frames = -1;
    private long bytes = -1;

    /** Begins now, when the command has ended. */
    Lingering(long nowNs) {
        endNs = nowNs + LIMIT_NS;
        quietEndNs = nowNs + QUIET_NS;
    }

    /**
     * Looks at what happened since the last look.
     *
     * @param framesFromTap frames of the guest so far: while there are more to read, all is open
     * @param bytesToSockets bytes that were passed on so far
     * @param pending whether connections wait for the rest of what the guest sends
     * @return when to look again, or {@link #OVER}
     */
    long look(long nowNs, long framesFromTap, long bytesToSockets, boolean pending) {
        boolean tapWasEmpty = framesFromTap == frames;
        if (!tapWasEmpty || bytesToSockets != bytes) quietEndNs = nowNs + QUIET_NS;
        frames = framesFromTap;
        bytes = bytesToSockets;
        if (nowNs >= endNs) return OVER;
        if (!tapWasEmpty) return nowNs;
        if (!pending || nowNs >= quietEndNs) return OVER;
        return nowNs + LOOK_NS;
    }
}
