// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Calls on descriptors of any kind. All return their value, or -errno; any thread may call.
 * Memory is given as (segment, offset, length), must be off-heap, and is bounds-checked.
 */
public final class Files {
    /** Flags of {@link #open}, fcntl.h. {@link #O_DIRECTORY} and the like differ by machine. */
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    /** The bits that say how: one of the three above. */
    public static final int O_ACCMODE = 3;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DIRECTORY = Native.X86_64 ? 0x10000 : 0x4000;
    public static final int O_NOFOLLOW = Native.X86_64 ? 0x20000 : 0x8000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    /** What O_TMPFILE has beyond O_DIRECTORY. */
    public static final int O_TMPFILE_BIT = 0x400000;
    public static final int AT_FDCWD = -100;
    public static final int AT_EMPTY_PATH = 0x1000;

    public static final int F_DUPFD = 0;
    public static final int F_GETFD = 1;
    public static final int F_SETFD = 2;
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_SETPIPE_SZ = 1031;
    public static final int F_GETPIPE_SZ = 1032;
    public static final int FD_CLOEXEC = 1;

    /** Operations of {@link #flock}. */
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;

    /** Modes of {@link #access}. */
    public static final int F_OK = 0;
    public static final int X_OK = 1;

    /** Types of file systems whose files come and go without notice (linux/magic.h). */
    public static final long PROC_SUPER_MAGIC = 0x9fa0;
    public static final long SYSFS_MAGIC = 0x62656572;
    public static final long DEVPTS_SUPER_MAGIC = 0x1cd1;
    /** {@code struct statfs}: its first word is the type. */
    static final int STATFS_LENGTH = 120;

    public static final int SPLICE_F_MOVE = 1;
    public static final int SPLICE_F_NONBLOCK = 2;
    public static final int SPLICE_F_MORE = 4;

    /** Requests of ioctl(2) on terminals (ioctl_tty(2)). */
    public static final int TIOCGPGRP = 0x540f;
    public static final int TIOCSPGRP = 0x5410;
    public static final int TIOCSTI = 0x5412;
    public static final int TIOCLINUX = 0x541c;

    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 0x10;

    /** Bytes of the longest path (linux/limits.h). */
    static final int PATH_MAX = 4096;

    /** {@code struct iovec}: pointer, length; 8 bytes each. */
    public static final int IOVEC_LENGTH = 16;

    /** {@code struct pollfd}: int fd, short events, short revents. */
    static final int POLLFD_LENGTH = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;

    private static final MemorySegment CLOSE = Native.function("close");
    private static final MemorySegment READ = Native.function("read");
    private static final MemorySegment PREAD = Native.function("pread");
    private static final MemorySegment WRITE = Native.function("write");
    private static final MemorySegment READV = Native.function("readv");
    private static final MemorySegment WRITEV = Native.function("writev");
    private static final MemorySegment SPLICE = Native.function("splice");
    private static final MemorySegment IOCTL = Native.function("ioctl");

    private Files() {
    }

    /**
     * open(2).
     *
     * @param mode permission bits if the file is created, else ignored
     * @return a descriptor or -errno
     */
    public static int open(String path, int flags, int mode) {
        return openat(AT_FDCWD, path, flags, mode);
    }

