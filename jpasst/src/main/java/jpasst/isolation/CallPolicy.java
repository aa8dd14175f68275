// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LazyMemory;
import jpasst.linux.Processes;
import jpasst.linux.Sockets;

/**
 * Which system calls are left to the program. Three answers: what the program and the JVM need is
 * allowed; what only an intruder could want ends the process; the rest fails, with the error that
 * a C library or a JVM takes for an old kernel, an empty file system or a lack of resources.
 *
 * <p>The lists were found by watching the whole-program tests. What the JVM may call at any time is
 * here even if it was not seen.
 */
final class CallPolicy {
    private static final Call[] SOCKETS = {
        Call.READ, Call.WRITE, Call.READV, Call.WRITEV, Call.CLOSE, Call.BIND, Call.CONNECT,
        Call.LISTEN, Call.ACCEPT4, Call.SHUTDOWN, Call.GETSOCKNAME, Call.GETPEERNAME,
        Call.GETSOCKOPT, Call.SENDTO, Call.RECVFROM, Call.SENDMSG, Call.RECVMSG, Call.SENDMMSG,
        Call.RECVMMSG, Call.EPOLL_CTL, Call.EPOLL_WAIT, Call.EPOLL_PWAIT, Call.EPOLL_PWAIT2,
        Call.TIMERFD_SETTIME, Call.TIMERFD_GETTIME, Call.POLL, Call.PPOLL,
    };
    /** For capture, log file and the kernel's lists of sockets, all opened before. */
    private static final Call[] OPEN_FILES = {
        Call.PREAD64, Call.PWRITE64, Call.LSEEK, Call.FSTAT, Call.FSYNC, Call.FDATASYNC,
        Call.FTRUNCATE, Call.FALLOCATE, Call.DUP3,
    };
    /** The just-in-time compiler needs memory that can be executed. */
    private static final Call[] JVM = {
        Call.MMAP, Call.MUNMAP, Call.MPROTECT, Call.MREMAP, Call.BRK, Call.FUTEX,
        Call.SCHED_YIELD, Call.SCHED_GETAFFINITY, Call.GETCPU, Call.MEMBARRIER, Call.RSEQ,
        Call.SET_ROBUST_LIST, Call.RT_SIGACTION, Call.RT_SIGPROCMASK, Call.RT_SIGRETURN,
        Call.SIGALTSTACK, Call.RESTART_SYSCALL, Call.GETTID, Call.GETPID, Call.CLOCK_GETTIME,
        Call.CLOCK_GETRES, Call.CLOCK_NANOSLEEP, Call.NANOSLEEP, Call.GETTIMEOFDAY,
        Call.GETRANDOM, Call.GETRUSAGE, Call.SYSINFO, Call.UNAME, Call.EXIT, Call.EXIT_GROUP,
    };
    /** Call by call: nothing of this is ever made by mistake. */
    private static final Call[] NEVER = {
        Call.EXECVE, Call.EXECVEAT, Call.FORK, Call.VFORK, Call.PTRACE, Call.PROCESS_VM_READV,
        Call.PROCESS_VM_WRITEV, Call.PROCESS_MADVISE, Call.PIDFD_OPEN, Call.PIDFD_GETFD, Call.KCMP,
        Call.PIDFD_SEND_SIGNAL, Call.RT_SIGQUEUEINFO, Call.RT_TGSIGQUEUEINFO, Call.TKILL,
        Call.CREAT, Call.OPENAT2, Call.OPEN_BY_HANDLE_AT, Call.NAME_TO_HANDLE_AT, Call.LINK,
        Call.LINKAT, Call.SYMLINK, Call.SYMLINKAT, Call.RENAME, Call.RENAMEAT, Call.RENAMEAT2,
        Call.MKNOD, Call.MKNODAT, Call.MKDIR, Call.MKDIRAT, Call.UNLINK, Call.UNLINKAT,
        Call.TRUNCATE, Call.CHMOD, Call.FCHMODAT, Call.CHOWN, Call.FCHOWNAT,
        Call.MOUNT, Call.UMOUNT2, Call.PIVOT_ROOT, Call.CHROOT, Call.MOVE_MOUNT, Call.OPEN_TREE,
        Call.FSOPEN, Call.FSCONFIG, Call.FSMOUNT, Call.FSPICK, Call.MOUNT_SETATTR,
        Call.UNSHARE, Call.SETNS, Call.SETUID, Call.SETGID, Call.SETREUID, Call.SETREGID,
        Call.SETRESUID, Call.SETRESGID, Call.SETFSUID, Call.SETFSGID, Call.SETGROUPS, Call.CAPSET,
        Call.SETHOSTNAME, Call.SETDOMAINNAME, Call.BPF, Call.PERF_EVENT_OPEN, Call.IO_URING_SETUP,
        Call.IO_URING_ENTER, Call.IO_URING_REGISTER, Call.USERFAULTFD, Call.KEYCTL, Call.ADD_KEY,
        Call.REQUEST_KEY, Call.INIT_MODULE, Call.FINIT_MODULE, Call.DELETE_MODULE,
        Call.KEXEC_LOAD, Call.KEXEC_FILE_LOAD, Call.REBOOT, Call.SWAPON, Call.SWAPOFF, Call.ACCT,
        Call.QUOTACTL, Call.SYSLOG, Call.IOPL, Call.IOPERM, Call.MODIFY_LDT, Call.PERSONALITY,
        Call.SETTIMEOFDAY, Call.CLOCK_SETTIME, Call.ADJTIMEX, Call.CLOCK_ADJTIME,
        Call.FANOTIFY_INIT,
    };

