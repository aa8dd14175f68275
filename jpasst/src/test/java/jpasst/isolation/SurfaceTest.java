// SPDX-License-Identifier: Apache-2.0
package jpasst.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jpasst.linux.Sockets;
import org.junit.jupiter.api.Test;

/**
 * All that the program can ask of the kernel, as its sources name it, against the filter. Whoever
 * uses another function or option says here whether that is before the sandbox is there or after.
 */
class SurfaceTest {
    private static final Path SOURCES = Path.of("src/main/java/jpasst");
    private static final Pattern FUNCTION = Pattern.compile(
            "Native\\.function\\(\"(\\w+)\"\\)|SystemCall\\.call\\(\\s*SystemCall\\.(\\w+)");
    private static final Pattern OPTION =
            Pattern.compile("Sockets\\s*\\.((?:SO|TCP|UDP|IP|IPV6)_[A-Z0-9_]+)");

    /** Of the functions that are called in the sandbox, what the C library makes of them. */
    private static final Map<String, Call> AFTER = Map.ofEntries(
            Map.entry("_exit", Call.EXIT_GROUP), Map.entry("accept4", Call.ACCEPT4),
            Map.entry("bind", Call.BIND), Map.entry("clock_gettime", Call.CLOCK_GETTIME),
            Map.entry("close", Call.CLOSE), Map.entry("connect", Call.CONNECT),
            Map.entry("dup3", Call.DUP3), Map.entry("epoll_ctl", Call.EPOLL_CTL),
            Map.entry("epoll_wait", Call.EPOLL_WAIT), Map.entry("EPOLL_PWAIT2", Call.EPOLL_PWAIT2),
            Map.entry("fallocate", Call.FALLOCATE), Map.entry("ftruncate", Call.FTRUNCATE),
            Map.entry("getpeername", Call.GETPEERNAME), Map.entry("getpid", Call.GETPID),
            Map.entry("getrandom", Call.GETRANDOM), Map.entry("getrlimit", Call.PRLIMIT64),
            Map.entry("getsockname", Call.GETSOCKNAME), Map.entry("getsockopt", Call.GETSOCKOPT),
            Map.entry("gettid", Call.GETTID), Map.entry("listen", Call.LISTEN),
            Map.entry("lseek", Call.LSEEK), Map.entry("mmap", Call.MMAP),
            Map.entry("munmap", Call.MUNMAP), Map.entry("pipe2", Call.PIPE2),
            Map.entry("poll", Call.POLL), Map.entry("pread", Call.PREAD64),
            Map.entry("pthread_sigmask", Call.RT_SIGPROCMASK), Map.entry("pwrite", Call.PWRITE64),
            Map.entry("read", Call.READ), Map.entry("readv", Call.READV),
            Map.entry("recv", Call.RECVFROM), Map.entry("recvmmsg", Call.RECVMMSG),
            Map.entry("recvmsg", Call.RECVMSG), Map.entry("send", Call.SENDTO),
            Map.entry("sendmmsg", Call.SENDMMSG), Map.entry("sendmsg", Call.SENDMSG),
            Map.entry("shutdown", Call.SHUTDOWN), Map.entry("splice", Call.SPLICE),
            Map.entry("timerfd_settime", Call.TIMERFD_SETTIME), Map.entry("waitid", Call.WAITID),
            Map.entry("write", Call.WRITE), Map.entry("writev", Call.WRITEV));
    /** What is allowed depends on their arguments; CallPolicyTest has those. */
    private static final Set<String> BY_ARGUMENT = Set.of("fcntl", "ioctl", "kill", "openat",
            "setsockopt", "socket", "tcgetpgrp", "tcsetpgrp");
    private static final Set<String> BEFORE = Set.of("access", "capget", "capset", "chroot",
            "CLOSE_RANGE", "epoll_create1", "eventfd", "flock", "fstatfs", "getegid", "geteuid",
            "getgid", "getpagesize", "getpgrp", "getuid", "if_indextoname", "if_nametoindex",
            "inotify_add_watch", "inotify_init1", "mkdir", "mount", "OPEN_TREE", "PIDFD_OPEN",
            "PIDFD_SEND_SIGNAL", "PIVOT_ROOT", "posix_spawn_file_actions_adddup2",
            "posix_spawn_file_actions_destroy", "posix_spawn_file_actions_init",
            "posix_spawnattr_destroy", "posix_spawnattr_init", "posix_spawnattr_setflags",
            "posix_spawnattr_setsigdefault", "posix_spawnattr_setsigmask", "posix_spawnp", "prctl",
            "readlink", "SECCOMP", "sethostname", "setns", "setrlimit", "signal", "signalfd",
            "socketpair", "syscall", "timerfd_create", "umount2", "unshare");

