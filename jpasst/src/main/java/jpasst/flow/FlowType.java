// SPDX-License-Identifier: Apache-2.0

package jpasst.flow;

import jpasst.loop.EventType;

/** What a flow carries, and in which of our ways. */
public enum FlowType {
    /** Not chosen yet, or a free slot. */
    NONE("<none>", 0, null, false),
    /** A TCP connection between the guest and a host socket. It has timers of its own. */
    TCP("TCP connection", 6, EventType.TCP, false),
    /**
     * A TCP connection between two sockets, of the host and of the guest's namespace. Whatever
     * time does to it, the kernel's sockets see to.
     */
    TCP_SPLICE("TCP connection (spliced)", 6, EventType.TCP_SPLICE, false),
    /** Echo requests from one guest address to one address with one identifier. */
    PING4("ICMP ping sequence", 1, EventType.PING, true),
    /** The same over ICMPv6. */
    PING6("ICMPv6 ping sequence", 58, EventType.PING, true),
    /** Datagrams between two addresses and ports. */
    UDP("UDP flow", 17, EventType.UDP, true);

    private final String text;
    private final int protocol;
    private final EventType eventType;
    private final boolean timed;

    FlowType(String text, int protocol, EventType eventType, boolean timed) {
        this.text = text;
        this.protocol = protocol;
        this.eventType = eventType;
        this.timed = timed;
    }

    /** The IP protocol number; 0 for {@link #NONE}. */
    public int protocol() {
        return protocol;
    }

    /** The type in the event tags of its sockets; null for {@link #NONE}. */
    public EventType eventType() {
        return eventType;
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
