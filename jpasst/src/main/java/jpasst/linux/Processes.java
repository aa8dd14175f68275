// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Processes, threads and namespaces. All calls return their value, or -errno. Those that change
 * something say whether it belongs to the calling thread or to the process.
 */
public final class Processes {
    // Kinds of namespaces, for unshare and setns, and what clone(2) has to make a thread
    // (linux/sched.h).
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_THREAD = 0x10000;
    public static final int CLONE_NEWNS = 0x20000;
    public static final int CLONE_NEWCGROUP = 0x2000000;
    public static final int CLONE_NEWUTS = 0x4000000;
    public static final int CLONE_NEWIPC = 0x8000000;
    public static final int CLONE_NEWUSER = 0x10000000;
    public static final int CLONE_NEWPID = 0x20000000;
    public static final int CLONE_NEWNET = 0x40000000;

    // waitid(2).
    public static final int WNOHANG = 1;
    public static final int WEXITED = 4;
    static final int P_PID = 1;
    static final int P_PIDFD = 3;
    static final int CLD_EXITED = 1;
    static final int CLOSE_RANGE_CLOEXEC = 4;
    /** {@code siginfo_t}: 128 bytes; of a child: code, pid and status. */
    static final int SIGINFO_LENGTH = 128;
    static final int SIGINFO_CODE = 8;
    static final int SIGINFO_PID = 16;
    static final int SIGINFO_STATUS = 24;

    // prctl(2).
    public static final int PR_SET_PDEATHSIG = 1;
    public static final int PR_GET_DUMPABLE = 3;
    public static final int PR_SET_DUMPABLE = 4;
    public static final int PR_SET_KEEPCAPS = 8;
    public static final int PR_SET_NAME = 15;
    public static final int PR_GET_NAME = 16;
    public static final int PR_CAPBSET_READ = 23;
    public static final int PR_CAPBSET_DROP = 24;
    public static final int PR_GET_SECUREBITS = 27;
    public static final int PR_SET_SECUREBITS = 28;
    public static final int PR_SET_CHILD_SUBREAPER = 36;
    public static final int PR_SET_NO_NEW_PRIVS = 38;
    public static final int PR_GET_NO_NEW_PRIVS = 39;
    public static final int PR_SET_VMA = 0x53564d41;
    public static final int PR_CAP_AMBIENT = 47;
    public static final int PR_CAP_AMBIENT_IS_SET = 1;
    public static final int PR_CAP_AMBIENT_RAISE = 2;
    public static final int PR_CAP_AMBIENT_LOWER = 3;
    public static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    // getrlimit(2).
    public static final int RLIMIT_NOFILE = 7;
    static final int RLIMIT_LENGTH = 16;

    private Processes() {
    }

    /** getpid(2), in the process id namespace of this process. */
    public static int getpid() {
        return Native.callInt(Native.function("getpid"));
    }

    /**
     * The process id by which others know this process: that in the PID namespace which mounted
     * /proc, as long as that is in sight. Else as {@link #getpid}.
     */
    public static int pidOutside() {
        String known = Files.readlink("/proc/self");
        try {
            return known == null ? getpid() : Integer.parseInt(known);
        } catch (NumberFormatException other) {
            return getpid();
        }
    }

    /** gettid(2): the id of the calling thread. */
    public static int gettid() {
        return Native.callInt(Native.function("gettid"));
    }

    /** getuid(2). */
    public static int getuid() {
        return Native.callInt(Native.function("getuid"));
    }

    /** geteuid(2). */
    public static int geteuid() {
        return Native.callInt(Native.function("geteuid"));
    }

    /** getgid(2). */
    public static int getgid() {
        return Native.callInt(Native.function("getgid"));
    }

    /** getegid(2). */
    public static int getegid() {
        return Native.callInt(Native.function("getegid"));
    }

    /** unshare(2), of the calling thread. CLONE_NEWUSER fails in a process with threads. */
    public static int unshare(int flags) {
        return Native.callInt(Native.function("unshare"), flags);
    }

    /** setns(2), of the calling thread: a namespace file, or a pidfd with several kinds. */
    public static int setns(int fd, int kind) {
        return Native.callInt(Native.function("setns"), fd, kind);
    }

