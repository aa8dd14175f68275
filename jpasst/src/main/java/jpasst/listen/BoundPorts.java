// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;

/** Knows which ports are bound on a side, by whomever. Loop thread only. */
interface BoundPorts {
    /**
     * Looks now.
     *
     * @param pif {@link Pif#HOST}, or {@link Pif#SPLICE} for the namespace
     * @param protocol IP protocol number: TCP's ports that are listened on, or UDP's that take
     *     datagrams from anybody
     * @param ports becomes the set of them; left as it is if they cannot be told
     */
    void read(Pif pif, int protocol, PortSet ports);

    /** Bytes read for all of that so far. */
    long bytesRead();
}