    /** openat(2): a descriptor or -errno. */
    public static int openat(int directory, String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("openat"), directory,
                    CString.of(arena, path).address(), flags, mode);
        }
    }

    /**
     * access(2): 0, or -errno if the file is not accessible in that way.
     *
     * @param path the bytes of the name, without terminating zero
     * @param mode {@link #F_OK} or {@link #X_OK}
     */
    public static int access(byte[] path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("access"),
                    CString.of(arena, path).address(), mode);
        }
    }

    /** fstatfs(2): the type of the file system (a magic number) that holds an open file. */
    public static long fileSystemType(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATFS_LENGTH, 8);
            int rc = Native.callInt(Native.function("fstatfs"), fd, status.address());
            return rc < 0 ? rc : status.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** flock(2): 0 or -errno; the lock ends when the last copy of the descriptor is closed. */
    public static int flock(int fd, int operation) {
        return Native.callInt(Native.function("flock"), fd, operation);
    }

    /** mkdir(2). */
    public static int mkdir(String path, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function("mkdir"),
                    CString.of(arena, path).address(), mode);
        }
    }

    /**
     * readlink(2).
     *
     * @return the target of a symbolic link, or null if it cannot be read or is longer than 4095
     *         bytes
     */
    public static String readlink(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(PATH_MAX);
            int length = (int) Native.call(Native.function("readlink"),
                    CString.of(arena, path).address(), target.address(), PATH_MAX, 0, 0, 0);
            return length < 0 || length == PATH_MAX ? null : CString.at(target, 0);
        }
    }

    /** unlink(2). */
    public static int unlink(String path) {
        return onPath("unlink", path);
    }

    /** chdir(2). The working directory is shared by all threads, unless CLONE_FS was unshared. */
    public static int chdir(String path) {
        return onPath("chdir", path);
    }

    private static int onPath(String function, String path) {
        try (Arena arena = Arena.ofConfined()) {
            return Native.callInt(Native.function(function), CString.of(arena, path).address());
        }
    }

    /** close(2). The descriptor is gone even if this returns an error. */
    public static int close(int fd) {
        return Native.callInt(CLOSE, fd);
    }

    /** read(2): bytes read, 0 at the end, or -errno. */
    public static long read(int fd, MemorySegment memory, long at, long length) {
        return Native.call(READ, fd, Native.pointer(memory, at, length), length, 0, 0, 0);
    }

    /** pread(2): bytes read from {@code offset} in the file on, 0 at the end, or -errno. */
    public static long pread(int fd, MemorySegment memory, long at, long length, long offset) {
        return Native.call(PREAD, fd, Native.pointer(memory, at, length), length, offset, 0, 0);
    }

    /** write(2): bytes written or -errno. */
    public static long write(int fd, MemorySegment memory, long at, long length) {
        return Native.call(WRITE, fd, Native.pointer(memory, at, length), length, 0, 0, 0);
    }

    /** readv(2), with {@code count} iovecs at {@code at}. */
    public static long readv(int fd, MemorySegment iov, long at, int count) {
        return Native.call(READV, fd, vector(iov, at, count), count, 0, 0, 0);
    }

    /** writev(2), with {@code count} iovecs at {@code at}. */
    public static long writev(int fd, MemorySegment iov, long at, int count) {
        return Native.call(WRITEV, fd, vector(iov, at, count), count, 0, 0, 0);
    }

    private static long vector(MemorySegment iov, long at, int count) {
        return Native.pointer(iov, at, (long) count * IOVEC_LENGTH);
    }

    /**
     * Fills iovec {@code index} of an array at {@code at} with the address of the given bytes,
     * which must stay alive while the array is used.
     */
    public static void iovec(MemorySegment iov, long at, int index,
            MemorySegment memory, long memoryAt, long length) {
        long entry = at + (long) index * IOVEC_LENGTH;
        iov.set(ValueLayout.JAVA_LONG_UNALIGNED, entry,
                Native.pointer(memory, memoryAt, length));
        iov.set(ValueLayout.JAVA_LONG_UNALIGNED, entry + 8, length);
    }

    /** splice(2) at the current offsets: bytes moved, 0 at the end, or -errno. */
    public static long splice(int from, int to, long length, int flags) {
        return Native.call(SPLICE, from, 0, to, 0, length, flags);
    }

    /** pipe2(2): fills two ints, the reading and the writing end. */
    public static int pipe2(MemorySegment two, int flags) {
        return Native.callInt(Native.function("pipe2"), Native.pointer(two, 0, 8), flags);
    }

    /** dup3(2): {@code to} now names what {@code from} names. */
    public static int dup3(int from, int to, int flags) {
        return Native.callInt(Native.function("dup3"), from, to, flags);
    }

    /** fcntl(2) with an integer argument. */
    public static int fcntl(int fd, int command, long argument) {
        return Native.callInt(Native.function("fcntl"), fd, command, argument);
    }

    /**
     * ioctl(2) with a pointer to at least as many bytes as the request says it passes, for
     * requests made by the {@code _IOR} and {@code _IOW} macros; older ones are up to the caller.
     */
    public static int ioctl(int fd, long request, MemorySegment argument, long at) {
        long size = request >>> 16 & 0x3fff;
        return Native.callInt(IOCTL, fd, request, Native.pointer(argument, at, size));
    }

    /** ioctl(2) with an integer in place of the pointer. */
    public static int ioctl(int fd, long request, long argument) {
        return Native.callInt(IOCTL, fd, request, argument);
    }

    /**
     * ioctl(2) whose argument points to one int, such as {@link Sockets#SIOCOUTQ}.
     *
     * @param value the int on entry
     * @return the int on return, or -errno; for requests whose results are not negative
     */
    public static int ioctlInt(int fd, long request, int value) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, 0, value);
        int rc = Native.callInt(IOCTL, fd, request, scratch.address());
        return rc < 0 ? rc : scratch.get(ValueLayout.JAVA_INT, 0);
    }

    /**
     * poll(2) on one descriptor.
     *
     * @param events mask of POLLIN, POLLOUT
     * @param timeoutMs negative waits for ever
     * @return events that happened, 0 if time ran out, or -errno
     */
    public static int poll(int fd, int events, int timeoutMs) {
        MemorySegment scratch = Native.scratch();
        scratch.set(ValueLayout.JAVA_INT, 0, fd);
        scratch.set(ValueLayout.JAVA_SHORT, POLLFD_EVENTS, (short) events);
        scratch.set(ValueLayout.JAVA_SHORT, POLLFD_REVENTS, (short) 0);
        int rc = Native.callInt(Native.function("poll"), scratch.address(), 1, timeoutMs);
        return rc < 0 ? rc : scratch.get(ValueLayout.JAVA_SHORT, POLLFD_REVENTS) & 0xffff;
    }
}