    private static final int[] SOCKET_OPTIONS = {
        Sockets.SO_REUSEADDR, Sockets.SO_KEEPALIVE, Sockets.SO_OOBINLINE, Sockets.SO_LINGER,
        Sockets.SO_SNDBUF, Sockets.SO_RCVBUF, Sockets.SO_BINDTODEVICE, Sockets.SO_BINDTOIFINDEX,
        Sockets.SO_PEEK_OFF,
    };
    private static final int[] TCP_OPTIONS = {
        Sockets.TCP_NODELAY, Sockets.TCP_MAXSEG, Sockets.TCP_QUICKACK,
    };
    private static final int[] IPV4_OPTIONS = {
        Sockets.IP_PKTINFO, Sockets.IP_RECVERR, Sockets.IP_FREEBIND, Sockets.IP_TTL,
        Sockets.IP_MULTICAST_TTL,
    };
    private static final int[] IPV6_OPTIONS = {
        Sockets.IPV6_V6ONLY, Sockets.IPV6_RECVPKTINFO, Sockets.IPV6_RECVERR,
        Sockets.IPV6_FREEBIND, Sockets.IPV6_UNICAST_HOPS, Sockets.IPV6_MULTICAST_HOPS,
    };

    private static final int SOCK_TYPE_MASK = 0xf;
    // linux/netfilter_ipv4/ip_tables.h, linux/netfilter_ipv6/ip6_tables.h.
    /** Where options of IPv4 end and those of its firewall begin. */
    private static final int IPT_BASE_CTL = 64;
    private static final int IP6T_SO_SET_REPLACE = 64;
    private static final int IP6T_SO_SET_ADD_COUNTERS = 65;
    /** IPv6 itself has options up to 80; others begin at 96. */
    private static final int IPV6_OPTIONS_END = 96;

    private CallPolicy() {
    }

    /**
     * The filter for this process.
     *
     * @param processId as the process itself sees it
     */
    static Filter filter(Machine machine, IsolationSettings settings, int processId) {
        Filter filter = new Filter(machine, Verdict.fail(Errno.EPERM));
        filter.answer(Verdict.ALLOW, SOCKETS);
        filter.answer(Verdict.ALLOW, OPEN_FILES);
        filter.answer(Verdict.ALLOW, JVM);
        filter.answer(Verdict.KILL, NEVER);
        if (settings.namespace()) filter.answer(Verdict.ALLOW, Call.SPLICE, Call.PIPE2);
        if (settings.command()) filter.answer(Verdict.ALLOW, Call.WAITID);
        filter.check(Call.SOCKET, socket());
        filter.check(Call.SETSOCKOPT, setSocketOption());
        filter.check(Call.IOCTL, ioctl(settings.command()));
        filter.check(Call.FCNTL, fcntl());
        // The whole machine's memory is not ours to wear out.
        filter.check(Call.MADVISE, new Code().argument(2).giveIf(Verdict.KILL,
                LazyMemory.MADV_HWPOISON, LazyMemory.MADV_SOFT_OFFLINE).give(Verdict.ALLOW));
        filter.check(Call.OPENAT, openAt(settings.watchedDirectory()));
        filter.check(Call.OPEN, open(1).give(Verdict.fail(Errno.ENOENT)));
        filter.check(Call.NEWFSTATAT, new Code().argument(3)
                .giveIf(Verdict.ALLOW, Files.AT_EMPTY_PATH).give(Verdict.fail(Errno.ENOENT)));
        filter.check(Call.PRCTL, new Code().argument(0)
                .giveIf(Verdict.ALLOW, Processes.PR_SET_NAME, Processes.PR_GET_NAME,
                        Processes.PR_SET_VMA)
                .give(Verdict.fail(Errno.EPERM)));
        // Only asking: the second pointer is that to new limits.
        filter.check(Call.PRLIMIT64, new Code().argument(2).giveUnless(Verdict.KILL, 0)
                .upperHalf(2).giveUnless(Verdict.KILL, 0).give(Verdict.ALLOW));
        // No thread is started after this; one that is tells of a bug, a process of an intruder.
        filter.check(Call.CLONE, new Code().argument(0).mask(Processes.CLONE_THREAD)
                .giveUnless(Verdict.KILL, Processes.CLONE_THREAD).give(Verdict.fail(Errno.EAGAIN)));
        filter.answer(Verdict.fail(Errno.ENOSYS), Call.CLONE3);
        filter.check(Call.TGKILL, new Code().argument(0)
                .giveIf(Verdict.ALLOW, processId).give(Verdict.KILL));
        // The command's process group is asked whether it is still there.
        filter.check(Call.KILL, settings.command()
                ? new Code().argument(1).giveIf(Verdict.ALLOW, 0).give(Verdict.KILL)
                : Code.answer(Verdict.KILL));
        return filter;
    }