    /** sethostname(2), in the UTS namespace of the calling thread. */
    public static int sethostname(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = CString.of(arena, name);
            return Native.callInt(Native.function("sethostname"), text.address(),
                    text.byteSize() - 1);
        }
    }

    /** prctl(2) with integer arguments; most options are of the calling thread. */
    public static int prctl(int option, long a, long b, long c, long d) {
        return Native.callInt(Native.function("prctl"), option, a, b, c, d, 0);
    }

    /** getpgrp(2): the process group of this process. */
    public static int getpgrp() {
        return Native.callInt(Native.function("getpgrp"));
    }

    /**
     * tcgetpgrp(3): the foreground process group of the terminal; 0 if it is outside our PID
     * namespace; -ENOTTY if the descriptor is not our controlling terminal.
     */
    public static int foreground(int terminal) {
        return Native.callInt(Native.function("tcgetpgrp"), terminal);
    }

    /** tcsetpgrp(3). From the background the calling thread must have SIGTTOU blocked. */
    public static int foreground(int terminal, int group) {
        return Native.callInt(Native.function("tcsetpgrp"), terminal, group);
    }

    /** kill(2); a negative process id means the process group. */
    public static int kill(int pid, int signal) {
        return Native.callInt(Native.function("kill"), pid, signal);
    }

    /** Ends the process at once, without the JVM's shutdown hooks. Never returns. */
    public static void exit(int status) {
        Native.callInt(Native.function("_exit"), status);
        throw new IllegalStateException("_exit returned");
    }

    /** pidfd_open(2): a descriptor that becomes readable when the process ends. */
    public static int pidfdOpen(int pid, int flags) {
        return (int) SystemCall.call(SystemCall.PIDFD_OPEN, pid, flags, 0, 0, 0);
    }

    /** pidfd_send_signal(2). */
    public static int pidfdSendSignal(int pidfd, int signal) {
        return (int) SystemCall.call(SystemCall.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0);
    }

    /**
     * Waits for the end of a child by its pidfd, and reaps it.
     *
     * @param options {@link #WNOHANG} or 0
     * @return its exit status, 128 + n if it died of signal n, -EAGAIN if it still runs, -errno
     */
    public static int waitPidfd(int pidfd, int options) {
        return waitid(P_PIDFD, pidfd, options);
    }

    /** As {@link #waitPidfd}, by process id. */
    public static int waitPid(int pid, int options) {
        return waitid(P_PID, pid, options);
    }

    private static int waitid(int kind, int id, int options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_LENGTH, 8);
            int rc = Native.callInt(Native.function("waitid"), kind, id, info.address(),
                    WEXITED | options);
            if (rc < 0) {
                return rc;
            }
            if (info.get(ValueLayout.JAVA_INT, SIGINFO_PID) == 0) {
                return -Errno.EAGAIN;
            }
            int status = info.get(ValueLayout.JAVA_INT, SIGINFO_STATUS);
            boolean exited = info.get(ValueLayout.JAVA_INT, SIGINFO_CODE) == CLD_EXITED;
            return exited ? status : 128 + status;
        }
    }

    /**
     * close_range(2) with CLOSE_RANGE_CLOEXEC: no descriptor of this process from {@code first} on
     * reaches a program it executes. -EINVAL before Linux 5.11, -ENOSYS before 5.9.
     */
    public static int closeOnExec(int first) {
        return (int) SystemCall.call(SystemCall.CLOSE_RANGE, first, 0xffff_ffffL,
                CLOSE_RANGE_CLOEXEC, 0, 0);
    }

    /**
     * posix_spawnp(3) with no signal blocked. Signals are at their defaults, but HUP, INT, QUIT
     * and TERM stay ignored where this process was started with them ignored (nohup). The child
     * inherits namespaces and capabilities of the calling thread, and descriptors that are not
     * close-on-exec.
     *
     * @param file looked for in PATH of this process, unless it contains a slash
     * @param arguments from the zeroth
     * @param environment {@code NAME=value} each
     * @param descriptors pairs (ours, child's) to be duplicated in this order, or none
     * @return the child's process id, or -errno also if it could not be executed
     */
    public static int posixSpawn(String file, String[] arguments, String[] environment,
            int... descriptors) {
        return Spawn.spawn(Spawn.encode(file), Spawn.encode(arguments),
                Spawn.encode(environment), false, descriptors);
    }

    /** As above, byte for byte: words of a command line need not be text of any encoding. */
    public static int posixSpawn(byte[] file, byte[][] arguments, byte[][] environment,
            int... descriptors) {
        return Spawn.spawn(file, arguments, environment, false, descriptors);
    }

    /** As above, and the child leads a process group of its own. */
    public static int posixSpawnLeader(byte[] file, byte[][] arguments, byte[][] environment) {
        return Spawn.spawn(file, arguments, environment, true);
    }

    /** getpagesize(2): bytes of a page of memory. */
    public static int pageBytes() {
        return Native.callInt(Native.function("getpagesize"));
    }

    /**
     * Raises the soft limit of a resource of this process to its hard limit.
     *
     * @param resource {@link #RLIMIT_NOFILE}
     * @return the limit now, cut to an int, or -errno
     */
    public static int raiseLimit(int resource) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(RLIMIT_LENGTH, 8);
            int rc = Native.callInt(Native.function("getrlimit"), resource, limit.address());
            long hard = limit.get(ValueLayout.JAVA_LONG, 8);
            if (rc == 0 && limit.get(ValueLayout.JAVA_LONG, 0) != hard) {
                limit.set(ValueLayout.JAVA_LONG, 0, hard);
                rc = Native.callInt(Native.function("setrlimit"), resource, limit.address());
            }
            return rc < 0 ? rc : cut(hard);
        }
    }

    /** The soft limit of a resource, such as {@link #RLIMIT_NOFILE}, cut to an int, or -errno. */
    public static int softLimit(int resource) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(RLIMIT_LENGTH, 8);
            int rc = Native.callInt(Native.function("getrlimit"), resource, limit.address());
            return rc < 0 ? rc : cut(limit.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** RLIM_INFINITY is -1. */
    private static int cut(long limit) {
        return limit < 0 ? Integer.MAX_VALUE : (int) Math.min(limit, Integer.MAX_VALUE);
    }

    /** getrandom(2): {@code length} (at most 256) bytes of cryptographic quality, or -errno. */
    public static int getrandom(MemorySegment memory, long at, int length) {
        return Native.callInt(Native.function("getrandom"), Native.pointer(memory, at, length),
                length, 0);
    }
}
