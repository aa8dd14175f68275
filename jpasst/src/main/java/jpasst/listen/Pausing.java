// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

/**
 * Takes a listening socket out of the loop for a while, for handlers that cannot serve it: without
 * that, its event would come round and round while descriptors are short. Loop thread only.
 */
@FunctionalInterface
public interface Pausing {
    /**
     * Gives no more events of a listening socket until a fraction of a second has passed.
     *
     * @param fd the socket
     * @param payload of its event, a {@link ListenTag}
     */
    void pause(int fd, int payload);
}