    /** TCP, UDP and ping, over IPv4 and IPv6. */
    private static Code socket() {
        return new Code().argument(0)
                // if_indextoname(3) would; it fails, as if there were no such interface.
                .giveIf(Verdict.fail(Errno.EPERM), Sockets.AF_UNIX)
                .argument(1).mask(SOCK_TYPE_MASK)
                .giveIf(Verdict.KILL, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
                .argument(0)
                .when(Sockets.AF_INET, usualOr(Sockets.IPPROTO_ICMP))
                .when(Sockets.AF_INET6, usualOr(Sockets.IPPROTO_ICMPV6))
                .give(Verdict.KILL);
    }

    /**
     * The protocol that a family has for each type of socket (TCP, UDP), or another one. By any
     * other number the kernel would load a module, such as that of SCTP or L2TP.
     */
    private static Code usualOr(int protocol) {
        return new Code().argument(2).giveIf(Verdict.ALLOW, 0, protocol).give(Verdict.KILL);
    }

    /**
     * Those that the loop sets. Programs for the kernel and firewall rules end it; the rest, of
     * which many are code of the kernel's that is seldom used (TLS, repair of connections), fails.
     */
    private static Code setSocketOption() {
        return new Code().argument(1)
                .when(Sockets.SOL_SOCKET, new Code().argument(2)
                        .giveIf(Verdict.ALLOW, SOCKET_OPTIONS)
                        .giveIf(Verdict.KILL, Sockets.SO_ATTACH_FILTER, Sockets.SO_ATTACH_BPF,
                                Sockets.SO_ATTACH_REUSEPORT_CBPF, Sockets.SO_ATTACH_REUSEPORT_EBPF)
                        .give(Verdict.fail(Errno.EPERM)))
                .when(Sockets.IPPROTO_TCP, new Code().argument(2)
                        .giveIf(Verdict.ALLOW, TCP_OPTIONS).give(Verdict.fail(Errno.EPERM)))
                .when(Sockets.IPPROTO_UDP, new Code().argument(2)
                        .giveIf(Verdict.ALLOW, Sockets.UDP_GRO).give(Verdict.fail(Errno.EPERM)))
                .when(Sockets.IPPROTO_IP, new Code().argument(2)
                        .giveIf(Verdict.ALLOW, IPV4_OPTIONS)
                        .giveFrom(Verdict.KILL, IPT_BASE_CTL).give(Verdict.fail(Errno.EPERM)))
                .when(Sockets.IPPROTO_IPV6, new Code().argument(2)
                        .giveIf(Verdict.ALLOW, IPV6_OPTIONS)
                        .giveIf(Verdict.KILL, IP6T_SO_SET_REPLACE, IP6T_SO_SET_ADD_COUNTERS)
                        .giveFrom(Verdict.KILL, IPV6_OPTIONS_END).give(Verdict.fail(Errno.EPERM)))
                .give(Verdict.fail(Errno.EPERM));
    }

    private static Code ioctl(boolean terminal) {
        Code code = new Code().argument(1);
        if (terminal) code.giveIf(Verdict.ALLOW, Files.TIOCGPGRP, Files.TIOCSPGRP);
        return code.giveIf(Verdict.KILL, Files.TIOCSTI, Files.TIOCLINUX)
                .give(Verdict.fail(Errno.EPERM));
    }

    private static Code fcntl() {
        return new Code().argument(1)
                .giveIf(Verdict.ALLOW, Files.F_GETFD, Files.F_SETFD, Files.F_GETFL,
                        Files.F_SETFL, Files.F_DUPFD_CLOEXEC, Files.F_SETPIPE_SZ,
                        Files.F_GETPIPE_SZ)
                .give(Verdict.fail(Errno.EPERM));
    }

    /**
     * Nothing can be opened: to a JVM the file system looks empty, as it is. Only in the directory
     * of the namespace it may be seen whether a file is there.
     */
    private static Code openAt(int directory) {
        Code code = open(2);
        if (directory >= 0) {
            code.argument(0).giveUnless(Verdict.fail(Errno.ENOENT), directory)
                    .argument(2).giveIf(Verdict.ALLOW, Files.O_PATH | Files.O_CLOEXEC);
        }
        return code.give(Verdict.fail(Errno.ENOENT));
    }

    /** Whoever opens a file to change it is an intruder; goes on for the others. */
    private static Code open(int flags) {
        return new Code().argument(flags).giveIfSet(Verdict.KILL,
                Files.O_ACCMODE | Files.O_CREAT | Files.O_TRUNC | Files.O_TMPFILE_BIT);
    }
}
