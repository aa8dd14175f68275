// SPDX-License-Identifier: Apache-2.0
package jpasst.splice;

import jpasst.flow.Tgt;
import jpasst.linux.Files;

/** The handler of spliced TCP connections. */
public final class SpliceFlows {
    /**
     * Completes a flow whose target is a socket pif, and takes over its accepted socket.
     *
     * @param tgt the flow under construction, which is ACTIVE or cancelled afterwards
     * @param socket the accepted socket of side 0
     */
    public void open(Tgt tgt, int socket, long nowNs) {
        Files.close(socket);
        tgt.cancel();
    }
}
