// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

/** Is told of the host's neighbours, in the order of the kernel's messages. */
public interface NeighborListener {
    /** What {@link #neighbor} is told for a neighbour who is gone or not to be reached. */
    long NO_MAC = 0;

    /**
     * A neighbour came, changed, was confirmed, or went.
     *
     * @param index of the interface he is on
     * @param high first half of his IP address
     * @param low second half
     * @param mac his MAC address, 48 bits, a unicast one; or {@link #NO_MAC}
     */
    void neighbor(int index, long high, long low, long mac);

    /** All neighbours will be told of, between others that change meanwhile. */
    void dumpBegins();

    /**
     * All neighbours have been told of since {@link #dumpBegins}.
     *
     * @param complete false if some may be missing or outdated
     */
    void dumpEnds(boolean complete);
}