    private static final Map<String, Integer> OPTIONS_AFTER = Map.ofEntries(
            Map.entry("SO_BINDTODEVICE", Sockets.SOL_SOCKET),
            Map.entry("SO_BINDTOIFINDEX", Sockets.SOL_SOCKET),
            Map.entry("SO_KEEPALIVE", Sockets.SOL_SOCKET),
            Map.entry("SO_LINGER", Sockets.SOL_SOCKET),
            Map.entry("SO_OOBINLINE", Sockets.SOL_SOCKET),
            Map.entry("SO_PEEK_OFF", Sockets.SOL_SOCKET),
            Map.entry("SO_RCVBUF", Sockets.SOL_SOCKET),
            Map.entry("SO_REUSEADDR", Sockets.SOL_SOCKET),
            Map.entry("SO_SNDBUF", Sockets.SOL_SOCKET),
            Map.entry("TCP_MAXSEG", Sockets.IPPROTO_TCP),
            Map.entry("TCP_NODELAY", Sockets.IPPROTO_TCP),
            Map.entry("TCP_QUICKACK", Sockets.IPPROTO_TCP),
            Map.entry("UDP_GRO", Sockets.IPPROTO_UDP),
            Map.entry("IP_FREEBIND", Sockets.IPPROTO_IP),
            Map.entry("IP_MULTICAST_TTL", Sockets.IPPROTO_IP),
            Map.entry("IP_PKTINFO", Sockets.IPPROTO_IP),
            Map.entry("IP_RECVERR", Sockets.IPPROTO_IP),
            Map.entry("IP_TTL", Sockets.IPPROTO_IP),
            Map.entry("IPV6_FREEBIND", Sockets.IPPROTO_IPV6),
            Map.entry("IPV6_MULTICAST_HOPS", Sockets.IPPROTO_IPV6),
            Map.entry("IPV6_RECVERR", Sockets.IPPROTO_IPV6),
            Map.entry("IPV6_RECVPKTINFO", Sockets.IPPROTO_IPV6),
            Map.entry("IPV6_UNICAST_HOPS", Sockets.IPPROTO_IPV6),
            Map.entry("IPV6_V6ONLY", Sockets.IPPROTO_IPV6));
    /** Only asked for, or in ancillary data; or no options but states. */
    private static final Set<String> NOT_SET =
            Set.of("IPV6_PKTINFO", "TCP_CLOSE", "TCP_LISTEN", "UDP_SEGMENT");
    /** By a function of its own. */
    private static final String LINGER = "SO_LINGER";

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static Set<String> names(Pattern pattern, boolean inLinux) throws IOException {
        var names = new TreeSet<String>();
        for (var file : sources()) {
            if (file.startsWith(SOURCES.resolve("isolation"))) continue;
            if (file.startsWith(SOURCES.resolve("linux")) != inLinux) continue;
            var matcher = pattern.matcher(Files.readString(file));
            while (matcher.find()) {
                names.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
            }
        }
        return names;
    }

    private static int ask(Machine machine, Call call, long... arguments) {
        var settings = new IsolationSettings(true, true, -1, false);
        return new Interpreter(CallPolicy.filter(machine, settings, 1).program())
                .run(machine.auditArchitecture(), call.number(machine), arguments);
    }

    @Test
    void everyFunctionIsKnown() throws IOException {
        var known = new TreeSet<>(AFTER.keySet());
        known.addAll(BY_ARGUMENT);
        known.addAll(BEFORE);
        assertEquals(known, names(FUNCTION, true));
    }

    @Test
    void whatIsCalledInTheSandboxIsAllowed() {
        for (var machine : Machine.values()) {
            AFTER.forEach((function, call) -> {
                if (call.number(machine) < 0) return;
                assertEquals(Verdict.ALLOW, ask(machine, call), function + " on " + machine);
            });
        }
    }

    @Test
    void everySocketOptionIsKnown() throws IOException {
        var known = new TreeSet<>(OPTIONS_AFTER.keySet());
        known.addAll(NOT_SET);
        var named = names(OPTION, false);
        assertTrue(named.add(LINGER), "now it is named");
        assertEquals(known, named);
    }

    @Test
    void optionsThatAreSetInTheSandboxAreAllowed() throws ReflectiveOperationException {
        for (var machine : Machine.values()) {
            for (var option : OPTIONS_AFTER.entrySet()) {
                int number = Sockets.class.getField(option.getKey()).getInt(null);
                assertEquals(Verdict.ALLOW,
                        ask(machine, Call.SETSOCKOPT, 5, option.getValue(), number),
                        option.getKey() + " on " + machine);
            }
        }
    }
}
