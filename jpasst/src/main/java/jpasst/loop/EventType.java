// SPDX-License-Identifier: Apache-2.0
package jpasst.loop;

/**
 * What kind of descriptor an event comes from: it names the handler. The order is that of the
 * columns of {@code --stats}; the payload of each is up to its handler.
 */
public enum EventType {
    TCP("TCP connection"), TCP_SPLICE("spliced TCP connection"), TCP_LISTEN("TCP listener"),
    TCP_TIMER("TCP timer"), UDP_LISTEN("UDP listener"), UDP("UDP flow"), PING("ping"),
    NAMESPACE_INOTIFY("watch of the namespace's file"),
    NAMESPACE_TIMER("timer to look for the namespace"),
    TAP_DEVICE("tap device"), TAP_SOCKET("virtual machine"), TAP_LISTEN("UNIX socket listener"),
    VHOST_COMMAND("vhost-user command"), VHOST_KICK("vhost-user kick"),
    REPAIR_LISTEN("repair listener"), REPAIR("repair"), NEIGHBOURS("neighbours of the host"),
    CONTROL_LISTEN("control listener"), CONTROL("control"),
    /** A pidfd: the command ended, or the process whose namespace was joined. */
    CHILD("end of a process"),
    /** A signalfd: somebody wants the program to end. */
    SIGNAL("signal"),
    /** An event counter which another thread raises to get the loop's attention. */
    WAKE_UP("wake-up");

    private static final EventType[] ALL = values();

    /** How many there are. */
    public static final int COUNT = ALL.length;

    private final String title;

    EventType(String title) {
        this.title = title;
    }

    /** What the descriptor is, for people. */
    public String title() {
        return title;
    }

    static EventType of(int ordinal) {
        return ALL[ordinal];
    }
}
