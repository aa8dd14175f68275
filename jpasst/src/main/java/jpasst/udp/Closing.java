// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.flow.Flow;
import jpasst.flow.FlowTable;
import jpasst.linux.Files;
import jpasst.loop.EventLoop;

/** Ends flows: afterwards they have no socket, nothing queued, and no side that can be found. */
final class Closing {
    private final FlowTable table;
    private final EventLoop loop;
    private final SendQueue queue;
    private long count;

    Closing(FlowTable table, EventLoop loop, SendQueue queue) {
        this.table = table;
        this.loop = loop;
        this.queue = queue;
    }

    /** Ends an ACTIVE flow: its slot is freed by the next deferred pass. */
    void close(Flow flow) {
        UdpFlow body = flow.body();
        for (int side = 0; side < 2; side++) {
            UdpSide part = body.side(side);
            if (queue.holds(part)) {
                queue.flush();
            }
            closeSocket(part);
            table.remove(flow.sidx(side));
        }
        body.close();
        count++;
        table.markDeferred(flow);
    }

    /** How many were ended: as long as it is the same, a flow that was there still is. */
    long count() {
        return count;
    }

    /** Closes the sockets of a flow that did not become ACTIVE. */
    void closeSockets(UdpFlow body) {
        closeSocket(body.side(0));
        closeSocket(body.side(1));
    }

    private void closeSocket(UdpSide side) {
        if (side.socket != UdpSide.NO_SOCKET) {
            loop.forget(side.socket);
            Files.close(side.socket);
            side.socket = UdpSide.NO_SOCKET;
        }
    }
}
