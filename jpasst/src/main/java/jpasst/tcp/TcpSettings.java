// SPDX-License-Identifier: Apache-2.0
package jpasst.tcp;

/**
 * What the TCP handler is told once, at start.
 *
 * @param mtu MTU of the guest's interface in bytes, 0 if the guest is not told any
 * @param synRetries how often the host's kernel repeats a SYN with doubling pauses
 *     (sysctl net.ipv4.tcp_syn_retries)
 * @param synLinearTimeouts how often it does before pauses begin to double
 *     (sysctl net.ipv4.tcp_syn_linear_timeouts)
 * @param maxRetransmitTimeoutNs longest pause between two retransmissions, in nanoseconds
 *     (sysctl net.ipv4.tcp_rto_max_ms)
 * @param peekOffset whether the kernel keeps an offset for peeking at TCP sockets (SO_PEEK_OFF,
 *     Linux 6.9)
 * @param bufferBytes bound on the memory of all connections' buffers together, in bytes
 */
public record TcpSettings(int mtu, int synRetries, int synLinearTimeouts,
        long maxRetransmitTimeoutNs, boolean peekOffset, long bufferBytes) {

    /** Bound on the memory of all buffers unless told otherwise, in bytes. */
    public static final long DEFAULT_BUFFER_BYTES = 64L << 20;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final int MAX_SYN_COUNT = 127;

    /** Settings with the kernel's own defaults (ip-sysctl documentation), for an MTU. */
    public static TcpSettings defaults(int mtu) {
        return new TcpSettings(mtu, 6, 4, 120 * SECOND_NS, true, DEFAULT_BUFFER_BYTES);
    }

    public TcpSettings {
        synRetries = Math.clamp(synRetries, 0, MAX_SYN_COUNT);
        synLinearTimeouts = Math.clamp(synLinearTimeouts, 0, MAX_SYN_COUNT);
        maxRetransmitTimeoutNs = Math.max(SECOND_NS, maxRetransmitTimeoutNs);
    }
}
