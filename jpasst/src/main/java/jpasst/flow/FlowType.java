// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

/** What a flow carries, and in which of our ways. */
public enum FlowType {
    /** Not chosen yet, or a free slot. */
    NONE("<none>", 0, false),
    /** A TCP connection between the guest and a host socket. It has timers of its own. */
    TCP("TCP connection", 6, false),
    /** A TCP connection between two sockets, of the host and of the guest's namespace. */
    TCP_SPLICE("TCP connection (spliced)", 6, true),
    /** Echo requests from one guest address to one address with one identifier. */
    PING4("ICMP ping sequence", 1, true),
    /** The same over ICMPv6. */
    PING6("ICMPv6 ping sequence", 58, true),
    /** Datagrams between two addresses and ports. */
    UDP("UDP flow", 17, true);

    private final String text;
    private final int protocol;
    private final boolean timed;

    FlowType(String text, int protocol, boolean timed) {
        this.text = text;
        this.protocol = protocol;
        this.timed = timed;
    }

    /** The IP protocol number; 0 for {@link #NONE}. */
    public int protocol() {
        return protocol;
    }

    /** Whether ACTIVE flows of this type are asked {@link FlowHandler#timer} each second. */
    public boolean isTimed() {
        return timed;
    }

    /** The name as log lines show it. */
    @Override
    public String toString() {
        return text;
    }
}
