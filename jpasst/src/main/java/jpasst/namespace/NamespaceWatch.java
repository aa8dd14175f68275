// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Inotify;
import jpasst.linux.LinuxException;
import jpasst.linux.Mounts;
import jpasst.linux.Timers;
import jpasst.loop.EventType;

/**
 * Tells when a network namespace that was joined is gone, that is, when its file is.
 *
 * <p>Of the file of a process, {@code /proc/PID/ns/net}, it is the process's own end, seen by a
 * pidfd; of others an inotify descriptor on their directory. Where neither can be had (other files
 * of /proc, and processes outside of our PID namespace) a timer looks four times a second.
 * Everything is opened at once, so that this goes on working without a file system; and nothing
 * that would keep one from being unmounted, but by the timer.
 *
 * <p>May be used by any one thread at a time.
 */
public final class NamespaceWatch implements AutoCloseable {
    private static final long INTERVAL_NS = 250_000_000L;
    private static final int BUFFER_LENGTH = 4096;
    /** No descriptor. */
    public static final int NONE = -1;
    /** The directory was deleted, or its whole file system unmounted. */
    private static final int WHOLE_DIRECTORY = Inotify.IN_DELETE_SELF | Inotify.IN_UNMOUNT;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(BUFFER_LENGTH, 8);
    private final String name;
    private final EventType type;
    private final int fd;
    /** Only of a timer: where it looks for the name. */
    private final int directory;

    private NamespaceWatch(String name, EventType type, int fd, int directory) {
        this.name = name;
        this.type = type;
        this.fd = fd;
        this.directory = directory;
    }

    /**
     * Begins to watch: before joining, so that no end is missed in between.
     *
     * @param path the file of the namespace, which need not exist any more
     * @throws LinuxException if its directory cannot be opened
     */
    public static NamespaceWatch of(String path) {
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "." : path.substring(0, slash + 1);
        String name = path.substring(slash + 1);
        int process = ProcessFile.pidfd(path);
        if (process >= 0) return new NamespaceWatch(name, EventType.CHILD, process, NONE);
        int directory = Errno.check("watch " + parent, Files.open(parent,
                Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC, 0));
        int inotify = notifies(directory) ? inotify(parent) : NONE;
        if (inotify < 0) return timer(path, name, directory);
        // What happened before the watch was there is the caller's to find: he cannot join.
        Files.close(directory);
        return new NamespaceWatch(name, EventType.NAMESPACE_INOTIFY, inotify, NONE);
    }

    private static boolean notifies(int directory) {
        long type = Files.fileSystemType(directory);
        return type >= 0 && type != Files.PROC_SUPER_MAGIC && type != Files.SYSFS_MAGIC
                && type != Files.DEVPTS_SUPER_MAGIC;
    }

    /** A descriptor, or -errno: the user's number of them is limited. */
    private static int inotify(String parent) {
        int fd = Inotify.create();
        if (fd < 0) return fd;
        int rc = Inotify.addWatch(fd, parent, Inotify.IN_DELETE | Inotify.IN_DELETE_SELF
                | Inotify.IN_ONLYDIR);
        if (rc >= 0) return fd;
        Files.close(fd);
        return rc;
    }

    private static NamespaceWatch timer(String path, String name, int directory) {
        int fd = Errno.check("watch " + path, Timers.create());
        Timers.set(fd, INTERVAL_NS, INTERVAL_NS);
        return new NamespaceWatch(name, EventType.NAMESPACE_TIMER, fd, alone(directory));
    }

    /**
     * The directory without a way up to others, where we may and the kernel can: it stays open in
     * the sandbox, where no other file is to be seen.
     */
    private static int alone(int directory) {
        int detached = Mounts.detached(directory);
        if (detached < 0) return directory;
        Files.close(directory);
        return detached;
    }

    /** Becomes readable when {@link #gone} should be asked. */
    public int fd() {
        return fd;
    }

    /** A directory in which {@link #gone} looks for a file, or {@link #NONE}. */
    public int directory() {
        return directory;
    }

    /** What kind of descriptor {@link #fd} is. */
    public EventType type() {
        return type;
    }

    /** To be asked when the descriptor is readable, and reads it; whether the namespace is gone. */
    public boolean gone() {
        if (type == EventType.CHILD) return true;
        if (type == EventType.NAMESPACE_INOTIFY) return deleted();
        Timers.drain(fd);
        return missing();
    }

    private boolean deleted() {
        boolean deleted = false;
        long length = Files.read(fd, events, 0, BUFFER_LENGTH);
        while (length > 0) {
            for (long at = 0; at < length; at = Inotify.next(events, at)) {
                deleted |= (Inotify.mask(events, at) & WHOLE_DIRECTORY) != 0
                        || Inotify.name(events, at).equals(name);
            }
            length = Files.read(fd, events, 0, BUFFER_LENGTH);
        }
        return deleted;
    }

    /** A file that may not be opened is still there. */
    private boolean missing() {
        int rc = Files.openat(directory, name, Files.O_PATH | Files.O_CLOEXEC, 0);
        if (rc >= 0) {
            Files.close(rc);
        }
        return rc == -Errno.ENOENT || rc == -Errno.ENOTDIR || rc == -Errno.ESRCH;
    }

    @Override
    public void close() {
        Files.close(fd);
        if (directory >= 0) Files.close(directory);
        arena.close();
    }
}
