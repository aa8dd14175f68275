// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import static jpasst.config.OptionGroup.ADDRESSING;
import static jpasst.config.OptionGroup.FORWARDING;
import static jpasst.config.OptionGroup.GENERAL;
import static jpasst.config.OptionGroup.GUEST;
import static jpasst.config.OptionGroup.NAMESPACE;
import static jpasst.config.OptionGroup.OUTBOUND;
import static jpasst.config.OptionGroup.PROCESS;
import static jpasst.config.OptionGroup.PROTOCOLS;
import static jpasst.config.OptionGroup.SERVICES;
import static jpasst.config.OptionGroup.TRANSLATION;
import static jpasst.config.OptionScope.BOTH;
import static jpasst.config.OptionScope.PASST;
import static jpasst.config.OptionScope.PASTA;
import static jpasst.config.OptionScope.VHOST_USER;
import static jpasst.config.OptionSupport.NOT_YET;
import static jpasst.config.OptionSupport.YES;

/**
 * Every option of passt and pasta (man page passt(1)): the one table that the parser, the help
 * text and the launcher's own table ({@link LauncherOptions}) are made from.
 *
 * <p>The order is the order of the help text. A letter of 0 means there is no short form; a
 * placeholder of null means the option takes no value.
 */
enum Option {
    HELP('h', "help", null, BOTH, GENERAL, YES, "Show this text and exit"),
    VERSION(0, "version", null, BOTH, GENERAL, YES, "Show version and licence and exit"),
    DEBUG('d', "debug", null, BOTH, GENERAL, YES, "Log debug messages to standard error"),
    TRACE(0, "trace", null, BOTH, GENERAL, YES, "Log every frame too, implies --debug"),
    QUIET('q', "quiet", null, BOTH, GENERAL, YES, "Log warnings and errors only"),
    STATS(0, "stats", "DELAY", BOTH, GENERAL, YES, "Show event counts every DELAY s"),
    STDERR('e', "stderr", null, BOTH, GENERAL, YES, "Deprecated, no effect"),
    LOG_FILE('l', "log-file", "PATH", BOTH, GENERAL, YES, "Log to this file, no system log"),
    LOG_SIZE(0, "log-size", "BYTES", BOTH, GENERAL, YES, "Largest size of the log file"),
    PCAP('p', "pcap", "FILE", BOTH, GENERAL, YES, "Capture the guest's frames to FILE"),

    FOREGROUND('f', "foreground", null, BOTH, PROCESS, YES, "Don't go to the background"),
    PID('P', "pid", "FILE", BOTH, PROCESS, YES, "Write own process ID to FILE"),
    RUNAS(0, "runas", "USER[:GROUP]", BOTH, PROCESS, YES,
            "Run as this user, if started as root"),
    CONF_PATH('c', "conf-path", "PATH", BOTH, PROCESS, NOT_YET, "Socket to change port rules"),
    CHROOT_FALLBACK(0, "chroot-fallback", null, BOTH, PROCESS, YES,
            "Use chroot() where pivot_root() fails"),

    NETNS(0, "netns", "PATH|NAME", PASTA, NAMESPACE, YES, "Network namespace to connect"),
    USERNS(0, "userns", "PATH", PASTA, NAMESPACE, YES, "User namespace to join"),
    NETNS_ONLY(0, "netns-only", null, PASTA, NAMESPACE, YES,
            "Don't join or create a user namespace"),
    CONFIG_NET(0, "config-net", null, PASTA, NAMESPACE, YES, "Configure addresses and routes"),
    NS_IFNAME('I', "ns-ifname", "NAME", PASTA, NAMESPACE, YES, "Interface name in the namespace"),
    NS_MAC_ADDR(0, "ns-mac-addr", "MAC", PASTA, NAMESPACE, YES, "MAC address in the namespace"),
    NO_NETNS_QUIT(0, "no-netns-quit", null, PASTA, NAMESPACE, YES,
            "Stay when the namespace goes away"),
    NO_PIDNS(0, "no-pidns", null, PASTA, NAMESPACE, YES, "No PID namespace for the command"),
    NO_COPY_ROUTES(0, "no-copy-routes", null, PASTA, NAMESPACE, YES, "Don't copy routes"),
    NO_COPY_ADDRS(0, "no-copy-addrs", null, PASTA, NAMESPACE, YES, "Don't copy addresses"),

