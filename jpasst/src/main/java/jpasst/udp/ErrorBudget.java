// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

/**
 * How many ICMP errors the guest is sent: a burst, then so many a second, as kernels limit their
 * own (RFC 1812 section 4.3.2.8, RFC 4443 section 2.4 f).
 */
final class ErrorBudget {
    static final int BURST = 100;
    static final int PER_SECOND = 1000;

    private static final long NS_PER_ERROR = 1_000_000_000L / PER_SECOND;
    private static final long FULL_NS = BURST * NS_PER_ERROR;

    /** When the budget will be, or was, full. */
    private long fullAtNs = Long.MIN_VALUE;

    boolean permits(long nowNs) {
        long full = Math.max(fullAtNs, nowNs) + NS_PER_ERROR;
        if (full - nowNs > FULL_NS) {
            return false;
        }
        fullAtNs = full;
        return true;
    }
}
