// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares every constant, size and offset of the package with the C headers. A constant that is
 * not private is compared with what C calls by the same name, unless the table below says what
 * to compare it with ({@code FIELD=expression}), or that C does not know it ({@code FIELD}
 * alone). So a new constant of the kernel needs no line here, a new field of a struct one.
 */
class HeadersTest {
    /** Macros newer than the headers of some distributions we build on. */
    private static final List<String> NEWER = List.of("TUN_F_USO4", "TUN_F_USO6",
            "VIRTIO_NET_HDR_GSO_UDP_L4", "IP_LOCAL_PORT_RANGE", "SYS_epoll_pwait2");

    record Unit(Class<?> type, String[] includes, String... table) {
        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    private static String[] h(String... includes) {
        return includes;
    }

    static List<Unit> units() {
        return List.of(
            new Unit(Errno.class, h("errno.h")),
            new Unit(jpasst.linux.Files.class, h("fcntl.h", "poll.h", "sys/uio.h",
                "unistd.h", "sys/vfs.h", "sys/file.h", "linux/magic.h", "linux/limits.h",
                "sys/ioctl.h"),
                "O_TMPFILE_BIT=__O_TMPFILE & ~O_DIRECTORY",
                "IOVEC_LENGTH=sizeof(struct iovec)", "0=offsetof(struct iovec, iov_base)",
                "8=offsetof(struct iovec, iov_len)", "POLLFD_LENGTH=sizeof(struct pollfd)",
                "4=offsetof(struct pollfd, events)", "6=offsetof(struct pollfd, revents)",
                "STATFS_LENGTH=sizeof(struct statfs)", "0=offsetof(struct statfs, f_type)"),
            new Unit(RegularFiles.class, h("unistd.h", "linux/falloc.h")),
            new Unit(Sockets.class, h("sys/socket.h", "netinet/in.h", "netinet/tcp.h",
                "netinet/udp.h", "sys/ioctl.h", "linux/sockios.h", "linux/sock_diag.h"),
                "MEMINFO_LENGTH=SK_MEMINFO_VARS * 4", "8=sizeof(struct linger)",
                "0=offsetof(struct linger, l_onoff)", "4=offsetof(struct linger, l_linger)"),
            new Unit(Epoll.class, h("sys/epoll.h")),
            new Unit(EpollEvent.class, h("sys/epoll.h"), "LENGTH=sizeof(struct epoll_event)",
                "EVENTS=offsetof(struct epoll_event, events)",
                "DATA=offsetof(struct epoll_event, data)"),
            new Unit(Clock.class, h("time.h")),
            new Unit(Timespec.class, h("time.h"), "LENGTH=sizeof(struct timespec)",
                "SECONDS=offsetof(struct timespec, tv_sec)",
                "NANOSECONDS=offsetof(struct timespec, tv_nsec)"),
            new Unit(Timers.class, h("sys/timerfd.h", "sys/eventfd.h"),
                "ITIMERSPEC_LENGTH=sizeof(struct itimerspec)",
                "ITIMERSPEC_VALUE=offsetof(struct itimerspec, it_value)"),
            new Unit(SystemCall.class, h("sys/syscall.h"),
                "PIDFD_SEND_SIGNAL=SYS_pidfd_send_signal", "PIDFD_OPEN=SYS_pidfd_open",
                "EPOLL_PWAIT2=SYS_epoll_pwait2", "CLOSE_RANGE=SYS_close_range",
                "PIVOT_ROOT=SYS_pivot_root", "SECCOMP=SYS_seccomp",
                "OPEN_TREE=SYS_open_tree"),
            new Unit(Native.class, h("stddef.h"), "SCRATCH_LENGTH"),
            new Unit(Processes.class, h("sched.h", "sys/wait.h", "sys/prctl.h",
                "sys/resource.h", "signal.h", "linux/close_range.h"),
                "SIGINFO_LENGTH=sizeof(siginfo_t)", "SIGINFO_CODE=offsetof(siginfo_t, si_code)",
                "SIGINFO_PID=offsetof(siginfo_t, si_pid)",
                "SIGINFO_STATUS=offsetof(siginfo_t, si_status)",
                "RLIMIT_LENGTH=sizeof(struct rlimit)", "0=offsetof(struct rlimit, rlim_cur)",
                "8=offsetof(struct rlimit, rlim_max)"),
            new Unit(Spawn.class, h("spawn.h"), "SETPGROUP=POSIX_SPAWN_SETPGROUP",
                "SETSIGDEF=POSIX_SPAWN_SETSIGDEF",
                "SETSIGMASK=POSIX_SPAWN_SETSIGMASK",
                "ATTRIBUTES_LENGTH=sizeof(posix_spawnattr_t)",
                "FILE_ACTIONS_LENGTH=sizeof(posix_spawn_file_actions_t)"),
            new Unit(Signals.class, h("signal.h", "sys/signalfd.h"),
                "SIGNALFD_INFO_LENGTH=sizeof(struct signalfd_siginfo)",
                "0=offsetof(struct signalfd_siginfo, ssi_signo)", "SET_LENGTH=sizeof(sigset_t)"),
            new Unit(Capabilities.class, h("linux/capability.h"),
                "VERSION=_LINUX_CAPABILITY_VERSION_3",
                "HEADER_LENGTH=sizeof(struct __user_cap_header_struct)",
                "DATA_LENGTH=sizeof(struct __user_cap_data_struct)",
                "0=offsetof(struct __user_cap_data_struct, effective)",
                "4=offsetof(struct __user_cap_data_struct, permitted)",
                "8=offsetof(struct __user_cap_data_struct, inheritable)",
                "2=_LINUX_CAPABILITY_U32S_3"),
            new Unit(Mounts.class, h("sys/mount.h")),
            new Unit(LazyMemory.class, h("sys/mman.h", "asm/mman.h"),
                "3=PROT_READ | PROT_WRITE", "34=MAP_PRIVATE | MAP_ANONYMOUS"),
            new Unit(Seccomp.class, h("linux/seccomp.h", "linux/filter.h", "linux/audit.h",
                "asm/unistd.h"),
                "SECCOMP_RET_KILL_PROCESS=(int) SECCOMP_RET_KILL_PROCESS",
                "AUDIT_ARCH_X86_64=(int) AUDIT_ARCH_X86_64",
                "AUDIT_ARCH_AARCH64=(int) AUDIT_ARCH_AARCH64", "X32_SYSCALL_BIT",
                "DATA_NUMBER=offsetof(struct seccomp_data, nr)",
                "DATA_ARCHITECTURE=offsetof(struct seccomp_data, arch)",
                "DATA_ARGUMENTS=offsetof(struct seccomp_data, args)",
                "BPF_LOAD_WORD=BPF_LD | BPF_W | BPF_ABS", "BPF_AND=BPF_ALU | BPF_AND | BPF_K",
                "BPF_JUMP=BPF_JMP | BPF_JA", "BPF_JUMP_IF_EQUAL=BPF_JMP | BPF_JEQ | BPF_K",
                "BPF_JUMP_IF_GREATER_OR_EQUAL=BPF_JMP | BPF_JGE | BPF_K",
                "BPF_JUMP_IF_SET=BPF_JMP | BPF_JSET | BPF_K", "BPF_RETURN=BPF_RET | BPF_K",
                "INSTRUCTION_LENGTH=sizeof(struct sock_filter)",
                "PROGRAM_LENGTH=sizeof(struct sock_fprog)",
                "8=offsetof(struct sock_fprog, filter)"),
            new Unit(Inotify.class, h("sys/inotify.h"),
                "EVENT_LENGTH=sizeof(struct inotify_event)",
                "MASK=offsetof(struct inotify_event, mask)",
                "NAME_LENGTH=offsetof(struct inotify_event, len)",
                "16=offsetof(struct inotify_event, name)"),
            new Unit(Interface.class, h("net/if.h")),
            new Unit(InterfaceRequest.class, h("net/if.h", "net/if_arp.h", "sys/ioctl.h"),
                "LENGTH=sizeof(struct ifreq)", "UNION=offsetof(struct ifreq, ifr_flags)",
                "16=offsetof(struct ifreq, ifr_mtu)", "16=offsetof(struct ifreq, ifr_ifindex)",
                "16=offsetof(struct ifreq, ifr_hwaddr.sa_family)",
                "2=sizeof(((struct ifreq *) 0)->ifr_hwaddr.sa_family)",
                "2=sizeof(((struct ifreq *) 0)->ifr_flags)"),
            new Unit(Tun.class, h("sys/ioctl.h", "linux/if_tun.h")),
            new Unit(VirtioNetHeader.class, h("linux/virtio_net.h"),
                "LENGTH=sizeof(struct virtio_net_hdr)",
                "FLAGS=offsetof(struct virtio_net_hdr, flags)",
                "GSO_TYPE=offsetof(struct virtio_net_hdr, gso_type)",
                "HEADER_LENGTH=offsetof(struct virtio_net_hdr, hdr_len)",
                "GSO_SIZE=offsetof(struct virtio_net_hdr, gso_size)",
                "CHECKSUM_START=offsetof(struct virtio_net_hdr, csum_start)",
                "CHECKSUM_OFFSET=offsetof(struct virtio_net_hdr, csum_offset)",
                "NEEDS_CHECKSUM=VIRTIO_NET_HDR_F_NEEDS_CSUM",
                "DATA_VALID=VIRTIO_NET_HDR_F_DATA_VALID", "GSO_NONE=VIRTIO_NET_HDR_GSO_NONE",
                "GSO_TCPV4=VIRTIO_NET_HDR_GSO_TCPV4", "GSO_TCPV6=VIRTIO_NET_HDR_GSO_TCPV6",
                "GSO_UDP=VIRTIO_NET_HDR_GSO_UDP", "GSO_UDP_L4=VIRTIO_NET_HDR_GSO_UDP_L4",
                "GSO_ECN=VIRTIO_NET_HDR_GSO_ECN"),
            new Unit(SocketAddress.class, h("netinet/in.h"),
                "LENGTH=sizeof(struct sockaddr_in6)", "V4_LENGTH=sizeof(struct sockaddr_in)",
                "FAMILY=offsetof(struct sockaddr_in6, sin6_family)",
                "0=offsetof(struct sockaddr_in, sin_family)",
                "PORT=offsetof(struct sockaddr_in6, sin6_port)",
                "2=offsetof(struct sockaddr_in, sin_port)",
                "V4_ADDRESS=offsetof(struct sockaddr_in, sin_addr)",
                "V6_FLOW_INFO=offsetof(struct sockaddr_in6, sin6_flowinfo)",
                "V6_ADDRESS=offsetof(struct sockaddr_in6, sin6_addr)",
                "V6_SCOPE=offsetof(struct sockaddr_in6, sin6_scope_id)"),
            new Unit(UnixAddress.class, h("sys/un.h"), "LENGTH=sizeof(struct sockaddr_un)",
                "FAMILY=offsetof(struct sockaddr_un, sun_family)",
                "PATH=offsetof(struct sockaddr_un, sun_path)",
                "MAXIMUM_PATH=sizeof(((struct sockaddr_un *) 0)->sun_path) - 1"),
            new Unit(PeerCredentials.class, h("sys/socket.h"), "LENGTH=sizeof(struct ucred)",
                "PID=offsetof(struct ucred, pid)"),
            new Unit(Message.class, h("sys/socket.h"), "HEADER_LENGTH=sizeof(struct msghdr)",
                "NAME=offsetof(struct msghdr, msg_name)",
                "NAME_LENGTH=offsetof(struct msghdr, msg_namelen)",
                "IOV=offsetof(struct msghdr, msg_iov)",
                "IOV_COUNT=offsetof(struct msghdr, msg_iovlen)",
                "CONTROL=offsetof(struct msghdr, msg_control)",
                "CONTROL_LENGTH=offsetof(struct msghdr, msg_controllen)",
                "FLAGS=offsetof(struct msghdr, msg_flags)",
                "CONTROL_HEADER_LENGTH=sizeof(struct cmsghdr)",
                "CONTROL_LEVEL=offsetof(struct cmsghdr, cmsg_level)",
                "CONTROL_TYPE=offsetof(struct cmsghdr, cmsg_type)", "16=CMSG_LEN(0)",
                "24=CMSG_SPACE(1)", "24=CMSG_SPACE(8)", "32=CMSG_SPACE(9)"),
            new Unit(MessageBatch.class, h("sys/socket.h"),
                "ENTRY_LENGTH=sizeof(struct mmsghdr)",
                "TRANSFERRED=offsetof(struct mmsghdr, msg_len)"),
            new Unit(TcpInfo.class, h("linux/tcp.h"),
                "LENGTH=offsetof(struct tcp_info, tcpi_min_rtt) + 4",
                "STATE=offsetof(struct tcp_info, tcpi_state)",
                "SND_MSS=offsetof(struct tcp_info, tcpi_snd_mss)",
                "RTT=offsetof(struct tcp_info, tcpi_rtt)",
                "BYTES_ACKED=offsetof(struct tcp_info, tcpi_bytes_acked)",
                "MIN_RTT=offsetof(struct tcp_info, tcpi_min_rtt)",
                "LENGTH_WITH_MIN_RTT=offsetof(struct tcp_info, tcpi_data_segs_in)"),
            new Unit(SocketError.class, h("netinet/in.h", "time.h", "linux/errqueue.h"),
                "LENGTH=sizeof(struct sock_extended_err)", "CONTROL_DATA_LENGTH=16 + 28",
                "ERRNO=offsetof(struct sock_extended_err, ee_errno)",
                "ORIGIN=offsetof(struct sock_extended_err, ee_origin)",
                "TYPE=offsetof(struct sock_extended_err, ee_type)",
                "CODE=offsetof(struct sock_extended_err, ee_code)",
                "INFO=offsetof(struct sock_extended_err, ee_info)",
                "DATA=offsetof(struct sock_extended_err, ee_data)",
                "16=(size_t) SO_EE_OFFENDER((struct sock_extended_err *) 0)"),
            new Unit(PacketInfo.class, h("netinet/in.h"),
                "V4_LENGTH=sizeof(struct in_pktinfo)", "V6_LENGTH=sizeof(struct in6_pktinfo)",
                "V4_INDEX=offsetof(struct in_pktinfo, ipi_ifindex)",
                "V4_SOURCE=offsetof(struct in_pktinfo, ipi_spec_dst)",
                "V4_ADDRESS=offsetof(struct in_pktinfo, ipi_addr)",
                "V6_ADDRESS=offsetof(struct in6_pktinfo, ipi6_addr)",
                "V6_INDEX=offsetof(struct in6_pktinfo, ipi6_ifindex)"),
            new Unit(Netlink.class, h("sys/socket.h", "linux/netlink.h", "linux/rtnetlink.h"),
                "HEADER_LENGTH=sizeof(struct nlmsghdr)",
                "LENGTH=offsetof(struct nlmsghdr, nlmsg_len)",
                "TYPE=offsetof(struct nlmsghdr, nlmsg_type)",
                "FLAGS=offsetof(struct nlmsghdr, nlmsg_flags)",
                "SEQUENCE=offsetof(struct nlmsghdr, nlmsg_seq)",
                "PORT=offsetof(struct nlmsghdr, nlmsg_pid)",
                "ERROR=NLMSG_HDRLEN + offsetof(struct nlmsgerr, error)",
                "ERROR_ATTRIBUTES=NLMSG_HDRLEN + sizeof(struct nlmsgerr)",
                "DONE_ATTRIBUTES=NLMSG_HDRLEN + sizeof(int)",
                "ATTRIBUTE_HEADER_LENGTH=sizeof(struct rtattr)",
                "ATTRIBUTE_LENGTH=offsetof(struct rtattr, rta_len)",
                "ATTRIBUTE_TYPE=offsetof(struct rtattr, rta_type)",
                "ADDRESS_LENGTH=sizeof(struct sockaddr_nl)",
                "0=offsetof(struct sockaddr_nl, nl_family)",
                "2=sizeof(((struct sockaddr_nl *) 0)->nl_family)",
                "ADDRESS_PORT=offsetof(struct sockaddr_nl, nl_pid)",
                "ADDRESS_GROUPS=offsetof(struct sockaddr_nl, nl_groups)",
                "NLA_TYPE_MASK=NLA_TYPE_MASK & 0xffff", "4=NLMSG_ALIGNTO", "4=RTA_ALIGNTO"),
            new Unit(Rtnetlink.class, h("sys/socket.h", "linux/rtnetlink.h", "linux/if_link.h",
                "linux/if_addr.h", "linux/neighbour.h")),
            new Unit(InterfaceMessage.class, h("linux/rtnetlink.h"),
                "LENGTH=sizeof(struct ifinfomsg)", "FAMILY=offsetof(struct ifinfomsg, ifi_family)",
                "TYPE=offsetof(struct ifinfomsg, ifi_type)",
                "INDEX=offsetof(struct ifinfomsg, ifi_index)",
                "FLAGS=offsetof(struct ifinfomsg, ifi_flags)",
                "CHANGE=offsetof(struct ifinfomsg, ifi_change)"),
            new Unit(AddressMessage.class, h("linux/if_addr.h"),
                "LENGTH=sizeof(struct ifaddrmsg)", "FAMILY=offsetof(struct ifaddrmsg, ifa_family)",
                "PREFIX_LENGTH=offsetof(struct ifaddrmsg, ifa_prefixlen)",
                "FLAGS=offsetof(struct ifaddrmsg, ifa_flags)",
                "SCOPE=offsetof(struct ifaddrmsg, ifa_scope)",
                "INDEX=offsetof(struct ifaddrmsg, ifa_index)"),
            new Unit(RouteMessage.class, h("linux/rtnetlink.h"),
                "LENGTH=sizeof(struct rtmsg)", "FAMILY=offsetof(struct rtmsg, rtm_family)",
                "DESTINATION_LENGTH=offsetof(struct rtmsg, rtm_dst_len)",
                "SOURCE_LENGTH=offsetof(struct rtmsg, rtm_src_len)",
                "TYPE_OF_SERVICE=offsetof(struct rtmsg, rtm_tos)",
                "TABLE=offsetof(struct rtmsg, rtm_table)",
                "PROTOCOL=offsetof(struct rtmsg, rtm_protocol)",
                "SCOPE=offsetof(struct rtmsg, rtm_scope)", "TYPE=offsetof(struct rtmsg, rtm_type)",
                "FLAGS=offsetof(struct rtmsg, rtm_flags)"),
            new Unit(NextHop.class, h("linux/rtnetlink.h"), "LENGTH=sizeof(struct rtnexthop)",
                "TOTAL_LENGTH=offsetof(struct rtnexthop, rtnh_len)",
                "FLAGS=offsetof(struct rtnexthop, rtnh_flags)",
                "HOPS=offsetof(struct rtnexthop, rtnh_hops)",
                "INDEX=offsetof(struct rtnexthop, rtnh_ifindex)"),
            new Unit(NeighborMessage.class, h("linux/neighbour.h"),
                "LENGTH=sizeof(struct ndmsg)", "FAMILY=offsetof(struct ndmsg, ndm_family)",
                "INDEX=offsetof(struct ndmsg, ndm_ifindex)",
                "STATE=offsetof(struct ndmsg, ndm_state)",
                "FLAGS=offsetof(struct ndmsg, ndm_flags)",
                "TYPE=offsetof(struct ndmsg, ndm_type)"),
            new Unit(SocketDiagnosis.class, h("linux/sock_diag.h", "linux/inet_diag.h"),
                "REQUEST_LENGTH=sizeof(struct inet_diag_req_v2)",
                "LENGTH=sizeof(struct inet_diag_msg)",
                "REQUEST_FAMILY=offsetof(struct inet_diag_req_v2, sdiag_family)",
                "REQUEST_PROTOCOL=offsetof(struct inet_diag_req_v2, sdiag_protocol)",
                "REQUEST_STATES=offsetof(struct inet_diag_req_v2, idiag_states)",
                "STATE=offsetof(struct inet_diag_msg, idiag_state)",
                "PORT=offsetof(struct inet_diag_msg, id.idiag_sport)"));
    }

