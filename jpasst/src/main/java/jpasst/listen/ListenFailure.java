// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.linux.Errno;
import jpasst.linux.Sockets;

/** Says for the user why ports cannot be had. */
final class ListenFailure {
    private ListenFailure() {
    }

    /**
     * One line about a rule.
     *
     * @param port the first that failed
     * @param errno why, positive
     * @param others how many more failed
     */
    static String text(Pif pif, ForwardRule rule, int port, int errno, int others) {
        var text = new StringBuilder().append(pif).append(": cannot listen on ");
        append(text, rule, port).append(": ").append(Errno.message(errno));
        text.append(remedy(rule, errno));
        if (others > 0) {
            text.append("; nor on ").append(others).append(" more of the ports ")
                    .append(rule.firstPort()).append('-').append(rule.lastPort());
        }
        return text.toString();
    }

    /** What a rule listens on, such as {@code TCP [*]%lo:80}. */
    static StringBuilder append(StringBuilder text, ForwardRule rule, int port) {
        text.append(rule.protocol() == Sockets.IPPROTO_TCP ? "TCP [" : "UDP [");
        if (rule.isDualStack()) {
            text.append('*');
        } else {
            text.append(rule.address());
        }
        text.append(']');
        if (rule.interfaceName() != null) {
            text.append('%').append(rule.interfaceName());
        }
        return text.append(':').append(port);
    }

    private static String remedy(ForwardRule rule, int errno) {
        return switch (errno) {
            case Errno.EACCES -> " (that port is for the privileged: lower the sysctl"
                    + " net.ipv4.ip_unprivileged_port_start, or forward from a higher port)";
            case Errno.EMFILE, Errno.ENFILE -> " (each port takes a descriptor: raise the limit,"
                    + " see ulimit -n, or forward fewer ports)";
            case Errno.EADDRNOTAVAIL -> " (no interface has that address; with --freebind"
                    + " that does not matter)";
            case Errno.ENODEV -> " (there is no interface " + rule.interfaceName() + ")";
            default -> "";
        };
    }
}
