// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import jpasst.log.Log;

/**
 * The ports from which the kernel picks those of outgoing connections. Listening on all of them
 * would take them from everybody, so {@code all} and {@code auto} leave them out.
 */
public final class EphemeralPorts {
    /** {@code ip_local_port_range} of ip(7); it is the network namespace's. */
    private static final String PATH = "/proc/sys/net/ipv4/ip_local_port_range";
    /** The range that IANA sets aside for it (RFC 6335 section 6). */
    private static final PortRange DYNAMIC = new PortRange(49152, PortRange.MAX_PORT);

    private EphemeralPorts() {}

    /** The range of the calling thread's network namespace; warns if it cannot be had. */
    public static PortRange read(Log log) {
        String text;
        try (var file = new FileInputStream(PATH)) {
            text = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            text = "";
        }
        PortRange range = parse(text);
        if (range == null) {
            log.warn("cannot read " + PATH + ", taking ports " + DYNAMIC.first() + " to "
                + DYNAMIC.last() + " for the ephemeral ones");
            return DYNAMIC;
        }
        return range;
    }

    /** The range in a file's text, two numbers with a tab between; null if it has none. */
    static PortRange parse(String text) {
        return text.indexOf('\t') < 0
            ? null : PortRange.tryParse(text.strip().replace('\t', '-'));
    }
}