    @ParameterizedTest
    @MethodSource("units")
    void agreesWithTheHeaders(Unit unit) throws Exception {
        Map<String, Integer> constants = constants(unit.type);
        List<String> names = new ArrayList<>();
        List<Integer> ours = new ArrayList<>();
        List<String> expressions = new ArrayList<>();
        for (String line : unit.table) {
            int equals = line.indexOf('=');
            String name = equals < 0 ? line : line.substring(0, equals);
            Integer value = Character.isDigit(name.charAt(0)) ? Integer.valueOf(name)
                    : constants.remove(name);
            assertTrue(value != null, "no such constant, or twice: " + name);
            if (equals >= 0) {
                names.add(line);
                ours.add(value);
                expressions.add(line.substring(equals + 1));
            }
        }
        constants.forEach((name, value) -> {
            names.add(name);
            ours.add(value);
            expressions.add(name);
        });
        List<String> theirs = CHeaders.values(unit.includes, expressions, NEWER);
        assertEquals(expressions.size(), theirs.size());
        for (int i = 0; i < theirs.size(); i++) {
            if (!theirs.get(i).equals("absent")) {
                assertEquals((int) Long.parseLong(theirs.get(i)), ours.get(i), names.get(i));
            }
        }
    }

    @Test
    void everyConstantOfThePackageIsCompared() throws Exception {
        var covered = new TreeSet<String>();
        units().forEach(unit -> covered.add(unit.type.getSimpleName()));
        Path classes = Path.of(Errno.class.getResource("Errno.class").toURI()).getParent();
        try (var files = Files.list(classes)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (name.contains("$") || name.contains("-")) {
                    continue;
                }
                Class<?> type = Class.forName("jpasst.linux." + name);
                assertTrue(covered.contains(name) || constants(type).isEmpty(),
                        name + " has constants and is not in the table");
            }
        }
    }

    private static Map<String, Integer> constants(Class<?> type) throws IllegalAccessException {
        var constants = new TreeMap<String, Integer>();
        for (Field field : type.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            if (field.getType() == int.class && Modifier.isStatic(modifiers)
                    && Modifier.isFinal(modifiers) && !Modifier.isPrivate(modifiers)) {
                constants.put(field.getName(), field.getInt(null));
            }
        }
        return constants;
    }
}