    IPV4_ONLY('4', "ipv4-only", null, BOTH, ADDRESSING, YES, "No IPv6"),
    IPV6_ONLY('6', "ipv6-only", null, BOTH, ADDRESSING, YES, "No IPv4"),
    INTERFACE('i', "interface", "INTERFACE", BOTH, ADDRESSING, YES,
            "Host interface to take as template"),
    ADDRESS('a', "address", "ADDR[/LEN]", BOTH, ADDRESSING, YES, "Address of the guest"),
    NETMASK('n', "netmask", "MASK", BOTH, ADDRESSING, YES, "IPv4 mask, dotted or a length"),
    GATEWAY('g', "gateway", "ADDR", BOTH, ADDRESSING, YES, "Gateway of the guest"),
    MTU('m', "mtu", "MTU", BOTH, ADDRESSING, YES, "MTU of the interface, 0: don't set"),
    MAC_ADDR('M', "mac-addr", "MAC", BOTH, ADDRESSING, YES, "MAC address the guest sees for us"),

    MAP_HOST_LOOPBACK(0, "map-host-loopback", "ADDR|none", BOTH, TRANSLATION, YES,
            "Address for the host's loopback"),
    NO_MAP_GW(0, "no-map-gw", null, BOTH, TRANSLATION, YES, "Gateway address is not the host"),
    MAP_GUEST_ADDR(0, "map-guest-addr", "ADDR|none", BOTH, TRANSLATION, YES,
            "Address for the host's own address"),
    DNS_FORWARD(0, "dns-forward", "ADDR", BOTH, TRANSLATION, YES, "Forward DNS queries sent here"),
    DNS_HOST(0, "dns-host", "ADDR", BOTH, TRANSLATION, YES, "Resolver those queries go to"),

    OUTBOUND_ADDRESS('o', "outbound", "ADDR", BOTH, OUTBOUND, YES, "Source address"),
    OUTBOUND_IF4(0, "outbound-if4", "INTERFACE", BOTH, OUTBOUND, YES, "Interface for IPv4"),
    OUTBOUND_IF6(0, "outbound-if6", "INTERFACE", BOTH, OUTBOUND, YES, "Interface for IPv6"),

    NO_TCP(0, "no-tcp", null, BOTH, PROTOCOLS, YES, "Drop TCP"),
    NO_UDP(0, "no-udp", null, BOTH, PROTOCOLS, YES, "Drop UDP"),
    NO_ICMP(0, "no-icmp", null, BOTH, PROTOCOLS, YES, "Drop ICMP and ICMPv6"),

    TCP_PORTS('t', "tcp-ports", "SPEC", BOTH, FORWARDING, YES, "TCP ports into the namespace"),
    UDP_PORTS('u', "udp-ports", "SPEC", BOTH, FORWARDING, YES, "UDP ports into the namespace"),
    TCP_NS('T', "tcp-ns", "SPEC", PASTA, FORWARDING, YES, "TCP ports to the host's loopback"),
    UDP_NS('U', "udp-ns", "SPEC", PASTA, FORWARDING, YES, "UDP ports to the host's loopback"),
    FREEBIND(0, "freebind", null, BOTH, FORWARDING, YES, "Listen on addresses not there yet"),
    HOST_LO_TO_NS_LO(0, "host-lo-to-ns-lo", null, PASTA, FORWARDING, YES,
            "Host's loopback to the namespace's"),
    NO_SPLICE(0, "no-splice", null, PASTA, FORWARDING, YES,
            "Host's loopback by the interface too"),
    SPLICE_ONLY(0, "splice-only", null, PASTA, FORWARDING, YES,
            "Loopback to loopback, no interface"),

