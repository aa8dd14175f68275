// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** inotify(7): watching directories. Calls return their value, or -errno. */
public final class Inotify {
    public static final int IN_DELETE = 0x200;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE_SELF = 0x400;
    /** The file system was unmounted; reported whether asked for or not. */
    public static final int IN_UNMOUNT = 0x2000;
    public static final int IN_ONLYDIR = 0x1000000;

    /** {@code struct inotify_event}: watch, mask, cookie, length of the name that follows. */
    public static final int EVENT_LENGTH = 16;
    static final int MASK = 4;
    static final int NAME_LENGTH = 12;

    private Inotify() {
    }

    /** inotify_init1(2), not blocking, close-on-exec: a descriptor. */
    public static int create() {
        return Native.callInt(Native.function("inotify_init1"),
                Files.O_NONBLOCK | Files.O_CLOEXEC);
    }

    /** inotify_add_watch(2): a watch number. */
    public static int addWatch(int fd, String path, int mask) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("inotify_add_watch"), fd,
                    CString.of(arena, path).address(), mask);
        }
    }

    /** The mask of the event read at {@code at}. */
    public static int mask(MemorySegment event, long at) {
        return event.get(ValueLayout.JAVA_INT_UNALIGNED, at + MASK);
    }

    /** The name in the event at {@code at}, empty if it has none. */
    public static String name(MemorySegment event, long at) {
        return nameLength(event, at) == 0 ? "" : CString.at(event, at + EVENT_LENGTH);
    }

    /** Where the event after the one at {@code at} begins. */
    public static long next(MemorySegment event, long at) {
        return at + EVENT_LENGTH + nameLength(event, at);
    }

    private static int nameLength(MemorySegment event, long at) {
        return event.get(ValueLayout.JAVA_INT_UNALIGNED, at + NAME_LENGTH);
    }
}
