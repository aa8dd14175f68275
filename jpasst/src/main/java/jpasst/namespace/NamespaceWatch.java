// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Inotify;
import jpasst.linux.LinuxException;
import jpasst.linux.Timers;

/**
 * Tells when a network namespace that was joined is gone, that is, when its file is.
 *
 * <p>The directory is opened at once, so that this goes on working without a file system. Where
 * the file system tells about deleted files it is an inotify descriptor that becomes readable;
 * where not (the namespaces of a process, in /proc) a timer, each second.
 *
 * <p>May be used by any one thread at a time.
 */
public final class NamespaceWatch implements AutoCloseable {
    private static final long INTERVAL_NS = 1_000_000_000L;
    private static final int BUFFER_LENGTH = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(BUFFER_LENGTH, 8);
    private final String name;
    private final int directory;
    private final boolean timer;
    private final int fd;

    private NamespaceWatch(String name, int directory, boolean timer, int fd) {
        this.name = name;
        this.directory = directory;
        this.timer = timer;
        this.fd = fd;
    }

    /**
     * Begins to watch. What happened before is told by the first {@link #gone}.
     *
     * @param path the file of the namespace
     * @throws LinuxException if its directory cannot be opened
     */
    public static NamespaceWatch of(String path) {
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "." : path.substring(0, slash + 1);
        int directory = Errno.check("watch " + parent, Files.open(parent,
                Files.O_PATH | Files.O_DIRECTORY | Files.O_CLOEXEC, 0));
        String name = path.substring(slash + 1);
        if (notifies(directory)) {
            int fd = Inotify.create();
            if (fd >= 0 && Inotify.addWatch(fd, parent, Inotify.IN_DELETE
                    | Inotify.IN_DELETE_SELF | Inotify.IN_ONLYDIR) >= 0) {
                return new NamespaceWatch(name, directory, false, fd);
            }
            Files.close(fd);
        }
        int fd = Errno.check("watch " + path, Timers.create());
        Timers.set(fd, INTERVAL_NS, INTERVAL_NS);
        return new NamespaceWatch(name, directory, true, fd);
    }

    private static boolean notifies(int directory) {
        long type = Files.fileSystemType(directory);
        return type >= 0 && type != Files.PROC_SUPER_MAGIC && type != Files.SYSFS_MAGIC
                && type != Files.DEVPTS_SUPER_MAGIC;
    }

    /** Becomes readable when {@link #gone} should be asked. */
    public int fd() {
        return fd;
    }

    /** Whether it is a timer rather than inotify. */
    public boolean timer() {
        return timer;
    }

    /** Reads what the descriptor has to tell; whether the namespace is gone. */
    public boolean gone() {
        if (timer) {
            Timers.drain(fd);
            return missing();
        }
        boolean deleted = false;
        long length = Files.read(fd, events, 0, BUFFER_LENGTH);
        while (length > 0) {
            for (long at = 0; at < length; at = Inotify.next(events, at)) {
                deleted |= (Inotify.mask(events, at) & Inotify.IN_DELETE_SELF) != 0
                        || Inotify.name(events, at).equals(name);
            }
            length = Files.read(fd, events, 0, BUFFER_LENGTH);
        }
        return deleted || missing();
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
        Files.close(directory);
        arena.close();
    }
}
