// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.MemorySegment;

import jpasst.flow.Flow;

/** Where datagrams that a socket had go on to: the tap, or the socket of the flow's other side. */
interface Outlet {
    /**
     * Sends one datagram, or several of one length which follow each other in memory. What must
     * be there in front of them is said at {@link TapDatagrams#HEADERS}.
     *
     * @param side the flow's side they leave by
     * @param at offset of the payload, which must stay as it is until {@link #flush}
     * @param length bytes of payload in all
     * @param each bytes of each datagram but the last, which may be shorter; {@code length} for one
     */
    void send(Flow flow, int side, MemorySegment memory, long at, int length, int each);

    /** Has what was sent so far out of the memory it is in. */
    void flush();
}
