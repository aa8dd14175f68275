// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/** Handles the events of one {@link EventType}, on the loop's thread. */
public interface EventHandler {
    /**
     * Something happened on a descriptor.
     *
     * @param payload the low 32 bits of its tag
     * @param events mask of {@code Epoll.EPOLL*}
     * @param nowNs CLOCK_MONOTONIC, read once for the whole round
     */
    void onEvent(int fd, int payload, int events, long nowNs);
}
