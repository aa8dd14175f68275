// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import java.lang.foreign.MemorySegment;

import jpasst.flow.Flow;

/**
 * Passes datagrams on to the connected socket of a flow's side. Those of equal length go out
 * together, wherever in memory they are.
 */
final class SocketDatagrams implements Outlet {
    private final SendQueue queue;

    SocketDatagrams(SendQueue queue) {
        this.queue = queue;
    }

    @Override
    public void send(Flow flow, int side, MemorySegment memory, long at, int length, int each) {
        UdpFlow body = flow.body();
        queue.add(body.side(side), memory, at, length, each);
    }

    @Override
    public void flush() {
        queue.flush();
    }
}
