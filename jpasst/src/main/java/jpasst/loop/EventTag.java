// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/**
 * The 64 bits epoll keeps with a descriptor and returns with its events: type (8 bits), the
 * descriptor itself (24), and a payload (32) for the handler, such as a flow side.
 */
public final class EventTag {
    /** The highest descriptor a tag can hold. */
    public static final int MAX_FD = (1 << 24) - 1;

    private EventTag() {
    }

    /**
     * Packs a tag.
     *
     * @throws IllegalArgumentException if the descriptor is negative or above {@link #MAX_FD}
     */
    public static long of(EventType type, int fd, int payload) {
        if (fd < 0 || fd > MAX_FD) {
            throw new IllegalArgumentException("descriptor out of range: " + fd);
        }
        return (long) type.ordinal() << 56 | (long) fd << 32 | payload & 0xffff_ffffL;
    }

    /** Ordinal of the {@link EventType}. */
    public static int type(long tag) {
        return (int) (tag >>> 56);
    }

    /** The descriptor. */
    public static int fd(long tag) {
        return (int) (tag >>> 32) & MAX_FD;
    }

    /** The payload. */
    public static int payload(long tag) {
        return (int) tag;
    }
}
