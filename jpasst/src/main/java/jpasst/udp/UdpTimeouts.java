// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * How long a UDP flow may be silent before it ends: the same as connection tracking on the host
 * would allow, so that the guest fares as an application on the host does.
 *
 * @param singleNs for an exchange of one datagram each way at most, or one way only
 * @param streamNs for one with answers and more than a single datagram on some side
 */
public record UdpTimeouts(long singleNs, long streamNs) {
    /** The kernel's defaults, 30 and 120 seconds. */
    public static final UdpTimeouts DEFAULT = ofSeconds(30, 120);

    private static final String SINGLE = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout";
    private static final String STREAM = SINGLE + "_stream";
    private static final int MAXIMUM_SECONDS = 365 * 24 * 3600;
    private static final int MAXIMUM_TEXT = 32;

    /** Timeouts in seconds. */
    public static UdpTimeouts ofSeconds(int single, int stream) {
        return new UdpTimeouts(single * 1_000_000_000L, stream * 1_000_000_000L);
    }

    /** What the host's sysctls say; the defaults where it has none, or nonsense. */
    public static UdpTimeouts ofHost() {
        return new UdpTimeouts(read(SINGLE, DEFAULT.singleNs), read(STREAM, DEFAULT.streamNs));
    }

    static long read(String path, long otherwiseNs) {
        try (var file = new FileInputStream(path)) {
            var text = new String(file.readNBytes(MAXIMUM_TEXT), StandardCharsets.US_ASCII);
            int seconds = Integer.parseInt(text.strip());
            boolean sane = seconds > 0 && seconds <= MAXIMUM_SECONDS;
            return sane ? seconds * 1_000_000_000L : otherwiseNs;
        } catch (IOException | NumberFormatException e) {
            return otherwiseNs; // Without connection tracking there are no such files.
        }
    }
}
