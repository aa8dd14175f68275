// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/**
 * What kind of descriptor an event comes from: it names the handler. The order is that of the
 * columns of {@code --stats}; the payload of each is up to its handler.
 */
public enum EventType {
    TCP, TCP_SPLICE, TCP_LISTEN, TCP_TIMER, UDP_LISTEN, UDP, PING,
    NAMESPACE_INOTIFY, NAMESPACE_TIMER,
    TAP_DEVICE, TAP_SOCKET, TAP_LISTEN, VHOST_COMMAND, VHOST_KICK,
    REPAIR_LISTEN, REPAIR, NEIGHBOURS, CONTROL_LISTEN, CONTROL,
    /** A pidfd: the command ended, or the process whose namespace was joined. */
    CHILD,
    /** A signalfd: somebody wants the program to end. */
    SIGNAL,
    /** An event counter which another thread raises to get the loop's attention. */
    WAKE_UP;

    private static final EventType[] ALL = values();

    /** How many there are. */
    public static final int COUNT = ALL.length;

    static EventType of(int ordinal) {
        return ALL[ordinal];
    }
}
