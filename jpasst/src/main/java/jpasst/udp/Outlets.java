// SPDX-License-Identifier: Apache-2.0
package jpasst.udp;

import jpasst.flow.Flow;
import jpasst.flow.Pif;

/** The outlets there are, one for each kind of interface. */
final class Outlets {
    private final TapDatagrams tap;
    private final SocketDatagrams sockets;

    Outlets(TapDatagrams tap, SocketDatagrams sockets) {
        this.tap = tap;
        this.sockets = sockets;
    }

    /** By what datagrams leave that go on by a side of a flow. */
    Outlet of(Flow flow, int side) {
        return flow.pif(side) == Pif.TAP ? tap : sockets;
    }

    /** Has everything out of the memory it is in. */
    void flush() {
        sockets.flush();
    }
}
