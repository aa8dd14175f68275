// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/**
 * One side of a flow, from our process's point of view: the endpoint is the remote party on that
 * interface, "our" is the address and port we use, or impersonate, there. On the tap the endpoint
 * is the guest and ours is whom the guest talks to. A ping has its identifier in both ports.
 *
 * <p>Addresses are two longs, the big-endian halves of 16 bytes; IPv4 is the mapped form
 * ::ffff:a.b.c.d, so the family is a property of the value. Ports are 0 to 65535.
 *
 * <p>Make one with {@link #FlowSide()} as a probe for lookups and reuse it; the sides of a flow
 * belong to the table and refuse {@link #set}.
 */
public final class FlowSide {
    private final boolean inTable;
    private long endpointHigh;
    private long endpointLow;
    private long ourHigh;
    private long ourLow;
    private int endpointPort;
    private int ourPort;

    /** An empty side of the caller's own. */
    public FlowSide() {
        this(false);
    }

    FlowSide(boolean inTable) {
        this.inTable = inTable;
    }

    /** First half of the endpoint's address. */
    public long endpointHigh() {
        return endpointHigh;
    }

    /** Second half of the endpoint's address. */
    public long endpointLow() {
        return endpointLow;
    }

    /** The endpoint's port. */
    public int endpointPort() {
        return endpointPort;
    }

    /** First half of our address. */
    public long ourHigh() {
        return ourHigh;
    }

    /** Second half of our address. */
    public long ourLow() {
        return ourLow;
    }

    /** Our port. */
    public int ourPort() {
        return ourPort;
    }

    /**
     * Sets all values.
     *
     * @throws IllegalStateException for a side of a flow in the table
     */
    public FlowSide set(long endpointHigh, long endpointLow, int endpointPort,
            long ourHigh, long ourLow, int ourPort) {
        if (inTable) {
            throw new IllegalStateException("side of a flow set from outside the table");
        }
        assign(endpointHigh, endpointLow, endpointPort, ourHigh, ourLow, ourPort);
        return this;
    }

    /** Whether all values are equal. */
    public boolean sameAs(FlowSide other) {
        return endpointLow == other.endpointLow && ourLow == other.ourLow
            && endpointPort == other.endpointPort && ourPort == other.ourPort
            && endpointHigh == other.endpointHigh && ourHigh == other.ourHigh;
    }

    void assign(long endpointHigh, long endpointLow, int endpointPort,
            long ourHigh, long ourLow, int ourPort) {
        this.endpointHigh = endpointHigh;
        this.endpointLow = endpointLow;
        this.endpointPort = port(endpointPort);
        this.ourHigh = ourHigh;
        this.ourLow = ourLow;
        this.ourPort = port(ourPort);
    }

    void assign(FlowSide other) {
        assign(other.endpointHigh, other.endpointLow, other.endpointPort,
            other.ourHigh, other.ourLow, other.ourPort);
    }

    void assignOur(long high, long low, int port) {
        ourHigh = high;
        ourLow = low;
        ourPort = port(port);
    }

    private static int port(int port) {
        assert port >= 0 && port <= 0xffff : port;
        return port;
    }
}
