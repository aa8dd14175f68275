// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

/** What a flow of type UDP has beyond the common part. */
final class UdpFlow {
    private final UdpSide initiating = new UdpSide();
    private final UdpSide target = new UdpSide();
    private long lastActiveNs;
    private boolean closed;

    UdpFlow(long nowNs) {
        lastActiveNs = nowNs;
    }

    UdpSide side(int side) {
        return side == 0 ? initiating : target;
    }

    /** Sockets are closed and sides unhashed; the slot is freed by the next deferred pass. */
    boolean closed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    void active(int side, int datagrams, long nowNs) {
        side(side).count(datagrams);
        lastActiveNs = nowNs;
    }

    boolean isExpired(UdpTimeouts timeouts, long nowNs) {
        return nowNs - lastActiveNs > (isStream() ? timeouts.streamNs() : timeouts.singleNs());
    }

    /** The target has answered, and it is more than one question and one answer. */
    private boolean isStream() {
        return target.activity >= 1 && (initiating.activity > 1 || target.activity > 1);
    }
}
