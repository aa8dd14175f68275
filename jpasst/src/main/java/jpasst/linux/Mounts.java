// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Mounts (mount(2)), in the mount namespace of the calling thread. Calls return 0 or -errno. */
public final class Mounts {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_REMOUNT = 0x20;
    public static final int MS_BIND = 0x1000;
    public static final int MS_MOVE = 0x2000;
    public static final int MS_REC = 0x4000;
    public static final int MS_UNBINDABLE = 1 << 17;
    public static final int MS_PRIVATE = 1 << 18;
    public static final int MS_SLAVE = 1 << 19;
    public static final int MNT_DETACH = 2;
    static final int OPEN_TREE_CLONE = 1;

    private Mounts() {
    }

    /**
     * mount(2).
     *
     * @param source device, directory or a name; may be empty
     * @param type file system type, {@code null} if the flags make it unnecessary
     * @param data options of the file system, or {@code null}
     */
    public static int mount(String source, String target, String type, long flags, String data) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("mount"), text(arena, source),
                    text(arena, target), text(arena, type), flags, text(arena, data), 0);
        }
    }

    /**
     * A directory's file system, from that directory on and without what is mounted further down,
     * as a mount that is at no place (open_tree(2), Linux 5.2). Whoever has only this descriptor
     * cannot get above the directory by "..".
     *
     * @param directory a descriptor
     * @return a descriptor, closed by an exec, or -errno
     */
    public static int detached(int directory) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) SystemCall.call(SystemCall.OPEN_TREE, directory, text(arena, ""),
                    OPEN_TREE_CLONE | Files.O_CLOEXEC | Files.AT_EMPTY_PATH, 0, 0);
        }
    }

    /** umount2(2), with {@link #MNT_DETACH} or 0. */
    public static int umount2(String target, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("umount2"), text(arena, target), flags);
        }
    }

    /**
     * pivot_root(2): for every thread of this mount namespace whose root directory is that of the
     * namespace, {@code root} becomes it; the old one is mounted at {@code oldRoot}. Both may be
     * the same directory, which then has the old root on top of it.
     */
    public static int pivotRoot(String root, String oldRoot) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) SystemCall.call(SystemCall.PIVOT_ROOT, text(arena, root),
                    text(arena, oldRoot), 0, 0, 0);
        }
    }

    /**
     * chroot(2): changes the root directory, not the working directory, of the calling thread and
     * of those that share it.
     */
    public static int chroot(String directory) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("chroot"), text(arena, directory));
        }
    }

    private static long text(Arena arena, String text) {
        MemorySegment segment = text == null ? MemorySegment.NULL : CString.of(arena, text);
        return segment.address();
    }
}
