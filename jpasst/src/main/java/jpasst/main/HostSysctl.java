// SPDX-License-Identifier: Apache-2.0
package jpasst.main;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jpasst.linux.Files;
import jpasst.linux.Sockets;
import jpasst.tcp.TcpSettings;

/** What the host's kernel is set to, and what it can do, where that is to be imitated or used. */
final class HostSysctl {
    private static final String DIRECTORY = "/proc/sys/net/";
    private static final int MAXIMUM_TEXT = 32;
    private static final long MILLISECOND_NS = 1_000_000L;

    private HostSysctl() {
    }

    /** The settings of TCP, for an MTU of the guest's interface (0: unknown). */
    static TcpSettings tcp(int mtu) {
        TcpSettings defaults = TcpSettings.defaults(mtu);
        long milliseconds = read("ipv4/tcp_rto_max_ms",
                defaults.maxRetransmitTimeoutNs() / MILLISECOND_NS);
        return new TcpSettings(mtu,
                (int) read("ipv4/tcp_syn_retries", defaults.synRetries()),
                (int) read("ipv4/tcp_syn_linear_timeouts", defaults.synLinearTimeouts()),
                milliseconds * MILLISECOND_NS, hasPeekOffset(), defaults.bufferBytes());
    }

    /** Whether SO_PEEK_OFF works for TCP sockets (Linux 6.9). */
    private static boolean hasPeekOffset() {
        int socket = Sockets.socket(Sockets.AF_INET,
                Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
        if (socket < 0) return false;
        int rc = Sockets.setInt(socket, Sockets.SOL_SOCKET, Sockets.SO_PEEK_OFF, 0);
        Files.close(socket);
        return rc == 0;
    }

    /** The number in a file below {@code /proc/sys/net}, or the default without such a file. */
    private static long read(String name, long otherwise) {
        try (var file = new FileInputStream(DIRECTORY + name)) {
            var text = new String(file.readNBytes(MAXIMUM_TEXT), StandardCharsets.US_ASCII);
            return Long.parseLong(text.strip());
        } catch (IOException | NumberFormatException e) {
            return otherwise;
        }
    }
}