    DNS('D', "dns", "ADDR|none", BOTH, SERVICES, YES, "Resolver to advertise"),
    SEARCH('S', "search", "DOMAIN|none", BOTH, SERVICES, YES, "Search domain to advertise"),
    NO_DHCP_DNS(0, "no-dhcp-dns", null, PASST, SERVICES, YES, "Don't advertise resolvers"),
    DHCP_DNS(0, "dhcp-dns", null, PASTA, SERVICES, YES, "Advertise resolvers"),
    NO_DHCP_SEARCH(0, "no-dhcp-search", null, PASST, SERVICES, YES,
            "Don't advertise search domains"),
    DHCP_SEARCH(0, "dhcp-search", null, PASTA, SERVICES, YES, "Advertise search domains"),
    NO_DHCP(0, "no-dhcp", null, BOTH, SERVICES, YES, "No DHCP server"),
    NO_NDP(0, "no-ndp", null, BOTH, SERVICES, YES, "No NDP responder"),
    NO_DHCPV6(0, "no-dhcpv6", null, BOTH, SERVICES, YES, "No DHCPv6 server"),
    NO_RA(0, "no-ra", null, BOTH, SERVICES, YES, "No router advertisements"),
    HOSTNAME('H', "hostname", "NAME", BOTH, SERVICES, YES, "Host name of the guest"),
    FQDN(0, "fqdn", "NAME", BOTH, SERVICES, YES, "Full name of the guest"),

    SOCKET('s', "socket", "PATH", PASST, GUEST, YES, "UNIX socket to listen on"),
    SOCKET_PATH(0, "socket-path", "PATH", PASST, GUEST, YES, "The same as --socket"),
    FD('F', "fd", "NUMBER", PASST, GUEST, YES, "Connected socket to use"),
    ONE_OFF('1', "one-off", null, PASST, GUEST, YES, "Exit when the guest disconnects"),
    VHOST_USER_MODE(0, "vhost-user", null, VHOST_USER, GUEST, NOT_YET, "Speak vhost-user"),
    PRINT_CAPABILITIES(0, "print-capabilities", null, BOTH, GUEST, YES,
            "Print capabilities as JSON"),
    REPAIR_PATH(0, "repair-path", "PATH|none", VHOST_USER, GUEST, NOT_YET,
            "Socket of the migration helper"),
    MIGRATE_EXIT(0, "migrate-exit", null, VHOST_USER, GUEST, NOT_YET, "Deprecated"),
    MIGRATE_NO_LINGER(0, "migrate-no-linger", null, VHOST_USER, GUEST, NOT_YET, "Deprecated");

    private final char letter;
    private final String longName;
    private final String placeholder;
    private final OptionScope scope;
    private final OptionGroup group;
    private final OptionSupport support;
    private final String help;

    Option(int letter, String longName, String placeholder, OptionScope scope, OptionGroup group,
            OptionSupport support, String help) {
        this.letter = (char) letter;
        this.longName = longName;
        this.placeholder = placeholder;
        this.scope = scope;
        this.group = group;
        this.support = support;
        this.help = help;
    }

    /** The short form, or 0 if there is none. */
    char letter() {
        return letter;
    }

    /** The long form without its dashes. */
    String longName() {
        return longName;
    }

    boolean takesValue() {
        return placeholder != null;
    }

    /** What stands for the value in the help text, or null. */
    String placeholder() {
        return placeholder;
    }

    OptionScope scope() {
        return scope;
    }

    OptionGroup group() {
        return group;
    }

    OptionSupport support() {
        return support;
    }

    /** One line for the help text. */
    String help() {
        return help;
    }
}
