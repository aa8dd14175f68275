// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.LazyMemory;
import jpasst.linux.Processes;
import jpasst.linux.Sockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallPolicyTest {
    private static final int PID = 4711;
    private static final int WATCHED = 9;
    private static final IsolationSettings PASST = new IsolationSettings(false, false, -1, false);
    private static final IsolationSettings JOINED =
            new IsolationSettings(true, false, WATCHED, false);
    private static final IsolationSettings COMMAND = new IsolationSettings(true, true, -1, false);
    private static final List<IsolationSettings> ALL = List.of(PASST, JOINED, COMMAND);

    private static int ask(Machine machine, IsolationSettings settings, Call call,
            long... arguments) {
        var program = CallPolicy.filter(machine, settings, PID).program();
        return new Interpreter(program).run(machine.auditArchitecture(), call.number(machine),
                arguments);
    }

    private static void expect(int verdict, List<IsolationSettings> settings, Call call,
            long... arguments) {
        for (var machine : Machine.values()) {
            if (call.number(machine) < 0) continue;
            for (var each : settings) {
                assertEquals(verdict, ask(machine, each, call, arguments),
                        call + " on " + machine + " with " + each);
            }
        }
    }

    /** All rights that an argument could bring: each bit alone, and all. */
    private static long[] words() {
        return IntStream.concat(IntStream.range(0, 32).map(bit -> 1 << bit), IntStream.of(0, -1))
                .mapToLong(word -> word & 0xffff_ffffL).toArray();
    }

    @Test
    void killsWhatOnlyAnIntruderWants() {
        for (var call : List.of(Call.EXECVE, Call.EXECVEAT, Call.FORK, Call.VFORK, Call.PTRACE,
                Call.MOUNT, Call.PIVOT_ROOT, Call.SETNS, Call.UNSHARE, Call.BPF,
                Call.IO_URING_SETUP, Call.PERF_EVENT_OPEN, Call.KEYCTL, Call.PROCESS_VM_WRITEV,
                Call.KEXEC_LOAD, Call.OPENAT2, Call.UNLINKAT, Call.CAPSET, Call.PIDFD_OPEN)) {
            for (long word : words()) expect(Verdict.KILL, ALL, call, word, word, word, word);
        }
    }

    @Test
    void allowsWhatTheLoopCalls() {
        for (var call : List.of(Call.READ, Call.WRITEV, Call.SENDMSG, Call.RECVMMSG, Call.ACCEPT4,
                Call.EPOLL_PWAIT2, Call.EPOLL_PWAIT, Call.FUTEX, Call.MMAP, Call.MPROTECT,
                Call.EXIT_GROUP, Call.RT_SIGRETURN, Call.CLOSE)) {
            expect(Verdict.ALLOW, ALL, call, -1, -1, -1, -1, -1, -1);
        }
        expect(Verdict.ALLOW, List.of(JOINED, COMMAND), Call.SPLICE);
        expect(Verdict.fail(Errno.EPERM), List.of(PASST), Call.SPLICE);
        expect(Verdict.ALLOW, List.of(COMMAND), Call.WAITID);
        expect(Verdict.fail(Errno.EPERM), List.of(PASST, JOINED), Call.WAITID);
    }

    @Test
    void makesSocketsOfTcpUdpAndPingOnly() {
        for (int family = 0; family < 64; family++) {
            for (int type = 0; type < 16; type++) {
                boolean good = (family == Sockets.AF_INET || family == Sockets.AF_INET6)
                        && (type == Sockets.SOCK_STREAM || type == Sockets.SOCK_DGRAM);
                int verdict = family == Sockets.AF_UNIX ? Verdict.fail(Errno.EPERM)
                        : good ? Verdict.ALLOW : Verdict.KILL;
                expect(verdict, ALL, Call.SOCKET, family,
                        type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
            }
        }
    }

    /** Such as SCTP (132), L2TP (115), UDP-Lite (136), SMC (256), MPTCP (262). */
    @Test
    void makesNoSocketsOfOtherProtocols() {
        for (int family : new int[] {Sockets.AF_INET, Sockets.AF_INET6}) {
            int ping = family == Sockets.AF_INET ? Sockets.IPPROTO_ICMP : Sockets.IPPROTO_ICMPV6;
            for (int protocol = -1; protocol < 300; protocol++) {
                int verdict = protocol == 0 || protocol == ping ? Verdict.ALLOW : Verdict.KILL;
                expect(verdict, ALL, Call.SOCKET, family, Sockets.SOCK_STREAM, protocol);
                expect(verdict, ALL, Call.SOCKET, family, Sockets.SOCK_DGRAM, protocol);
            }
        }
    }

    @Test
    void takesNoMemoryFromTheMachine() {
        expect(Verdict.ALLOW, ALL, Call.MADVISE, 0, 4096, 4);
        expect(Verdict.KILL, ALL, Call.MADVISE, 0, 4096, LazyMemory.MADV_HWPOISON);
        expect(Verdict.KILL, ALL, Call.MADVISE, 0, 4096, LazyMemory.MADV_SOFT_OFFLINE);
    }

    @Test
    void opensNothing() {
        for (long dirfd : new long[] {Files.AT_FDCWD, 0, 3, WATCHED}) {
            for (int flags : new int[] {Files.O_WRONLY, Files.O_RDWR, Files.O_ACCMODE,
                    Files.O_CREAT, Files.O_TRUNC, Files.O_TMPFILE_BIT | Files.O_DIRECTORY,
                    Files.O_PATH | Files.O_CREAT}) {
                expect(Verdict.KILL, ALL, Call.OPENAT, dirfd, 0, flags);
                expect(Verdict.KILL, ALL, Call.OPEN, 0, flags);
            }
            for (int flags : new int[] {0, Files.O_CLOEXEC, Files.O_DIRECTORY, Files.O_PATH,
                    Files.O_PATH | Files.O_CLOEXEC | Files.O_DIRECTORY}) {
                expect(Verdict.fail(Errno.ENOENT), ALL, Call.OPENAT, dirfd, 0, flags);
            }
        }
    }

    @Test
    void looksForAFileOnlyInTheWatchedDirectory() {
        int flags = Files.O_PATH | Files.O_CLOEXEC;
        expect(Verdict.ALLOW, List.of(JOINED), Call.OPENAT, WATCHED, 0, flags);
        expect(Verdict.fail(Errno.ENOENT), List.of(PASST, COMMAND), Call.OPENAT, WATCHED, 0, flags);
        expect(Verdict.fail(Errno.ENOENT), ALL, Call.OPENAT, Files.AT_FDCWD, 0, flags);
        expect(Verdict.fail(Errno.ENOENT), ALL, Call.OPENAT, WATCHED + 1, 0, flags);
    }

    @Test
    void signalsNobodyElse() {
        expect(Verdict.ALLOW, ALL, Call.TGKILL, PID, 1, 6);
        expect(Verdict.KILL, ALL, Call.TGKILL, PID + 1, 1, 6);
        expect(Verdict.KILL, List.of(PASST, JOINED), Call.KILL, 1, 0);
        expect(Verdict.ALLOW, List.of(COMMAND), Call.KILL, -PID, 0);
        expect(Verdict.KILL, List.of(COMMAND), Call.KILL, -PID, 15);
    }

    @Test
    void startsNothing() {
        int thread = Processes.CLONE_THREAD;
        expect(Verdict.fail(Errno.EAGAIN), ALL, Call.CLONE, 0x3d0f00 | thread);
        expect(Verdict.KILL, ALL, Call.CLONE, 17);
        expect(Verdict.KILL, ALL, Call.CLONE, 0x4111);
        expect(Verdict.KILL, ALL, Call.CLONE, Processes.CLONE_NEWUSER);
        expect(Verdict.fail(Errno.ENOSYS), ALL, Call.CLONE3);
    }

    @Test
    void givesTheKernelNoProgramsAndNoFirewallRules() {
        expect(Verdict.KILL, ALL, Call.SETSOCKOPT, 5, Sockets.SOL_SOCKET, Sockets.SO_ATTACH_FILTER);
        expect(Verdict.KILL, ALL, Call.SETSOCKOPT, 5, Sockets.SOL_SOCKET, Sockets.SO_ATTACH_BPF);
        expect(Verdict.ALLOW, ALL, Call.SETSOCKOPT, 5, Sockets.SOL_SOCKET, Sockets.SO_PEEK_OFF);
        expect(Verdict.KILL, ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_IP, 64);
        expect(Verdict.KILL, ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_IPV6, 64);
        expect(Verdict.KILL, ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_IPV6, 96);
        expect(Verdict.fail(Errno.EPERM), ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_RAW, 1);
    }

    /** What takes capabilities, or leads to seldom used parts of the kernel. */
    @Test
    void setsNoUnusualOptions() {
        int tcpUpperLayer = 31;
        for (int option : new int[] {Sockets.TCP_REPAIR, Sockets.TCP_CONGESTION, tcpUpperLayer})
            expect(Verdict.fail(Errno.EPERM), ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_TCP, option);
        for (int option : new int[] {Sockets.SO_MARK, Sockets.SO_RCVBUFFORCE})
            expect(Verdict.fail(Errno.EPERM), ALL, Call.SETSOCKOPT, 5, Sockets.SOL_SOCKET, option);
        expect(Verdict.fail(Errno.EPERM), ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_IP,
                Sockets.IP_TRANSPARENT);
        int encapsulation = 100;
        expect(Verdict.fail(Errno.EPERM), ALL, Call.SETSOCKOPT, 5, Sockets.IPPROTO_UDP,
                encapsulation);
    }

    @Test
    void typesNothingIntoTheTerminal() {
        expect(Verdict.KILL, ALL, Call.IOCTL, 0, Files.TIOCSTI);
        expect(Verdict.KILL, ALL, Call.IOCTL, 0, Files.TIOCLINUX);
        expect(Verdict.ALLOW, List.of(COMMAND), Call.IOCTL, 0, Files.TIOCSPGRP);
        expect(Verdict.fail(Errno.EPERM), List.of(PASST, JOINED), Call.IOCTL, 0, Files.TIOCSPGRP);
        expect(Verdict.fail(Errno.EPERM), ALL, Call.IOCTL, 5, 0x8914);
    }

    @Test
    void asksForLimitsButSetsNone() {
        expect(Verdict.ALLOW, ALL, Call.PRLIMIT64, 0, 7, 0, -1);
        expect(Verdict.KILL, ALL, Call.PRLIMIT64, 0, 7, 16, 0);
        expect(Verdict.KILL, ALL, Call.PRLIMIT64, 0, 7, 1L << 40, 0);
        expect(Verdict.fail(Errno.EPERM), ALL, Call.PRCTL, Processes.PR_SET_DUMPABLE, 1);
        expect(Verdict.ALLOW, ALL, Call.PRCTL, Processes.PR_SET_NAME, 1);
    }

    @ParameterizedTest
    @EnumSource(Machine.class)
    void failsCallsOfLaterKernels(Machine machine) {
        for (var settings : ALL) {
            var program = CallPolicy.filter(machine, settings, PID).program();
            assertEquals(Verdict.fail(Errno.EPERM),
                    new Interpreter(program).run(machine.auditArchitecture(), 999));
        }
    }
}
